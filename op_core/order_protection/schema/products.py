"""
Products and their stock as we send them: the only inventory feed that the pages know.

Pages: PRD-C (create product), PRD-U (update product). No page names the currency of a price.
"""

from __future__ import annotations

import enum

from pydantic import Field

from op_core.models import ProductStatus
from op_core.order_protection.schema.fields import Amount, Id, Many, Sent, Text, Url

__all__ = ["CreateProduct", "InventoryType", "ProductType", "UpdateProduct"]


class InventoryType(enum.StrEnum):
    """How stock is told (page PRD-U): ``FULL`` counts, ``SIMPLE`` says whether there is any."""

    FULL = "FULL"
    SIMPLE = "SIMPLE"


class ProductType(enum.StrEnum):
    """``SIMPLE`` is one product, ``FULL`` a bundle: the reading of C-20, for the schema's words and its text differ."""

    FULL = "FULL"
    SIMPLE = "SIMPLE"


class CreateProduct(Sent):
    """
    ``POST /v2/products`` (page PRD-C).

    Attributes:
        product_id: The shop's id of the product.
        variant_id: The shop's id of the variant, where the product has some.
        price: Major units.
        inventory_quantity: What is left; counts where *inventory_type* is ``FULL`` (C-19).
        in_stock: Counts where *inventory_type* is ``SIMPLE``.
        bundle_product_ids: What a bundle is made of.
    """

    page = "PRD-C"
    product_id: Id
    status: ProductStatus
    name: Text
    price: Amount
    inventory_quantity: int = Field(strict=True)
    product_type: ProductType
    variant_id: Text | None = None
    description: Text | None = None
    sku: Text | None = None
    tax: Amount | None = None
    inventory_type: InventoryType | None = None
    product_image: Url | None = None
    in_stock: bool | None = Field(default=None, strict=True)
    bundle_product_ids: Many[Id] | None = None


class UpdateProduct(Sent):
    """``PUT /v2/products/{productId}`` (page PRD-U): what the body leaves out is left as it is (our reading)."""

    page = "PRD-U"
    name: Text | None = None
    status: ProductStatus | None = None
    description: Text | None = None
    sku: Text | None = None
    price: Amount | None = None
    tax: Amount | None = None
    inventory_type: InventoryType | None = None
    inventory_quantity: int | None = Field(default=None, strict=True)
    product_image: Url | None = None
    product_type: ProductType | None = None
    in_stock: bool | None = Field(default=None, strict=True)
