"""Products. Pages: PRD-C, PRD-U."""

from __future__ import annotations

from op_core.order_protection.schema import CreateProduct, UpdateProduct
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.replies import Ok
from op_core.sandbox.served import Asked, Served
from op_core.sandbox.web import OK, Answer

__all__ = ["product_calls"]


def product_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls about products."""

    async def create(asked: Asked) -> Answer:
        local.products.create(asked.said)
        return Answer(OK, 201)

    async def update(asked: Asked) -> Answer:
        local.products.update(asked.id("productId"), asked.said)
        return Answer(OK)

    return [
        Served(
            method="POST",
            path="/v2/products",
            kind="documented",
            page="PRD-C",
            does="Make a product, or one variant of it, known.",
            scope="write_products",
            act=create,
            body=CreateProduct,
            answers={201: Ok},
            refuses=[409],
            makes={"productId": "$request.body#/productId"},
        ),
        Served(
            method="PUT",
            path="/v2/products/{productId}",
            kind="documented",
            page="PRD-U",
            does="Change the fields that the body names.",
            scope="write_products",
            act=update,
            body=UpdateProduct,
            answers={200: Ok},
        ),
    ]
