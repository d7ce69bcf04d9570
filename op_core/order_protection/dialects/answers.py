"""One thing under two names in the API's answers: each is read under the name that the fuller page gives it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["named_alike"]

# What is read: other name -> the name under which it is read. The right name wins where both are there and it says
# something.
_OTHER_NAMES: Mapping[str, Mapping[str, str]] = {
    "order": {"originalSourceOrderNumber": "originalSourceOrderId"},  # C-9
    "fulfilled item": {"id": "sourceItemId"},  # C-12
    "claim resolution": {"resolution": "resolutionType"},  # C-18
}


def named_alike(what: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return *answer* (an ``order``, ``fulfilled item`` or ``claim resolution``) under the names that are read."""
    alike = dict(answer)
    for other, name in _OTHER_NAMES.get(what, {}).items():
        if alike.get(name) is None and alike.get(other) is not None:
            alike[name] = alike[other]
    return alike
