"""Orders, parcels, stock and products out of the database: one statement for a page, then one for each kind of rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs

from op_core.errors import ContractBroken, Refused
from op_core.models import Fulfillment, Fulfillments, LineQuantity, Order, OrderPage, Product, ProductPage, Stock
from op_core.parcels import ShippingEvent, parcels, tracking
from op_sql_shop.assembly import order as assembled
from op_sql_shop.client import Session
from op_sql_shop.converters import Forms, converter
from op_sql_shop.mapping import Column, ShopMapping
from op_sql_shop.references import References
from op_sql_shop.rows import FIELDS, Fields, money
from op_sql_shop.statements import ByIds, Paging, chosen

__all__ = ["Reader"]

_NONE = timedelta(0)
_CHILDREN = ("lines", "payments", "addresses", "premiums", "marks")
_SORTED = {
    "lines": ("id",),
    "payments": ("id",),
    "fulfillments": ("id",),
    "fulfillments.lines": ("line_id",),
    "shipping_events": ("at", "id", "line_id"),
}
Rows = list[dict[str, Any]]


@attrs.define(eq=False)
class Reader:
    """
    Reads one shop.

    Attributes:
        mapping: What to read.
        forms: How this database holds money and times.
        dialect: The database's.
        place: The mapping file's name, for errors.
        references: Our own table in the shop's database; None where no verb uses it.
    """

    mapping: ShopMapping
    forms: Forms
    dialect: str
    place: str
    references: References | None
    orders: Paging = attrs.field(init=False)
    products: Paging | None = attrs.field(init=False, default=None)
    children: dict[str, ByIds] = attrs.field(init=False, factory=dict)
    fields: dict[str, Fields] = attrs.field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        """Write every statement once."""
        orders = self.mapping.orders
        sql = self._sql("orders", orders.select)
        self.orders = Paging.of(sql, orders.changed_at, orders.key, self.dialect, self._place("orders"))
        self._fields("orders", orders.columns)
        for name in (*_CHILDREN, "shipping_events", "fulfillments", "stock"):
            table = getattr(self.mapping, name)
            if table is not None:
                self._child(name, table.select, table.columns)
        if self.mapping.fulfillments is not None:
            self._child("fulfillments.lines", self.mapping.fulfillments.lines, {})
        if (products := self.mapping.products) is not None:
            sql = self._sql("products", products.select)
            self.products = Paging.of(sql, products.changed_at, products.key, self.dialect, self._place("products"))
            self._fields("products", products.columns)

    def _place(self, table: str) -> str:
        return f"{self.place}: {table}.select"

    def _sql(self, table: str, statement: Mapping[str, str]) -> str:
        return str(chosen(statement, self.dialect, self._place(table)))

    def _fields(self, table: str, columns: Mapping[str, Column]) -> None:
        self.fields[table] = Fields(table, columns, self.forms, self.dialect, self._place(table))

    def _child(self, table: str, statement: Any, columns: Mapping[str, Column]) -> None:
        names = {field: columns.get(field, Column()).column or field for field in FIELDS[table]}
        order_by = ", ".join(names[field] for field in _SORTED.get(table, ())) or None
        self.children[table] = ByIds.of(
            self._sql(table, statement), self._place(table), names["order_id"], order_by=order_by
        )
        self._fields(table, columns)

    # --- Orders ------------------------------------------------------------------------------------------------------

    def page(self, session: Session, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
        """Return one page of orders, oldest change first; the cursor is the last one's time of change and key."""
        rows, keys, after, done = self._paged(session, self.orders, since, cursor, limit)
        return OrderPage(self._orders(session, keys, rows), after, done)

    def order(self, session: Session, order_id: str) -> Order | None:
        """Return one order."""
        try:
            found = session.run(self.orders.by_ids.statement, {"order_ids": [order_id]}, self.orders.by_ids.place)
        except Refused:  # this text cannot be an id of this shop
            return None
        orders = self._orders(session, tuple(found.keys()), found.fetchall())
        # MySQL and MariaDB take "12abc" for 12.
        return next((order for order in orders if order.id == order_id), None)

    def _orders(self, session: Session, keys: tuple[str, ...], rows: Sequence[Any]) -> tuple[Order, ...]:
        if not rows:
            return ()
        at = _position(keys, self.mapping.orders.key, self._place("orders"))
        raw = [row[at] for row in rows]
        parts = {name: self._grouped(session, name, raw) for name in _CHILDREN if name in self.children}
        marks = self.references.of_orders(session, [str(one) for one in raw]) if self.references else {}
        changed = keys.index(self.orders.changed_at) if self.orders.changed_at in keys else None
        made = []
        for row, said in zip(rows, self.fields["orders"].read(keys, rows), strict=True):
            mine = {name: grouped.get(said["id"], ()) for name, grouped in parts.items()}
            time = row[changed] if changed is not None else None
            if time is not None and "updated_at" not in said:
                said["updated_at"] = self._time(time)
            made.append(self._assembled(said, mine, marks.get(said["id"], ())))
        return tuple(made)

    def _assembled(self, said: dict[str, Any], parts: Mapping[str, Sequence[dict[str, Any]]], marks: Any) -> Order:
        try:
            return assembled(said, parts, marks, self.mapping.shop)
        except (ValueError, TypeError) as error:
            raise ContractBroken(f"{self.place}: order {said['id']}: {error}") from None

    def _time(self, raw: Any) -> datetime:
        fields = self.fields["orders"]
        column = fields.columns.get("updated_at", Column())
        time: datetime = converter("time", column, self.forms, self.dialect)(raw)
        return time

    def _grouped(self, session: Session, table: str, raw_ids: Sequence[Any]) -> dict[str, Rows]:
        grouped: dict[str, Rows] = {}
        for said in self._read(session, table, raw_ids):
            grouped.setdefault(said["order_id"], []).append(said)
        return grouped

    def _read(self, session: Session, table: str, raw_ids: Sequence[Any]) -> Rows:
        child = self.children[table]
        found = session.run(child.statement, {"order_ids": list(raw_ids)}, child.place)
        return self.fields[table].read(tuple(found.keys()), found.fetchall())

    # --- Parcels and stock -------------------------------------------------------------------------------------------

    def fulfillments(self, session: Session, order_ids: Sequence[str]) -> Fulfillments:
        """Return the parcels of these orders."""
        if self.mapping.shipping_events is not None:
            return self._from_events(session, order_ids)
        lines: dict[str, list[LineQuantity]] = {}
        for said in self._read(session, "fulfillments.lines", order_ids):
            lines.setdefault(said["fulfillment_id"], []).append(LineQuantity(said["line_id"], said["quantity"]))
        made: dict[str, tuple[Fulfillment, ...]] = {}
        for said in self._read(session, "fulfillments", order_ids):
            company, numbers = tracking(said.pop("tracking_note", ""))
            said.setdefault("tracking_company", company)
            said.setdefault("tracking_numbers", numbers)
            parcel = Fulfillment(**said, lines=tuple(lines.get(said["id"], ())))
            made[parcel.order_id] = (*made.get(parcel.order_id, ()), parcel)
        return made

    def _from_events(self, session: Session, order_ids: Sequence[str]) -> Fulfillments:
        assert self.mapping.shipping_events is not None
        statuses, returned = self.mapping.shipping_events.statuses, self.mapping.shipping_events.returned
        events: dict[str, dict[str, ShippingEvent]] = {}
        for said in self._read(session, "shipping_events", order_ids):
            if said["code"] not in statuses or said["quantity"] <= 0:
                continue
            of_order = events.setdefault(said["order_id"], {})
            event = of_order.get(said["id"])
            if event is None:
                note = said.get("note", "")
                event = ShippingEvent(said["id"], said["order_id"], said["code"], said["at"], note, Counter())
                of_order[said["id"]] = event
            event.lines[said["line_id"]] += said["quantity"]
        return {
            order: tuple(parcels(of_order.values(), statuses, returned=returned)) for order, of_order in events.items()
        }

    def stock(self, session: Session, order_id: str, lines: Iterable[LineQuantity]) -> tuple[Stock, ...]:
        """Return what can be sent of these lines; a line that the statement does not know has none."""
        found = {said["line_id"]: said.get("available") for said in self._read(session, "stock", [order_id])}
        return tuple(Stock(line.line_id, found.get(line.line_id, 0)) for line in lines)

    # --- Products ----------------------------------------------------------------------------------------------------

    def product_page(self, session: Session, since: datetime | None, cursor: str | None, limit: int) -> ProductPage:
        """Return one page of products, in the order of their time of change or of their keys."""
        assert self.products is not None
        rows, keys, after, done = self._paged(session, self.products, since, cursor, limit)
        read = self.fields["products"].read(keys, rows)
        return ProductPage(tuple(map(self._product, read)), after, done)

    def _product(self, said: dict[str, Any]) -> Product:
        currency = said.pop("currency", None) or self.mapping.shop.currency
        if currency is None:
            wanted = "expected a column currency, or shop.currency"
            raise ContractBroken(f"{self._place('products')}: product {said['id']}: found no currency; {wanted}")
        said["price"] = money(said["price"], currency)
        if "tax" in said:
            said["tax"] = money(said["tax"], currency)
        return Product(**said)

    # --- Paging ------------------------------------------------------------------------------------------------------

    def _paged(
        self, session: Session, paging: Paging, since: datetime | None, cursor: str | None, limit: int
    ) -> tuple[Sequence[Any], tuple[str, ...], str | None, bool]:
        values: dict[str, Any] = {"op_limit": limit + 1}
        statement = paging.first
        if cursor is not None:
            statement = paging.after
            values |= dict(zip(("op_time", "op_key"), _unpacked(cursor), strict=True))
        elif since is not None and ":op_time" in str(paging.since):
            statement = paging.since
            values["op_time"] = self.forms.time(since - (self.mapping.shop.reread or _NONE))
        found = session.run(statement, values, paging.place)
        keys, rows = tuple(found.keys()), found.fetchall()
        page = rows[:limit]
        if not page:
            return page, keys, cursor, True
        at, key = (_position(keys, name, paging.place) for name in (paging.changed_at, paging.key))
        if page[-1][at] is None:
            raise ContractBroken(
                f"{paging.place}: column {paging.changed_at}: found NULL; expected a time, as pages go by it"
            )
        return page, keys, _packed(page[-1][at], page[-1][key]), len(rows) <= limit


def _position(keys: tuple[str, ...], name: str, place: str) -> int:
    try:
        return keys.index(name)
    except ValueError:
        raise ContractBroken(f"{place}: there is no column {name}; found: {', '.join(keys)}") from None


def _packed(*values: Any) -> str:
    """Write raw values of the database down, with their kinds, so that they are bound again as what they were."""
    return json.dumps([_marked(value) for value in values], separators=(",", ":"))


def _marked(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"time": value.isoformat()}
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    return value if isinstance(value, int | str) else {"text": str(value)}


def _unpacked(cursor: str) -> list[Any]:
    def back(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        ((kind, text),) = value.items()
        return datetime.fromisoformat(text) if kind == "time" else Decimal(text) if kind == "decimal" else str(text)

    return [back(value) for value in json.loads(cursor)]
