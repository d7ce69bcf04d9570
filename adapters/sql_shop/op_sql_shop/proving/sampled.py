"""A look at real rows: NULLs where a value is needed, keys that are there twice, and the newest orders whole."""

# ruff: noqa: S608 - statements are made of the mapping's own texts and names; values are always bound
from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import sqlalchemy as sa

from op_core.errors import ContractBroken, HookError, NotSent, OpCoreError, Refused
from op_core.export import to_create
from op_core.models import Order
from op_core.order_protection.schema import PlatformId
from op_core.proofs import Proof
from op_sql_shop.client import Session
from op_sql_shop.mapping import Column
from op_sql_shop.proving.columns import asking, column_of
from op_sql_shop.proving.subject import Subject
from op_sql_shop.rows import REQUIRED
from op_sql_shop.texts import Text

__all__ = ["MANY", "newest", "real_orders", "rows"]

MANY = 10_000
"""Rows of one statement that are looked at."""

_OF_ORDERS = 200  # orders whose lines, payments … are looked at
_WHOLE = 20  # orders that are read whole
_UNREAD = 3  # of which it is said why they cannot be read
_MAY_BE_NULL = {"stock": ("available",), "addresses": ("country",)}
_TWICE = {"lines": ("order_id", "id"), "payments": ("order_id", "id"), "fulfillments": ("order_id", "id")}


def rows(subject: Subject, session: Session, stated: Iterable[Text]) -> Iterator[Proof]:
    """Yield NULLs and keys that are there twice, of statements whose columns are there."""
    texts = {text.place: text for text in stated if text.verb is None}
    found, looked_at, ids = [], 0, list[Any]()
    if (orders := texts.get("orders.select")) is not None:
        key = subject.mapping.orders.key
        first = f"select {key} from ({orders.sql}) op_rows limit {_OF_ORDERS}"
        with suppress(Refused), session.aside():  # what its rows break is told below
            ids = [row[0] for row in session.run(asking(orders, first), {}, orders.place)]
    for place, text in texts.items():
        table = place.removesuffix(".select")
        needed, keys = _needed(subject, table)
        try:
            with session.aside():
                count, nulls = _nulls(session, text, needed, ids)
                twice = _twice(session, text, keys, ids) if keys else ""
        except (NotSent, Refused) as error:
            found.append(_broken(f"{subject.client.place}: {place}", place, error))
            continue
        looked_at += count
        is_look = ".changed_at." in place
        for column, how_many in nulls.items():
            means = "such a row counts as no change" if is_look else f"expected a value, as {table} needs one"
            said = f"{subject.client.place}: {place}: column {column} is NULL in {how_many} of {count} rows; {means}"
            found.append(Proof(place, "look" if is_look else "not well", said))
        if twice:
            said = (
                f"{subject.client.place}: {place}: {', '.join(keys)} {twice} is there more than once; expected one row"
            )
            found.append(Proof(place, "not well", f"{said} for each: does a join multiply them?"))
    yield from found
    if not found:
        yield Proof("rows", "well", f"no NULL where a value is needed and no key twice, in {looked_at} rows")


def _broken(at: str, place: str, error: HookError) -> Proof:
    """Return what is said of a statement that fails on real rows."""
    said = str(error).removeprefix(f"{place}: ")
    if type(error) is NotSent:
        return Proof(place, "look", f"{at}: {said}")
    why = "one of its rows breaks it, such as a division by zero, or a cast of a text that is no number"
    return Proof(place, "not well", f"{at}: {said}; {why}")


def _needed(subject: Subject, table: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns that are never NULL, and those that are there once."""
    if ".changed_at." in table:
        return ("order_id", "changed_at"), ()
    mapping = subject.mapping
    said: dict[str, Column] = getattr(getattr(mapping, table, None), "columns", {})
    fields = [
        field
        for field in REQUIRED[table]
        if field not in _MAY_BE_NULL.get(table, ()) and said.get(field, Column()).default is None
    ]
    needed = [column_of(mapping, table, field) for field in fields]
    if table not in ("orders", "products"):
        return tuple(needed), tuple(column_of(mapping, table, field) for field in _TWICE.get(table, ()))
    own: Any = getattr(mapping, table)
    if isinstance(own.changed_at, str):
        needed.append(own.changed_at)
    return tuple(dict.fromkeys((*needed, own.key))), (own.key,)


def _bounded(text: Text, ids: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """Return a SELECT of some of a statement's rows, and what it binds."""
    binds = text.parsed.binds if text.parsed is not None else frozenset()
    if "order_ids" in binds:
        return text.sql, {"order_ids": list(ids) or [None]}
    return f"select * from ({text.sql}) op_some limit {MANY}", {}


def _nulls(session: Session, text: Text, columns: Sequence[str], ids: Sequence[Any]) -> tuple[int, dict[str, int]]:
    sql, values = _bounded(text, ids)
    counts = ", ".join(f"count({column})" for column in columns)
    row: Any = session.run(asking(text, f"select count(*), {counts} from ({sql}) op_rows"), values, text.place).one()
    whole = int(row[0])
    return whole, {name: whole - int(n) for name, n in zip(columns, row[1:], strict=True) if int(n) != whole}


def _twice(session: Session, text: Text, keys: Sequence[str], ids: Sequence[Any]) -> str:
    sql, values = _bounded(text, ids)
    names = ", ".join(keys)
    asked = f"select {names} from ({sql}) op_rows group by {names} having count(*) > 1 limit 1"
    row = session.run(asking(text, asked), values, text.place).first()
    return ", ".join(str(one) for one in row) if row is not None else ""


def newest(subject: Subject, session: Session, most: int) -> Iterator[Order]:
    """
    Yield the newest orders that can be read, whole.

    Raises:
        HookError: None of them can be read; the text names the statement and the column of the first.
    """
    wrong: list[OpCoreError] = []
    found = 0
    for order in _newest(subject, session, most, wrong):
        found += 1
        yield order
    if wrong and not found:
        raise wrong[0]


def _newest(subject: Subject, session: Session, most: int, wrong: list[OpCoreError]) -> Iterator[Order]:
    """Yield the newest orders, and add why others cannot be read to *wrong*."""
    orders = subject.mapping.orders
    sql = orders.select.get("any", orders.select.get(session.dialect, ""))
    created = column_of(subject.mapping, "orders", "created_at")
    keys = f"select {orders.key} from ({sql}) op_rows order by {created} desc limit {most}"
    place = f"{subject.client.place}: orders.select"
    for (key,) in session.run(sa.text(keys), {}, place).fetchall():
        try:
            with session.aside():
                order = subject.reader.order(session, str(key))
                if order is None:
                    raise ContractBroken(f"{place}: order {key} is listed, and not found by its {orders.key}")  # noqa: TRY301 - what failed inside is undone
        except (ContractBroken, NotSent, Refused) as error:
            wrong.append(error)
        else:
            yield order


def real_orders(subject: Subject, session: Session) -> Iterator[Proof]:
    """Yield what the newest order is when it is exported, and whether those before it can be read."""
    shown, wrong = None, list[OpCoreError]()
    for order in _newest(subject, session, _WHOLE, wrong):
        shown = shown or order
    for error in wrong[:_UNREAD]:
        yield Proof("a real order", "not well", str(error))
    if len(wrong) > _UNREAD:
        said = f"and {len(wrong) - _UNREAD} more of the {_WHOLE} newest orders cannot be read"
        yield Proof("a real order", "not well", said)
    if shown is None:
        return
    try:
        body = to_create(shown, PlatformId.API.value).to_wire()
    except (OpCoreError, ValueError) as error:
        why = str(error) if isinstance(error, OpCoreError) else "Order Protection does not take it"
        yield Proof("a real order", "look", f"order {shown.id}, {_lines(shown)}: not exported: {why}")
        return
    state, sums = _sums(shown)
    said = f"order {shown.id} as it would be exported: {_lines(shown)}; {sums}"
    yield Proof("a real order", state, said, json.dumps(body, indent=2, default=str))


def _lines(order: Order) -> str:
    return f"{len(order.lines)} line{'' if len(order.lines) == 1 else 's'}"


def _sums(order: Order) -> tuple[Any, str]:
    """Tell whether the total is the sum of its parts; they are sent as they are either way."""
    parts = order.subtotal
    for part in (order.shipping, order.tax):
        parts = parts + part if part is not None else parts
    parts = parts - order.discount if order.discount is not None else parts
    apart = order.total - parts
    if not apart.amount:
        return "well", "its total is its lines less discount, plus shipping and taxes"
    if order.premium is not None and apart == order.premium:
        return "well", "its total is its lines less discount, plus shipping, taxes and the premium"
    return "look", f"its total is {apart} off its lines less discount, plus shipping and taxes: is a column missing?"
