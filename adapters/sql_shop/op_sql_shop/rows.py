"""Rows into fields: which columns a statement has, which fields they are, and what a row says of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

import attrs

from op_core.errors import ContractBroken
from op_core.money import Money, exponent
from op_sql_shop.converters import Converter, Forms, converter
from op_sql_shop.mapping import Column

__all__ = ["FIELDS", "REQUIRED", "Fields", "money"]

# What each table's rows may say: field to the sort of its values.
FIELDS: Mapping[str, Mapping[str, str]] = {
    "orders": {
        "id": "text", "number": "text", "created_at": "time", "updated_at": "time", "currency": "text",
        "total": "money", "total_excl_tax": "money", "subtotal": "money", "status": "text", "cancelled_at": "time",
        "shipping": "money", "shipping_incl_tax": "money", "shipping_tax": "money", "tax": "money",
        "discount": "money", "premium": "money", "risk_level": "text", "tags": "texts", "email": "text",
        "customer_name": "text", "phone": "text", "replaces": "text",
    },
    "lines": {
        "order_id": "text", "id": "text", "name": "text", "quantity": "whole", "unit_price": "money", "sku": "text",
        "product_id": "text", "variant_id": "text", "discount": "money", "tax": "money", "refunded_quantity": "whole",
        "url": "text", "image_url": "text", "description": "text", "is_protection": "flag", "subtotal": "money",
        "total": "money", "total_incl_tax": "money",
    },
    "payments": {
        "order_id": "text", "id": "text", "captured": "money", "refunded": "money", "method": "text",
        "currency": "text",
    },
    "addresses": {
        "order_id": "text", "kind": "text", "name": "text", "first_name": "text", "last_name": "text",
        "company_name": "text", "street_address_1": "text", "street_address_2": "text", "city": "text",
        "country_area": "text", "postal_code": "text", "country": "country", "phone": "text",
    },
    "premiums": {"order_id": "text", "amount": "money"},
    "marks": {"order_id": "text", "reference": "text", "replaces": "text"},
    "fulfillments": {
        "order_id": "text", "id": "text", "status": "status", "created_at": "time", "updated_at": "time",
        "tracking_company": "text", "tracking_numbers": "texts", "tracking_urls": "texts", "tracking_note": "text",
    },
    "fulfillments.lines": {"order_id": "text", "fulfillment_id": "text", "line_id": "text", "quantity": "whole"},
    "shipping_events": {
        "order_id": "text", "id": "text", "code": "text", "at": "time", "note": "text", "line_id": "text",
        "quantity": "whole",
    },
    "stock": {"order_id": "text", "line_id": "text", "available": "whole"},
    "products": {
        "id": "text", "name": "text", "price": "money", "currency": "text", "quantity": "whole",
        "variant_id": "text", "sku": "text", "description": "text", "image_url": "text", "status": "text",
        "tax": "money", "in_stock": "flag", "components": "texts",
    },
}  # fmt: skip
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "orders": ("id", "number", "created_at", "total"),
    "lines": ("order_id", "id", "name", "quantity", "unit_price"),
    "payments": ("order_id", "id", "captured", "refunded"),
    "addresses": ("order_id", "kind", "country"),
    "premiums": ("order_id", "amount"),
    "marks": ("order_id", "reference"),
    "fulfillments": ("order_id", "id", "status", "created_at"),
    "fulfillments.lines": ("order_id", "fulfillment_id", "line_id", "quantity"),
    "shipping_events": ("order_id", "id", "code", "at", "line_id", "quantity"),
    "stock": ("order_id", "line_id", "available"),
    "products": ("id", "name", "price"),
}
_MAY_BE_NULL = {("stock", "available")}  # not counted
_STEPS = {digits: Decimal(1).scaleb(-digits) for digits in range(6)}


@lru_cache(maxsize=4096)
def money(value: Decimal | int, currency: str) -> Money:
    """
    Return an amount as its column holds it, with the digits of its currency where those are enough.

    Args:
        value: Major units; a whole number is of minor ones.
        currency: ISO 4217 code.
    """
    digits = exponent(currency)
    if isinstance(value, int):
        return Money(Decimal(value).scaleb(-digits), currency)
    exact = value.quantize(_STEPS[digits])
    return Money(exact if exact == value else value, currency)


@attrs.define(eq=False)
class Fields:
    """
    Reads the rows of one statement.

    Attributes:
        table: One of `FIELDS`.
        columns: What the mapping says of single columns.
        forms: How the database holds money and times.
        dialect: The database's.
        place: Where the statement stands, for errors.
    """

    table: str
    columns: Mapping[str, Column]
    forms: Forms
    dialect: str
    place: str
    _plans: dict[tuple[str, ...], tuple[tuple[str, int, Converter, str], ...]] = attrs.field(factory=dict, repr=False)

    def read(self, keys: Sequence[str], rows: Sequence[Any]) -> list[dict[str, Any]]:
        """
        Return a dict of fields for each row; NULL is left out.

        Raises:
            ContractBroken: A column is missing, or holds what its field cannot be; the text names it, not the value.
        """
        plan = self.plan(tuple(keys))
        required = frozenset(REQUIRED[self.table])
        read = []
        for row in rows:
            said: dict[str, Any] = {}
            for field, index, convert, column in plan:
                value = row[index]
                if value is None:
                    default = self._of_null(field, column, required, row, plan)
                    if default is not None:
                        said[field] = default
                    continue
                try:
                    said[field] = convert(value)
                except (ValueError, TypeError) as error:
                    raise ContractBroken(f"{self.place}: column {column}{self._of(row, plan)}: {error}") from None
            read.append(said)
        return read

    def plan(self, keys: tuple[str, ...]) -> tuple[tuple[str, int, Converter, str], ...]:
        """
        Return field, position, converter and column of everything that a statement of these columns says.

        Raises:
            ContractBroken: A needed column is not there.
        """
        known = self._plans.get(keys)
        if known is not None:
            return known
        at = {key.lower(): index for index, key in enumerate(keys)}
        plan = []
        for field, sort in FIELDS[self.table].items():
            column = self.columns.get(field, Column())
            name = column.column or field
            index = at.get(name.lower())
            if index is not None:
                plan.append((field, index, converter(sort, column, self.forms, self.dialect), name))
            elif column.column or field in REQUIRED[self.table]:
                raise ContractBroken(
                    f"{self.place}: there is no column {name}, which is {field}; found: {', '.join(keys)}"
                )
        self._plans[keys] = tuple(plan)
        return self._plans[keys]

    def _of_null(self, field: str, column: str, required: frozenset[str], row: Any, plan: Any) -> Any:
        default = self.columns.get(field, Column()).default
        if default is not None:
            return converter(FIELDS[self.table][field], Column(), self.forms, self.dialect)(default)
        if field in required and (self.table, field) not in _MAY_BE_NULL:
            raise ContractBroken(f"{self.place}: column {column}{self._of(row, plan)}: found NULL; expected {field}")
        return None

    def _of(self, row: Any, plan: Sequence[tuple[str, int, Converter, str]]) -> str:
        """Say of which row; an id is nobody's secret."""
        at = {field: index for field, index, _, _ in plan}
        named = next((name for name in ("order_id", "id") if name in at), None)
        return f" of {named} {row[at[named]]}" if named else ""
