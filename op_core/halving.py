"""Reading many things together, so that a single one which cannot be read stops nobody but itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from op_core.errors import ContractBroken

__all__ = ["readable"]

K = TypeVar("K")
V = TypeVar("V")
_ALL_WRONG = 10  # of more than so many, none can be read: then it is no single one


def readable(items: Sequence[K], read: Callable[[Sequence[K]], V]) -> tuple[list[V], list[tuple[K, ContractBroken]]]:
    """
    Read *items* together, and where that fails its halves, until single ones are left.

    Args:
        items: What to read.
        read: Reads some of them; raises `ContractBroken` where one cannot be read.

    Returns:
        What *read* answered, in the order of the items; and each item that it cannot read, with the reason.

    Raises:
        ContractBroken: There are more than ten items, and none can be read: what is wrong is no single one of them.
    """
    found, wrong = _read(items, read)
    if not found and len(items) > _ALL_WRONG:
        raise wrong[0][1]
    return found, wrong


def _read(items: Sequence[K], read: Callable[[Sequence[K]], V]) -> tuple[list[V], list[tuple[K, ContractBroken]]]:
    try:
        return [read(items)], []
    except ContractBroken as error:
        if len(items) <= 1:
            return [], [(item, error) for item in items]
    middle = len(items) // 2
    left, right = _read(items[:middle], read), _read(items[middle:], read)
    return [*left[0], *right[0]], [*left[1], *right[1]]
