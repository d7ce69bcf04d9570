"""Rows into fields: which columns a statement has, which fields they are, and what they say, column by column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import compress
from types import NoneType
from typing import Any

import attrs

from op_core.errors import ContractBroken
from op_sql_shop.client import Found
from op_sql_shop.converters import Converter, Forms, amounts, converter, plain
from op_sql_shop.mapping import Column

__all__ = ["FIELDS", "REQUIRED", "Columns", "Fields"]

Columns = dict[str, Sequence[Any]]
"""Field to its values, row by row."""

_Raw = Sequence[Sequence[Any]]

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
_NOTHING: Mapping[str, Any] = {"text": "", "country": "", "texts": (), "flag": False, "whole": 0}  # by sort; else None
_NOT_COUNTED = {("stock", "available"), ("products", "quantity"), ("products", "in_stock")}  # None where nobody counts
_MAY_BE_NULL = {("stock", "available"), ("addresses", "country")}  # an order is sent without a country


@attrs.frozen
class _Part:
    """
    One field of a statement.

    Attributes:
        name: The column's.
        index: Its position.
        sort: Of its values.
        read: What reads one value, an amount together with its currency.
        null: What NULL is, called likewise.
        plain: The type of values that are taken as they are.
    """

    field: str
    name: str
    index: int
    sort: str
    read: Converter
    null: Converter
    plain: type | None

    def values(self, columns: _Raw, *more: Sequence[str]) -> Sequence[Any]:
        """Return the field's values. Raises `ValueError` or `TypeError`."""
        column = columns[self.index]
        kinds = set(map(type, column))
        if kinds == {self.plain}:
            return amounts(column, *more) if more else column
        if kinds == {int} and self.plain is str:
            return list(map(str, column))
        if NoneType not in kinds:
            return list(map(self.read, column, *more))
        return [self.one(*row) for row in zip(column, *more, strict=True)]

    def one(self, value: Any, *currency: str) -> Any:
        """Return one value."""
        return self.null(value, *currency) if value is None else self.read(value, *currency)

    def fault(self, columns: _Raw, *more: Sequence[str]) -> tuple[int, Exception]:
        """Return the first row whose value cannot be read, and why."""
        for number, row in enumerate(zip(columns[self.index], *more, strict=True)):
            try:
                self.one(*row)
            except (ValueError, TypeError) as error:
                return number, error
        raise AssertionError("every value can be read")


@attrs.frozen
class _Plan:
    """
    How the rows of a statement are read.

    Attributes:
        named: What names a row: the order, or its own id.
        amounts: What is read together with its currency.
    """

    named: _Part
    plain: tuple[_Part, ...]
    amounts: tuple[_Part, ...]


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
        currency: Of what names none.
        instead: Field to the column that it is where the statement has none of its name.
    """

    table: str
    columns: Mapping[str, Column]
    forms: Forms
    dialect: str
    place: str
    currency: str | None = None
    instead: Mapping[str, str] = attrs.field(factory=dict)
    _plans: dict[tuple[str, ...], _Plan] = attrs.field(factory=dict, repr=False)

    def read(self, found: Found, currencies: Mapping[str, str] | None = None) -> Columns:
        """
        Return the values of each field that the statement has, row by row.

        NULL is the mapping's default, or nothing: an empty text, 0, None.

        Args:
            found: The rows.
            currencies: Of each order, by its id. Rows of other orders are left out.

        Raises:
            ContractBroken: A column is missing, or holds what its field cannot be; the text names it, not the value.
        """
        plan = self.plan(found.keys)
        columns: _Raw = list(zip(*found.rows, strict=True)) or [()] * len(found.keys)
        said: Columns = {}
        if currencies is not None:
            columns = self._asked(plan, columns, currencies)
        for part in plan.plain:
            said[part.field] = self._values(part, plan, columns)
        if plan.amounts:
            said["currency"] = self._currencies(said, len(columns[0]), currencies)
        for part in plan.amounts:
            said[part.field] = self._values(part, plan, columns, said["currency"])
        return said

    def _asked(self, plan: _Plan, columns: _Raw, currencies: Mapping[str, str]) -> _Raw:
        orders = self._values(plan.named, plan, columns)
        if currencies.keys() >= set(orders):
            return columns
        asked = [order in currencies for order in orders]
        return [tuple(compress(column, asked)) for column in columns]

    def _currencies(self, said: Columns, count: int, currencies: Mapping[str, str] | None) -> Sequence[str]:
        usual = [self.currency or ""] * count if currencies is None else [currencies[of] for of in said["order_id"]]
        if "currency" in said:
            usual = [own or other for own, other in zip(said["currency"], usual, strict=True)]
        if "" in usual:
            row = f" of id {said['id'][usual.index('')]}" if "id" in said else ""
            raise ContractBroken(f"{self.place}{row}: found no currency; expected a column currency, or shop.currency")
        return usual

    def _values(self, part: _Part, plan: _Plan, columns: _Raw, *more: Sequence[str]) -> Sequence[Any]:
        try:
            return part.values(columns, *more)
        except (ValueError, TypeError):
            pass
        row, error = part.fault(columns, *more)
        of = f" of {plan.named.field} {columns[plan.named.index][row]}"  # nobody's secret
        raise ContractBroken(f"{self.place}: column {part.name}{of}: {error}")

    def plan(self, keys: tuple[str, ...]) -> _Plan:
        """
        Return how each field is read that a statement of these columns has.

        Raises:
            ContractBroken: A needed column is not there.
        """
        if keys not in self._plans:
            parts = tuple(self._parts(keys))
            named = next(part for part in parts if part.field in ("order_id", "id"))
            amounts = tuple(part for part in parts if part.sort == "money")
            self._plans[keys] = _Plan(named, tuple(part for part in parts if part not in amounts), amounts)
        return self._plans[keys]

    def _parts(self, keys: tuple[str, ...]) -> Iterator[_Part]:
        at = {key.lower(): index for index, key in enumerate(keys)}
        for field, sort in FIELDS[self.table].items():
            column = self.columns.get(field, Column())
            name = column.column or field
            if name.lower() not in at and column.column is None:
                name = self.instead.get(field, name)
            index = at.get(name.lower())
            if index is not None:
                read = converter(sort, column, self.forms, self.dialect)
                of_null = self._null(field, sort, column)
                yield _Part(field, name, index, sort, read, of_null, plain(sort, column, self.forms, self.dialect))
            elif column.column or field in REQUIRED[self.table]:
                raise ContractBroken(
                    f"{self.place}: there is no column {name}, which is {field}; found: {', '.join(keys)}"
                )

    def _null(self, field: str, sort: str, column: Column) -> Converter:
        if column.default is not None:
            read = converter(sort, column.model_copy(update={"values": {}, "pattern": None}), self.forms, self.dialect)
            return lambda _, *more: read(column.default, *more)
        if field in REQUIRED[self.table] and (self.table, field) not in _MAY_BE_NULL:
            return partial(_needed, field)
        nothing = None if (self.table, field) in _NOT_COUNTED else _NOTHING.get(sort)
        return lambda *_: nothing


def _needed(field: str, *_: Any) -> Any:
    raise ValueError(f"found NULL; expected {field}")
