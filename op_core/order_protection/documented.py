"""
The shapes that Order Protection's pages show: known from the start.

``documented.json`` lists them for each topic and each call; a path that ends in ``?`` may be missing. It is computed
from the samples of the pages, and a test holds it against them.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from op_core.order_protection.shapes import Known

__all__ = ["documented", "documented_kinds"]

_FILE = Path(__file__).with_name("documented.json")


@lru_cache(maxsize=1)
def _read() -> dict[str, Known]:
    listed: dict[str, list[str]] = json.loads(_FILE.read_bytes())
    return {what: _known(paths) for what, paths in listed.items()}


def _known(paths: list[str]) -> Known:
    always = frozenset(path.rpartition(":")[0] for path in paths if not path.endswith("?"))
    return Known(frozenset(path.removesuffix("?") for path in paths), always)


def documented(what: str) -> Known:
    """
    Return what the pages show of a topic or of the answers to a call; nothing where no page shows any.

    Args:
        what: A topic as `op_core.order_protection.dialects.kinds` names it, or method, route and page, such as
            ``GET /v1/orders/{sourceOrderId} (ORD-G)``.
    """
    return _read().get(what, Known())


def documented_kinds() -> tuple[str, ...]:
    """Return every topic and every call whose shape a page shows."""
    return tuple(_read())
