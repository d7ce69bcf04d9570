"""Rows of one Oscar's tables, and what it has in its catalogue."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs

from op_core.models import Product
from op_core.money import Money
from op_core.testing.subject import CannotHold

__all__ = ["PROTECTION", "Tables", "amount", "stamp"]

CENT = Decimal("0.01")
PROTECTION = "PROTECT-STD"


def stamp(time: datetime) -> str:
    """Return the time as Oscar writes it: UTC without saying so."""
    return str(time.astimezone(UTC).replace(tzinfo=None))


def amount(money: Money) -> str:
    """Write an amount as its column holds it."""
    if money.amount != money.amount.quantize(CENT):
        raise CannotHold(f"Oscar's amounts have two places, {money} has more")
    return str(money.amount)


@attrs.frozen
class Tables:
    """Oscar's tables."""

    db: sqlite3.Connection

    def insert(self, table: str, **values: Any) -> int:
        """Insert a row, and return its id."""
        names, marks = ", ".join(values), ", ".join(f":{name}" for name in values)
        made = self.db.execute(f"insert into {table} ({names}) values ({marks})", values)  # noqa: S608 - names of this file
        assert made.lastrowid is not None
        return made.lastrowid

    def id(self, statement: str, *values: Any) -> int | None:
        """Return the first column of the first row; None where there is none."""
        found = self.db.execute(statement, values).fetchone()
        return found and int(found[0])

    def sold(self, name: str, sku: str, price: Money) -> tuple[int, int]:
        """Have it sold, if it is not, and return the ids of product and stock record."""
        record = self.id("select id from partner_stockrecord where partner_sku = ? and ? <> ''", sku, sku)
        if record is not None:
            return self.id("select product_id from partner_stockrecord where id = ?", record) or 0, record
        product = self.product(name, structure="standalone", product_class_id=2 if sku == PROTECTION else 1)
        return product, self.record(product, sku, price, 1000)

    def offer(self, products: Sequence[Product]) -> None:
        """Have them sold: each by itself, or as a child of what has its id."""
        parents: dict[str, int] = {}
        for one in products:
            kind = {"product_class_id": 2 if one.quantity is None else 1, "is_public": one.status == "ACTIVE"}
            if one.status not in ("ACTIVE", "DRAFT") or one.components or one.tax or one.in_stock is not None:
                raise CannotHold("an Oscar's product is public or not, and has neither parts nor a tax of its own")
            if not one.variant_id:
                product = self.product(one.name, structure="standalone", description=one.description, **kind)
            else:
                if one.id not in parents:
                    parents[one.id] = self.product(one.name, structure="parent", **kind)
                within = {"parent_id": parents[one.id], "is_public": kind["is_public"]}
                product = self.product(one.name, structure="child", description=one.description, **within)
            self.record(product, one.sku, one.price, one.quantity)

    def product(self, name: str, **more: Any) -> int:
        """Insert a product of the catalogue."""
        at = stamp(datetime(2025, 1, 1, tzinfo=UTC))
        usual = {"slug": "", "description": "", "is_discountable": 1, "is_public": 1, "priority": 0}
        return self.insert("catalogue_product", title=name, date_created=at, date_updated=at, **(usual | more))

    def record(self, product: int, sku: str, price: Money, stock: int | None) -> int:
        """Insert a stock record."""
        at = stamp(datetime(2025, 1, 1, tzinfo=UTC))
        return self.insert(
            "partner_stockrecord",
            partner_sku=sku,
            price=amount(price),
            price_currency=price.currency,
            num_in_stock=stock,
            num_allocated=0,
            partner_id=1,
            product_id=product,
            date_created=at,
            date_updated=at,
        )
