"""
The shape of what comes in: its keys and the types of what stands under them, never a value.

    body.resolutions[].details.items[].price:number

All elements of a list stand under ``[]`` together, so that neither their number nor any order changes a shape. The
whole is ``$``. Types are text, number (whole or not), boolean, null, object and list.

Keys come from outside too. What is no usual name (small letter first, letters, then at most two digits), and every key
of an object that has very many, is folded to ``*``: a map from e-mail addresses or ids must not fill the ledger, nor
tell whose they are. A body that is empty, no JSON, or too large to be told has a shape of its own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from functools import cached_property
from typing import Any, Self

import attrs

from op_core.errors import Unreadable
from op_core.order_protection.jsonmoney import loads

__all__ = ["NOTHING", "TOO_LARGE", "UNREADABLE", "Known", "News", "Shape", "news_of", "shape_of", "shape_of_body"]

_NAME = re.compile(r"_?[a-z][A-Za-z_]{0,39}[0-9]{0,2}")
_MOST_KEYS = 100  # of one object; the largest documented one has 28
_MOST_PARTS = 200_000  # values in one body
_MOST_PATHS = 1_000  # the largest documented shape has 95
_KINDS: Mapping[type, str] = {
    str: "text",
    int: "number",
    Decimal: "number",
    bool: "boolean",
    type(None): "null",
    dict: "object",
    list: "list",
}


@attrs.frozen
class Shape:
    """
    Keys and types.

    Attributes:
        paths: ``path:type``, sorted; an object and a list have one of their own, besides what is in them.
    """

    paths: tuple[str, ...]

    @cached_property
    def hash(self) -> str:
        """Its name: the first 16 hex digits of a SHA-256 over the paths."""
        return hashlib.sha256("\n".join(self.paths).encode()).hexdigest()[:16]


NOTHING = Shape(("$:nothing",))
UNREADABLE = Shape(("$:unreadable",))
TOO_LARGE = Shape(("$:too large",))


def shape_of(value: Any) -> Shape:
    """Return the shape of JSON data, as `op_core.order_protection.jsonmoney.loads` reads it. Its work is bounded."""
    paths: set[str] = set()
    parts = 1
    waiting = [(value, "")]
    while waiting:
        item, place = waiting.pop()
        kind = _KINDS[type(item)]
        paths.add(f"{place or '$'}:{kind}")
        if kind == "object":
            parts += len(item)
            waiting += _within(item, f"{place}." if place else "")
        elif kind == "list":
            parts += len(item)
            inner = f"{place}[]"
            waiting += [(part, inner) for part in item]
        if parts > _MOST_PARTS or len(paths) > _MOST_PATHS:
            return TOO_LARGE
    return Shape(tuple(sorted(paths)))


def _within(item: dict[str, Any], place: str) -> list[tuple[Any, str]]:
    if len(item) > _MOST_KEYS:
        folded = f"{place}*"
        return [(part, folded) for part in item.values()]
    is_name = _NAME.fullmatch
    return [(part, place + key if is_name(key) else f"{place}*") for key, part in item.items()]


def shape_of_body(body: bytes) -> Shape:
    """Return the shape of a body as it came, be it empty (`NOTHING`) or no JSON that can be read (`UNREADABLE`)."""
    if not body.strip():
        return NOTHING
    try:
        return shape_of(loads(body))
    except Unreadable:
        return UNREADABLE


# --- What is new in it -------------------------------------------------------------------------------------------

_WHOLE = {
    "$:nothing": "an empty body",
    "$:too large": "too large to be told",
    "$:unreadable": "no JSON that can be read",
}


@attrs.frozen
class Known:
    """
    What is known of the shapes of one thing: of one topic, or of the answers to one call.

    Attributes:
        paths: Every ``path:type`` that may be there.
        always: The paths, without a type, that are there whenever the object that holds them is.
    """

    paths: frozenset[str] = frozenset()
    always: frozenset[str] = frozenset()

    @classmethod
    def of(cls, shapes: Iterable[Iterable[str]]) -> Self:
        """Return what the paths of some shapes tell."""
        known = cls()
        for paths in shapes:
            known = known.joined(paths)
        return known

    def joined(self, paths: Iterable[str]) -> Self:
        """Return what is known once a shape of these paths is known too."""
        more = frozenset(paths)
        places, before = _places(more), _places(self.paths)
        stay = {place for place in self.always if place in places or _holder(place) not in more}
        begin = {place for place in places - before if _holder(place) not in self.paths and not place.endswith("[]")}
        return type(self)(self.paths | more, frozenset(stay | begin))


def _listed(paths: Iterable[str]) -> tuple[str, ...]:
    return tuple(paths)


@attrs.frozen
class News:
    """
    What is new in a shape.

    Attributes:
        added: Each ``path:type`` that no known shape has.
        lacking: Each path, with its types, that all known shapes have wherever the object that holds it is there.
        before: Path to the types that it had so far, where another type is added.
        first: Nothing was known before.
    """

    added: tuple[str, ...] = attrs.field(default=(), converter=_listed)
    lacking: tuple[str, ...] = attrs.field(default=(), converter=_listed)
    before: Mapping[str, str] = attrs.field(factory=dict)
    first: bool = False

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.added or self.lacking)

    def words(self) -> list[str]:
        """Say it: ``+body.x:text``, ``body.price: was number, now text``, ``-body.y:number``."""
        whole = [_WHOLE[one] for one in self.added if one in _WHOLE]
        if whole:
            return whole
        now = _types(one for one in self.added if _place(one) in self.before)
        turned = [f"{place}: was {self.before[place]}, now {kinds}" for place, kinds in now.items()]
        added = [f"+{one}" for one in self.added if _place(one) not in now]
        if self.first:
            return ["the first of its kind", *(one for one in added if not one.startswith("+$:"))]
        return added + turned + [f"-{one}" for one in self.lacking]


def news_of(shape: Shape, known: Known) -> News:
    """
    Say what is new in a shape, relative to all that is known of the same thing.

    A new combination of known parts is no news. Which parts are optional shows only in many bodies: a claim with a flat
    amount or without, a resolution with an address or without, each null or not. Their combinations are endless, and to
    announce each would bury the one field that really is new. So a shape is news only where it has what none had, or
    lacks what all had. The same holds for lists: an empty one lacks nothing.
    """
    has = frozenset(shape.paths)
    places, added = _places(has), has - known.paths
    types = _types(known.paths)
    gone = {place for place in known.always - places if _holder(place) in has}
    return News(
        added=tuple(sorted(added)),
        lacking=tuple(f"{place}:{types[place]}" for place in sorted(gone)),
        before={place: types[place] for place in sorted(_places(added)) if place in types},
        first=not known.paths,
    )


def _place(path: str) -> str:
    return path.rpartition(":")[0]


def _places(paths: Iterable[str]) -> set[str]:
    return {_place(path) for path in paths}


def _types(paths: Iterable[str]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for place, _, kind in (path.rpartition(":") for path in sorted(paths)):
        found.setdefault(place, []).append(kind)
    return {place: " or ".join(kinds) for place, kinds in found.items()}


def _holder(place: str) -> str | None:
    """Return the ``path:type`` of the object or list that holds a place; None for the whole."""
    if place == "$":
        return None
    if place.endswith("[]"):
        return f"{place.removesuffix('[]') or '$'}:list"
    return f"{place.rpartition('.')[0] or '$'}:object"
