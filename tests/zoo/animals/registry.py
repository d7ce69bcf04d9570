"""What an animal is: an adapter with one fault, and the case of the kit that finds it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import attrs
from op_corner_shop import CornerShopAdapter

__all__ = ["ANIMALS", "Animal", "animal"]

A = TypeVar("A", bound=type[CornerShopAdapter])


@attrs.frozen
class Animal:
    """
    One animal.

    Attributes:
        kind: The adapter. Its docstring says what it does wrong, and where that happened to somebody.
        case: The id of its own case.
        words: What the case must say of it.
        given: Further arguments of the case, where it is tried with several.
    """

    kind: type[CornerShopAdapter]
    case: str
    words: str
    given: dict[str, str] = attrs.field(factory=dict)

    @property
    def name(self) -> str:
        """Its name."""
        return self.kind.__name__


ANIMALS: list[Animal] = []


def animal(case: str, words: str, **given: str) -> Callable[[A], A]:
    """Register a class; see `Animal`."""

    def register(kind: A) -> A:
        ANIMALS.append(Animal(kind, case, words, given))
        return kind

    return register
