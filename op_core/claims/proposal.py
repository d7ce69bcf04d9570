"""What a decision asks to be written: new and rewritten actions, and what becomes of those that are there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import attrs

from op_core.claims.plan import Draft
from op_core.ledger.actions import Action
from op_core.money import total

__all__ = ["Proposal", "Step", "Verdict", "as_one", "by_resolution"]

Verdict = Literal["first", "same", "completes", "amended"]


@attrs.frozen
class Step:
    """
    One draft, and what it does to actions that are there.

    Attributes:
        rewrites: The action, not begun, that takes this draft's content and keeps its key.
        rivals: Actions of which only one, they or this, may act.
    """

    draft: Draft
    rewrites: Action | None = None
    rivals: tuple[Action, ...] = ()


@attrs.frozen
class Proposal:
    """
    What to write.

    Attributes:
        steps: New and rewritten actions.
        stop: Actions that should wait, each with why.
        over: Refused ones that another decision took the place of.
        learned: Actions that a person recorded as done before anybody said what they are about, with what is known
            now. They are done; only what they took from the order is written down.
    """

    verdict: Verdict
    steps: tuple[Step, ...] = ()
    stop: tuple[tuple[Action, dict[str, Any]], ...] = ()
    over: tuple[Action, ...] = ()
    learned: tuple[tuple[Action, Draft], ...] = ()


def by_resolution(drafts: Iterable[Draft]) -> list[list[Draft]]:
    """Put the parts of each resolution together, in the order of *drafts*."""
    parts: dict[str, list[Draft]] = {}
    for draft in drafts:
        parts.setdefault(draft.resolution_hash, []).append(draft)
    return list(parts.values())


def as_one(parts: Sequence[Draft]) -> Draft:
    """Return a resolution as one draft, whose amount is that of all its parts, out of whichever payment."""
    first = parts[0]
    amounts = [part.amount for part in parts if part.amount is not None]
    amount = total(amounts, amounts[0].currency) if amounts else None
    facts = {name: value for name, value in first.content.items() if name != "part"}
    return attrs.evolve(first, content=facts, amount=amount, payment_id=None)
