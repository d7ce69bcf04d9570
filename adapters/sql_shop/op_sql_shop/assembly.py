"""Orders, parcels and products out of the fields of their rows, column by column: row by row is far slower."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Context, Decimal
from itertools import repeat
from types import NoneType
from typing import Any, TypeVar

import attrs

from op_core.models import (
    Address,
    Customer,
    Fulfillment,
    Fulfillments,
    Line,
    LineQuantity,
    Order,
    Payment,
    Product,
    ProductStatus,
)
from op_core.money import Money
from op_core.parcels import tracking
from op_sql_shop.converters import amounts
from op_sql_shop.rows import Columns

__all__ = ["Marks", "fulfillments", "orders", "products"]

T = TypeVar("T")
M = TypeVar("M", bound=attrs.AttrsInstance)
Amounts = Sequence[Money | None]
Marks = Mapping[str, Sequence[tuple[str, str | None]]]
"""Order to our references on it; each with the order that it replaces, where a reship made it."""

_EXACT = Context(prec=100)  # enough digits for every amount
_NO_ROWS: Columns = dict.fromkeys(("order_id", "amount", "kind", "reference"), ())
_NOWHERE = Address()
_NO_REFERENCES: frozenset[str] = frozenset()


def orders(
    said: Columns, parts: Mapping[str, Columns], marks: Marks, protection_skus: Sequence[str]
) -> tuple[Order, ...]:
    """
    Return the orders.

    What their statement does not say is taken from their children: ``subtotal`` and ``discount`` are the sums over the
    lines, the premium that over ``premiums``, name and phone of the customer those of the address. A tax or a discount
    that no column holds is the difference of two that do, subtracted here: a database that holds floats would do it in
    floats.

    Args:
        said: The fields of the orders.
        parts: Table to the fields of its rows, for ``lines``, ``payments``, ``addresses``, ``premiums``, ``marks``.
        marks: What our own table knows.
        protection_skus: Lines of these SKUs are the premium.

    Raises:
        ValueError: One is no order.
    """
    lines, costs = _lines(parts["lines"], protection_skus)
    payments, premiums = parts.get("payments", _NO_ROWS), parts.get("premiums", _NO_ROWS)
    at = {one: index for index, one in enumerate(said["id"])}
    of_lines, of_payments, of_premiums = ([at[one] for one in part["order_id"]] for part in (lines, payments, premiums))
    subtotals = _or(said.get("subtotal"), lambda: _sums(said, of_lines, costs))
    more: Columns = {
        "updated_at": _or(said.get("updated_at"), lambda: said["created_at"]),
        "subtotal": _or(subtotals, lambda: [Money(Decimal(0), each) for each in said["currency"]]),
        "discount": _or(said.get("discount"), lambda: _sums(said, of_lines, _bare(lines["discount"]))),
        "premium": _or(said.get("premium"), lambda: _sums(said, of_premiums, _bare(premiums["amount"]))),
        "tax": _or(said.get("tax"), lambda: _less(said["total"], said.get("total_excl_tax"))),
        "shipping_tax": _or(
            said.get("shipping_tax"), lambda: _less(said.get("shipping_incl_tax"), said.get("shipping"))
        ),
        "lines": _of_each(len(said["id"]), of_lines, _made(Line, lines)),
        "payments": _of_each(len(said["id"]), of_payments, _made(Payment, payments)),
    }
    people = _people(said, parts.get("addresses", _NO_ROWS))
    return tuple(_made(Order, said | more | people | _references(said, marks, parts.get("marks", _NO_ROWS))))


def _lines(said: Columns, protection_skus: Sequence[str]) -> tuple[Columns, Sequence[Decimal]]:
    """Return the fields of lines, and what each line costs before discount and tax."""
    after = said.get("total")
    prices = map(_EXACT.multiply, (price.amount for price in said["unit_price"]), said["quantity"])
    costs: Sequence[Decimal] = _or(_bare(said.get("subtotal")), lambda: list(prices))
    before = amounts(costs, said["currency"]) if after else None
    more: Columns = {
        "discount": _or(said.get("discount"), lambda: _less(before, after)),
        "tax": _or(said.get("tax"), lambda: _less(said.get("total_incl_tax"), after)),
    }
    if protection_skus and "sku" in said:
        flags = zip(said.get("is_protection", repeat(object=False)), said["sku"], strict=False)
        more["is_protection"] = [flag or sku in protection_skus for flag, sku in flags]
    return said | more, costs


def _people(said: Columns, addresses: Columns) -> Columns:
    """Return where orders are sent, whom they are billed to, and who ordered."""
    sides: dict[str, dict[str, Address]] = {"shipping": {}, "billing": {}}
    made = _made(Address, _split(addresses))
    for kind, order, address in zip(addresses["kind"], addresses["order_id"], made, strict=True):
        sides.setdefault(kind.lower(), {})[order] = address
    ship_to, bill_to = ([sides[kind].get(one) for one in said["id"]] for kind in ("shipping", "billing"))
    homes = [ship or bill or _NOWHERE for ship, bill in zip(ship_to, bill_to, strict=True)]
    names = (f"{home.first_name} {home.last_name}".strip() for home in homes)
    customers = _made(
        Customer,
        {
            "name": [own or other for own, other in zip(_texts(said, "customer_name"), names, strict=False)],
            "email": said.get("email"),
            "phone": [own or home.phone for own, home in zip(_texts(said, "phone"), homes, strict=False)],
        },
    )
    return {"shipping_address": ship_to, "billing_address": bill_to, "customer": customers}


def _split(said: Columns) -> Columns:
    """Split names at their last blank, where first and last name are not there."""
    if "name" not in said:
        return said
    rows = zip(said["name"], _texts(said, "first_name"), _texts(said, "last_name"), strict=False)
    names = [(first, last) if first or last else name.strip().rpartition(" ")[::2] for name, first, last in rows]
    return said | {"first_name": [first for first, _ in names], "last_name": [last for _, last in names]}


def _references(said: Columns, marks: Marks, others: Columns) -> Columns:
    """Return our references on the orders, and what those replace that a reship of ours made."""
    known = defaultdict(list, {one: list(pairs) for one, pairs in marks.items()})
    pairs = zip(others["reference"], _texts(others, "replaces"), strict=False)
    for order, pair in zip(others["order_id"], pairs, strict=True):
        known[order].append(pair)
    references = {one: frozenset(reference for reference, _ in pairs) for one, pairs in known.items()}
    replaced = {one: next((order for _, order in pairs if order), None) for one, pairs in known.items()}
    own = zip(_texts(said, "replaces"), said["id"], strict=False)
    return {
        "references": [references.get(one, _NO_REFERENCES) for one in said["id"]],
        "replaces": [order or replaced.get(one) for order, one in own],
    }


# --- Parcels and products --------------------------------------------------------------------------------------------


def fulfillments(said: Columns, contents: Columns) -> Fulfillments:
    """
    Return the parcels of each order, with what is in them.

    Raises:
        ValueError: One is no parcel.
    """
    inside = defaultdict(list)
    rows = (contents[name] for name in ("order_id", "fulfillment_id", "line_id", "quantity"))
    for order, parcel, line, quantity in zip(*rows, strict=True):
        inside[order, parcel].append(LineQuantity(line, quantity))
    more: Columns = {"lines": [tuple(inside[key]) for key in zip(said["order_id"], said["id"], strict=True)]}
    if "tracking_note" in said:
        found = [tracking(note) for note in said["tracking_note"]]
        for index, name in enumerate(("tracking_company", "tracking_numbers")):
            own = zip(_texts(said, name), found, strict=False)
            more[name] = [value or noted[index] for value, noted in own]
    made = defaultdict(list)
    for each in _made(Fulfillment, said | more):
        made[each.order_id].append(each)
    return {order: tuple(parcels) for order, parcels in made.items()}


def products(said: Columns) -> tuple[Product, ...]:
    """Return the products. Raises `ValueError`: one is no product."""
    statuses = [status or ProductStatus.ACTIVE for status in said["status"]] if "status" in said else None
    return tuple(_made(Product, said | {"status": statuses}))


# --- Columns ---------------------------------------------------------------------------------------------------------


def _made(model: type[M], said: Mapping[str, Sequence[Any] | None]) -> list[M]:
    """
    Make one of each row, just as the class would: with its defaults, converters and validators, in half the time.

    What no column says is the default.

    Raises:
        TypeError: A field has none that can be shared, and no column says it.
    """
    made = list(map(object.__new__, repeat(model, len(next(filter(None, said.values()), ())))))
    for field in attrs.fields(model):
        values = said.get(field.name)
        if made and values is None and (field.default is attrs.NOTHING or hasattr(field.default, "factory")):
            raise TypeError(f"{model.__name__}.{field.name} is said by no column")
        if values is not None and field.converter is not None:
            values = list(map(field.converter, values))
        put = vars(model)[field.name].__set__  # the slot itself: an instance is frozen
        _each(put, made, repeat(field.default) if values is None else values)
        if values is not None and field.validator is not None:
            _each(field.validator, made, repeat(field), values)
    return made


def _each(function: Callable[..., Any], *values: Iterable[Any]) -> None:
    deque(map(function, *values), maxlen=0)


def _of_each(count: int, orders: Sequence[int], values: Iterable[T]) -> list[tuple[T, ...]]:
    """Return what each of so many orders has of the values; *orders* says whose each is."""
    each: list[list[T]] = [[] for _ in range(count)]
    for order, value in zip(orders, values, strict=True):
        each[order].append(value)
    return list(map(tuple, each))


def _texts(said: Columns, name: str) -> Iterable[Any]:
    return said.get(name, repeat(""))


def _or(values: Sequence[Any] | None, others: Callable[[], Sequence[Any] | None]) -> Any:
    """Return the values, and where there is none the other one."""
    if values is not None and NoneType not in set(map(type, values)):  # to ask each whether it equals None is slow
        return values
    known = others()
    if values is None or known is None:
        return values or known
    return [b if a is None else a for a, b in zip(values, known, strict=True)]


def _less(values: Amounts | None, others: Amounts | None) -> Amounts | None:
    """Return the differences of those that are both there."""
    if values is None or others is None:
        return None
    return [None if a is None or b is None else a - b for a, b in zip(values, others, strict=True)]


def _bare(values: Amounts | None) -> Sequence[Decimal | None] | None:
    """Return amounts without their currency: far cheaper to reckon with."""
    return None if values is None else [None if each is None else each.amount for each in values]


def _sums(said: Columns, orders: Sequence[int], parts: Sequence[Decimal | None] | None) -> Amounts | None:
    """Return the sum of what each order has of the parts; None where it has none."""
    if not parts:
        return None
    sums: list[Decimal | None] = [None] * len(said["id"])
    for order, part in zip(orders, parts, strict=True):
        if part is not None:
            before = sums[order]
            sums[order] = part if before is None else _EXACT.add(before, part)
    known = [each for each in sums if each is not None]
    made = iter(amounts(known, [each for each, one in zip(said["currency"], sums, strict=True) if one is not None]))
    return [None if each is None else next(made) for each in sums]
