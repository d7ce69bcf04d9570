"""Products and their stock. Pages: PRD-C, PRD-U."""

from __future__ import annotations

from op_core.order_protection.dialects.sending import spelled
from op_core.order_protection.dialects.switches import DOCUMENTED, Dialect
from op_core.order_protection.endpoints.paths import filled
from op_core.order_protection.endpoints.reading import read_ok
from op_core.order_protection.messages import Call, Request
from op_core.order_protection.schema import CreateProduct, UpdateProduct

__all__ = ["create_product", "update_product"]

_PRODUCTS = "/v2/products"
_PRODUCT = "/v2/products/{productId}"


def create_product(body: CreateProduct, dialect: Dialect = DOCUMENTED) -> Call[None]:
    """Make a product known (page PRD-C); 409 where it is there already."""
    said = spelled("PRD-C", body.to_wire(), dialect)
    return Call(Request(method="POST", path=_PRODUCTS, body=said, page="PRD-C", route=_PRODUCTS), read_ok)


def update_product(product_id: str, body: UpdateProduct, dialect: Dialect = DOCUMENTED) -> Call[None]:
    """Change a product (page PRD-U). How one variant is addressed is not stated (G-18): by whatever id is given."""
    said = spelled("PRD-U", body.to_wire(), dialect)
    path = filled(_PRODUCT, productId=(product_id, "product id"))
    return Call(Request(method="PUT", path=path, body=said, repeatable=True, page="PRD-U", route=_PRODUCT), read_ok)
