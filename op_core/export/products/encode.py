"""
A product of a shop as the bodies that the API takes (pages PRD-C, PRD-U). Pure.

Amounts as for orders: the shop's own, rounded half-up only where they hold more digits than their currency has.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from op_core.export.encode import NotExportable
from op_core.models import Product, ProductStatus
from op_core.money import Money
from op_core.order_protection.schema import CreateProduct, InventoryType, ProductType, UpdateProduct

__all__ = ["GONE", "TEXTS", "to_create_product", "update_product_of"]

TEXTS = ("description", "sku")  # what an update can empty

# What is said of a product that the shop has no more. No page knows a DELETE (G-18).
GONE = UpdateProduct(status=ProductStatus.DELETED, inventory_quantity=0, in_stock=False)


def to_create_product(product: Product, currency: str) -> CreateProduct:
    """
    Return the body that makes *product* known.

    Args:
        product: The product or variant.
        currency: Of all prices of its store. The wire has no field for it, so an amount in another one would be read
            as this one.

    Raises:
        NotExportable: It has no name, or an amount is in another currency.
        NotSendable: A value is not one that the page takes.
    """
    if not product.name:
        raise NotExportable("it has no name; page PRD-C asks for one")
    for what, amount in (("price", product.price), ("tax", product.tax)):
        if amount is not None and amount.currency != currency:
            raise NotExportable(
                f"its {what} is in {amount.currency}, and the products of this store are sent in {currency}: "
                "the page has no field for a currency (export.product_currency)"
            )
    return CreateProduct(
        product_id=product.id,
        variant_id=product.variant_id or None,
        status=product.status,
        name=product.name,
        price=product.price.sendable().amount,
        tax=_perhaps(product.tax),
        product_type=ProductType.FULL if product.components else ProductType.SIMPLE,
        bundle_product_ids=product.components or None,
        description=product.description or None,
        sku=product.sku or None,
        product_image=product.image_url or None,
        **_stock(product),
    )


def _perhaps(money: Money | None) -> Any:
    return None if money is None else money.sendable().amount


def _stock(product: Product) -> dict[str, Any]:
    """
    Say how much there is, or only whether.

    The page asks for a count also where there is none: 1 stands for "some", 0 for "none". A product of which the shop
    says neither is in stock: before a reship the shop is asked anyway, while "out of stock" would end it unasked.
    """
    if product.quantity is not None:
        return {"inventory_type": InventoryType.FULL, "inventory_quantity": max(product.quantity, 0)}
    there = True if product.in_stock is None else product.in_stock
    return {"inventory_type": InventoryType.SIMPLE, "inventory_quantity": 1 if there else 0, "in_stock": there}


def update_product_of(created: CreateProduct, known_texts: Collection[str] = ()) -> UpdateProduct:
    """
    Return the update that says what *created* says, without what no update carries: variant and parts of a bundle.

    Args:
        created: The body that makes it known.
        known_texts: Those of `TEXTS` that Order Protection has: what a body leaves out stays as it is, so they are said
            as empty where the shop took them away.
    """
    common = UpdateProduct.model_fields.keys() & CreateProduct.model_fields.keys()
    fields = {name: getattr(created, name) for name in common}
    fields |= {name: "" for name in known_texts if fields[name] is None}
    return UpdateProduct(**fields)
