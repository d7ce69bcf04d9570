"""Whether a body names something: an order, a claim, an address."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator
from typing import Any, Literal

from op_core.errors import Unreadable
from op_core.order_protection.jsonmoney import loads

__all__ = ["Named", "how_named", "is_about"]

Named = Literal["whole", "inside", "no"]
# Keys under which a body says which order or claim it is about, in small letters and without underscores.
_IDS = frozenset(("claimid", "orderid", "sourceorderid", "sourceordernumber"))


def how_named(body: bytes, wanted: Collection[str]) -> Named:
    """
    Tell how a body names one of *wanted*, whatever the case of its letters.

    Returns:
        ``whole``: as a value or key of its JSON, or anywhere in a body that is no JSON. ``inside``: in a longer text.
    """
    words = {_plain(word) for word in wanted}
    try:
        said = {text for _, text in _texts(loads(body))}
    except Unreadable:
        text = _plain(body.decode("utf-8", "replace"))
        return "whole" if any(word in text for word in words) else "no"
    if words & said:
        return "whole"
    return "inside" if any(word in text for text in said for word in words) else "no"


def is_about(body: bytes, ids: Collection[str]) -> bool:
    """Tell whether a body names one of these orders or claims where ids stand; in what is no JSON, anywhere."""
    words = {_plain(word) for word in ids}
    try:
        said = {text for key, text in _texts(loads(body)) if key.replace("_", "") in _IDS}
    except Unreadable:
        return how_named(body, ids) == "whole"
    return bool(words & said)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    """Yield each value as text, with the key under which it stands; keys are values too."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        key, one = waiting.pop()
        if isinstance(one, dict):
            waiting += [(_plain(name), inner) for name, inner in one.items()]
            yield from (("", _plain(name)) for name in one)
        elif isinstance(one, list):
            waiting += [(key, inner) for inner in one]
        elif one is not None and not isinstance(one, bool):
            yield key, _plain(str(one))
