"""Whether a body names something: an order, a claim, an address."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Literal

from op_core.errors import Unreadable
from op_core.order_protection.jsonmoney import loads

__all__ = ["Named", "how_named"]

Named = Literal["whole", "inside", "no"]


def how_named(body: bytes, wanted: Collection[str]) -> Named:
    """
    Tell how a body names one of *wanted*, whatever the case of its letters.

    Returns:
        ``whole``: as a value or key of its JSON, or anywhere in a body that is no JSON. ``inside``: in a longer text.
    """
    words = {word.casefold() for word in wanted}
    try:
        said = set(_texts(loads(body)))
    except Unreadable:
        text = body.decode("utf-8", "replace").casefold()
        return "whole" if any(word in text for word in words) else "no"
    if words & said:
        return "whole"
    return "inside" if any(word in text for text in said for word in words) else "no"


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            waiting += one
        elif one is not None and not isinstance(one, bool):
            yield str(one).strip().casefold()
