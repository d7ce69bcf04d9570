"""
What is left of a decision whose person was forgotten. Pure.

The address of a reship is replaced by a mark, its keyed hash; all else (which units, how much money) stays, and hashes
are made anew. A later delivery that says the same again is marked likewise, so that it is known as the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from op_core.claims.addresses import FORGOTTEN
from op_core.claims.content import Content, digest
from op_core.errors import PersonError
from op_core.ledger.actions import Action
from op_core.ledger.plans import Plan

__all__ = ["Mark", "check_whole", "erased", "has_marks", "is_mark", "marked", "recognised"]

Mark = Callable[[Any], str]
"""Gives the keyed hash of plain data."""


def is_mark(value: object) -> bool:
    """Tell whether a value was erased."""
    return isinstance(value, dict) and FORGOTTEN in value


def marked(content: Content, mark: Mark) -> Content:
    """Return what a resolution says, without its address."""
    address = content["address"]
    if address is None or is_mark(address):
        return content
    return {**content, "address": {FORGOTTEN: mark(address)}}


def erased(content: dict[str, Any], mark: Mark) -> dict[str, Any]:
    """Return an action's content without address and text."""
    said = {name: content[name] for name in ("address", "text") if content.get(name) and not is_mark(content[name])}
    return {**content, **{name: {FORGOTTEN: mark(value)} for name, value in said.items()}}


def has_marks(plans: Sequence[Plan]) -> bool:
    """Tell whether any plan lost an address."""
    return any(is_mark(content["address"]) for plan in plans for content in plan.content)


def recognised(contents: Sequence[Content], plans: Sequence[Plan], mark: Mark) -> list[Content]:
    """Return what a delivery says, with marks in the place of addresses that an earlier plan had as well."""
    known = {digest(content) for plan in plans for content in plan.content}
    marks = [marked(content, mark) for content in contents]
    return [new if digest(new) in known else said for new, said in zip(marks, contents, strict=True)]


def check_whole(action: Action) -> None:
    """
    Refuse to do what an action is about when that was erased.

    Raises:
        PersonError: Its address or its text is gone.
    """
    lost = [name for name in ("address", "text") if is_mark(action.content.get(name))]
    if lost:
        raise PersonError(
            f"the {lost[0]} of action {action.id} was erased by `op-core forget`: it cannot be done any more;"
            " do it in the shop, by hand"
        )
