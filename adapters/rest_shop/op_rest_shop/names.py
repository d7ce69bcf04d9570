"""Names that an expression of a manifest looks for, and that nothing gives it: found before the first call."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from op_rest_shop.calls import Call
from op_rest_shop.context import LINE, NAMES
from op_rest_shop.expressions import Expression
from op_rest_shop.fields import KINDS, NEEDED
from op_rest_shop.mapping import Manifest, Verb

__all__ = ["faults"]

_PAGED = {
    "keyset": ("since", "limit"),
    "offset": ("since", "limit", "offset"),
    "page": ("since", "limit", "page"),
    "cursor": ("since", "limit", "cursor"),
    "link": ("since", "limit"),
}


def faults(manifest: Manifest) -> Iterator[str]:
    """Yield what is wrong with names in a manifest: place, what was found, what is known there."""
    yield from _wrong_fields(manifest)
    for place, call, names in _calls(manifest):
        for each in call.expressions:
            yield from _unknown(place, each, names)
        if isinstance(call.when, Expression):
            yield from _unknown(f"{place}.when", call.when, names)
    for name, verb in manifest.verbs.items():
        for at, one in enumerate(verb.refuse):
            yield from _unknown(f"{name}.refuse[{at}].when", one.when, NAMES[name])


def _wrong_fields(manifest: Manifest) -> Iterator[str]:
    for table, fields in _fields(manifest):
        known = KINDS[table]
        for name in fields:
            if name not in known:
                yield f"{table}.fields.{name}: unknown field{_near(name, known)}"
        for name in _needed(manifest, table, fields):
            if name not in fields:
                yield f"{table}.fields.{name}: missing, expected a path"
    if manifest.lines is None and manifest.order.function is None:
        yield "lines: missing, expected a table"


def _needed(manifest: Manifest, table: str, fields: Iterable[str]) -> Iterator[str]:
    """Yield the fields that a table cannot do without; beside a function, those by which a list is walked."""
    owner = getattr(manifest, table.partition(".")[0])
    if getattr(owner, "function", None) is None:
        yield from NEEDED[table]
    elif table in ("order", "products"):
        yield "id"
    if table == "order" and owner.function is not None and "updated_at" not in fields:
        yield "created_at"
    if table == "products" and owner.paging is not None and owner.paging.by == "keyset":
        yield "updated_at"


def _fields(manifest: Manifest) -> Iterator[tuple[str, Iterable[str]]]:
    for table in KINDS:
        owner, _, inner = table.partition(".")
        found = getattr(manifest, owner)
        found = getattr(found, inner) if inner and found is not None else found
        if found is not None:
            yield table, found.fields


def _calls(manifest: Manifest) -> Iterator[tuple[str, Call, tuple[str, ...]]]:
    lists = (("orders", manifest.orders), ("products", manifest.products))
    for place, listing in lists:
        if listing is not None:
            yield place, listing, _PAGED[listing.paging.by] if listing.paging else ("since", "limit")
    yield "order", manifest.order, ("order_id",)
    if manifest.fulfillments is not None and (listing := manifest.fulfillments.orders) is not None:
        yield "fulfillments.orders", listing, (*(_PAGED[listing.paging.by] if listing.paging else ()), "order_ids")
    if manifest.stock is not None:
        yield "stock", manifest.stock, ("order_id", "order_number", "currency", "order", "lines")
    for name, verb in manifest.verbs.items():
        yield from _verb(name, verb)


def _verb(name: str, verb: Verb) -> Iterator[tuple[str, Call, tuple[str, ...]]]:
    known = NAMES[name]
    if verb.leftovers is not None:
        yield f"{name}.leftovers", verb.leftovers, known
        yield f"{name}.leftovers.undo", verb.leftovers.undo, (*known, "item")
    if verb.find is not None:
        yield f"{name}.find", verb.find, NAMES["find"]
    for at, call in enumerate(verb.calls):
        inner = (*known, "line") if call.each else known
        yield f"{name}.calls[{at}]", call, inner
        known = (*known, call.name) if call.name else known
        if call.undo is not None:
            yield f"{name}.calls[{at}].undo", call.undo, (*inner, *([call.name] if call.name else []))


def _unknown(place: str, expression: Expression, names: Iterable[str]) -> Iterator[str]:
    for root in sorted(expression.roots - set(names)):
        yield f"{place}: {{{expression}}} looks for {root!r}, which nothing gives{_near(root, names)}"
    for name in sorted(expression.of_lines - set(LINE)):
        yield f"{place}: {{{expression}}} looks for {name!r} in a line, which has no such field{_near(name, LINE)}"


def _near(name: str, known: Iterable[str]) -> str:
    names = list(known)
    near = difflib.get_close_matches(name, names, 1)
    return f"; the nearest is {near[0]!r}" if near else f"; known: {', '.join(sorted(names))}"
