"""Products as Medusa shows them."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

from medusa_double import MedusaDouble
from medusa_recorded import MEDUSA

from op_core.models import Product
from op_core.testing.subject import CannotHold

__all__ = ["offered"]

JSON = dict[str, Any]
STATUSES = {"ACTIVE": "published", "DRAFT": "draft", "ARCHIVED": "rejected"}


def offered(shop: MedusaDouble, products: Sequence[Product]) -> list[JSON]:
    """Return them, those of one id as variants of one product."""
    made: dict[str, JSON] = {}
    for one in products:
        if one.status not in STATUSES or one.components or one.tax or one.in_stock is not None:
            raise CannotHold("a Medusa's product is published or not, and has neither parts nor a tax of its own")
        product = made.get(one.id)
        if product is None:
            product = made[one.id] = copy.deepcopy(MEDUSA.product) | {"id": shop.new("prod"), "variants": []}
            product |= {"title": one.name, "status": STATUSES[one.status], "description": one.description or None}
        product["variants"].append(_variant(shop, product["id"], one))
        if one.quantity is not None:
            shop.stock[one.sku] = one.quantity
    return list(made.values())


def _variant(shop: MedusaDouble, product_id: str, one: Product) -> JSON:
    variant = copy.deepcopy(MEDUSA.product["variants"][0])
    variant |= {"id": shop.new("variant"), "product_id": product_id, "sku": one.sku}
    variant["prices"] = [
        variant["prices"][0] | {"amount": one.price.amount, "currency_code": one.price.currency.lower()}
    ]
    return variant
