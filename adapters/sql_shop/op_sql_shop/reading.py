"""Orders, parcels, stock and products out of the database: one statement for a page, then one for each kind of rows."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import repeat
from typing import Any

import attrs

from op_core.errors import ContractBroken, Refused
from op_core.halving import readable
from op_core.models import Fulfillments, LineQuantity, Order, OrderPage, ProductPage, Stock, UnreadableOrder
from op_core.parcels import ShippingEvent, parcels
from op_sql_shop import assembly
from op_sql_shop.client import Found, Session
from op_sql_shop.converters import Forms
from op_sql_shop.mapping import Column, ShopMapping
from op_sql_shop.references import References
from op_sql_shop.rows import FIELDS, Columns, Fields
from op_sql_shop.statements import ByIds, Paging, chosen

__all__ = ["Reader"]

_NONE = timedelta(0)
_UNTIMED = 100  # rows without a time of change that are read with each first page
_CHILDREN = ("lines", "payments", "addresses", "premiums", "marks")
_SORTED = {
    "lines": ("id",),
    "payments": ("id",),
    "fulfillments": ("id",),
    "fulfillments.lines": ("line_id",),
    "shipping_events": ("at", "id", "line_id"),
}


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
        self._fields("orders", orders.columns, self.orders.changed_at)
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

    def _fields(self, table: str, columns: Mapping[str, Column], changed_at: str = "updated_at") -> None:
        currency, instead = self.mapping.shop.currency, {"updated_at": changed_at}
        self.fields[table] = Fields(table, columns, self.forms, self.dialect, self._place(table), currency, instead)

    def _child(self, table: str, statement: Any, columns: Mapping[str, Column]) -> None:
        names = {field: columns.get(field, Column()).column or field for field in FIELDS[table]}
        order_by = ", ".join(names[field] for field in _SORTED.get(table, ())) or None
        self.children[table] = ByIds.of(
            self._sql(table, statement), self._place(table), self.dialect, names["order_id"], order_by
        )
        self._fields(table, columns)

    # --- Orders ------------------------------------------------------------------------------------------------------

    def page(self, session: Session, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
        """
        Return one page of orders, oldest change first; the cursor is the last one's time of change and key.

        An order that cannot be read is told as such, and stops no other one.
        """
        found, after, done = self.paged(session, self.orders, since, cursor, limit)
        pages, wrong = readable(found.rows, lambda rows: self._orders(session, Found(found.keys, rows)))
        at = _position(found.keys, self.mapping.orders.key, self._place("orders"))
        unread = tuple(UnreadableOrder(str(row[at]), str(why)) for row, why in wrong)
        return OrderPage(tuple(order for page in pages for order in page), after, done, unread)

    def order(self, session: Session, order_id: str) -> Order | None:
        """Return one order."""
        by_ids = self.orders.by_ids
        try:
            found = session.rows(by_ids.statement, by_ids.values([order_id]), by_ids.place)
        except Refused:  # this text cannot be an id of this shop
            return None
        # MySQL and MariaDB take "12abc" for 12.
        return next((each for each in self._orders(session, found) if each.id == order_id), None)

    def _orders(self, session: Session, found: Found) -> tuple[Order, ...]:
        if not found.rows:
            return ()
        said = self.fields["orders"].read(found)
        currencies = dict(zip(said["id"], said["currency"], strict=True))
        parts = {table: self.fields[table].read(rows, currencies) for table, rows in self.children_of(session, found)}
        marks = self.references.of_orders(session, said["id"]) if self.references else {}
        try:
            return assembly.orders(said, parts, marks, self.mapping.shop.protection_skus)
        except (ValueError, TypeError) as error:
            raise ContractBroken(f"{self.place}: orders: {error}") from None

    def children_of(self, session: Session, orders: Found) -> Iterator[tuple[str, Found]]:
        """Yield the rows that belong to these orders, table by table: one statement for each."""
        at = _position(orders.keys, self.mapping.orders.key, self._place("orders"))
        ids = [row[at] for row in orders.rows]
        for table in _CHILDREN:
            if table in self.children:
                yield table, self._found(session, table, ids)

    def _found(self, session: Session, table: str, ids: Sequence[Any]) -> Found:
        child = self.children[table]
        return session.rows(child.statement, child.values(ids), child.place)

    def _read(self, session: Session, table: str, ids: Sequence[Any]) -> Columns:
        return self.fields[table].read(self._found(session, table, ids))

    # --- Parcels and stock -------------------------------------------------------------------------------------------

    def fulfillments(self, session: Session, order_ids: Sequence[str]) -> Fulfillments:
        """Return the parcels of these orders."""
        if self.mapping.shipping_events is not None:
            return self._from_events(session, order_ids)
        said, contents = (self._read(session, table, order_ids) for table in ("fulfillments", "fulfillments.lines"))
        try:
            return assembly.fulfillments(said, contents)
        except (ValueError, TypeError) as error:
            raise ContractBroken(f"{self.place}: fulfillments: {error}") from None

    def _from_events(self, session: Session, order_ids: Sequence[str]) -> Fulfillments:
        assert self.mapping.shipping_events is not None
        statuses, returned = self.mapping.shipping_events.statuses, self.mapping.shipping_events.returned
        said = self._read(session, "shipping_events", order_ids)
        rows = (said.get(name, repeat("")) for name in ("order_id", "id", "code", "at", "line_id", "quantity", "note"))
        events: dict[str, dict[str, ShippingEvent]] = {}
        for order, one, code, at, line, quantity, note in zip(*rows, strict=False):
            if code not in statuses or quantity <= 0:
                continue
            of_order = events.setdefault(order, {})
            event = of_order.setdefault(one, ShippingEvent(one, order, code, at, note, Counter()))
            event.lines[line] += quantity
        return {
            order: tuple(parcels(of_order.values(), statuses, returned=returned)) for order, of_order in events.items()
        }

    def stock(self, session: Session, order_id: str, lines: Iterable[LineQuantity]) -> tuple[Stock, ...]:
        """Return what can be sent of these lines; a line that the statement does not know has none."""
        said = self._read(session, "stock", [order_id])
        found = dict(zip(said["line_id"], said["available"], strict=True))
        return tuple(Stock(line.line_id, found.get(line.line_id, 0)) for line in lines)

    # --- Products ----------------------------------------------------------------------------------------------------

    def product_page(self, session: Session, since: datetime | None, cursor: str | None, limit: int) -> ProductPage:
        """Return one page of products, in the order of their time of change or of their keys."""
        assert self.products is not None
        found, after, done = self.paged(session, self.products, since, cursor, limit)
        try:
            return ProductPage(assembly.products(self.fields["products"].read(found)), after, done)
        except (ValueError, TypeError) as error:
            raise ContractBroken(f"{self.place}: products: {error}") from None

    # --- Paging ------------------------------------------------------------------------------------------------------

    def paged(
        self, session: Session, paging: Paging, since: datetime | None, cursor: str | None, limit: int
    ) -> tuple[Found, str | None, bool]:
        """Return the rows of one page, the cursor after them, and whether it is the last one for now."""
        values: dict[str, Any] = {"op_limit": limit + 1}
        statement = paging.first
        if cursor is not None:
            statement = paging.after
            values |= dict(zip(("op_time", "op_key"), _unpacked(cursor), strict=True))
        elif since is not None and ":op_time" in str(paging.since):
            statement = paging.since
            values["op_time"] = self.forms.since(since - (self.mapping.shop.reread or _NONE))
        found = session.rows(statement, values, paging.place)
        done, page = len(found.rows) <= limit, found.rows[:limit]
        at, key = (_position(found.keys, name, paging.place) for name in (paging.changed_at, paging.key))
        after = _packed(page[-1][at], page[-1][key]) if page else cursor
        untimed = self._untimed(session, paging) if cursor is None else ()
        return Found(found.keys, [*untimed, *page]), after, done

    def _untimed(self, session: Session, paging: Paging) -> Sequence[Sequence[Any]]:
        """Return the rows that no page would hold, since they have no time to be found by: they come with the first."""
        if paging.untimed is None:
            return ()
        rows = session.rows(paging.untimed, {"op_limit": _UNTIMED + 1}, paging.place).rows
        if len(rows) > _UNTIMED:
            raise ContractBroken(
                f"{paging.place}: {paging.untimed_is} in more than {_UNTIMED} rows; expected one, as pages go by it:"
                " write coalesce(…, the time of its making)"
            )
        return rows


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
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    return value if isinstance(value, int | float | str) else {"text": str(value)}


def _unpacked(cursor: str) -> list[Any]:
    def back(value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        ((kind, text),) = value.items()
        return _KINDS[kind](text)

    try:
        time, key = map(back, json.loads(cursor))
    except (ValueError, KeyError, TypeError, ArithmeticError):
        raise ContractBroken("the cursor is none that this adapter gave; begin anew with --full") from None
    return [time, key]


_KINDS: dict[str, Callable[[str], Any]] = {
    "time": datetime.fromisoformat,
    "decimal": Decimal,
    "bytes": bytes.fromhex,
    "text": str,
}
