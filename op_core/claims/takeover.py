"""
A webhook that came after a sweep had found its decision missing. Pure.

It takes the place of what waits for it, under the same keys. What a person did or declined in the meantime stands:
nothing is done twice. Where the webhook tells other decisions than the API listed, or nobody can tell which of
several alike was done by hand, a person looks first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from op_core.claims.content import Content, brief, digest
from op_core.claims.holds import NEVER_DELIVERED, hold
from op_core.claims.plan import Draft, Situation, plan_claim
from op_core.claims.proposal import Proposal, Step, as_one, by_resolution
from op_core.claims.states import BEGUN
from op_core.ledger.actions import Action

__all__ = ["is_missed", "settled_before", "take_over"]


def is_missed(action: Action) -> bool:
    """Tell whether a sweep made it, and no webhook has said since what it is about."""
    return NEVER_DELIVERED in action.content and action.resolution_hash is None


def take_over(contents: Sequence[Content], missed: Sequence[Action], situation: Situation) -> Proposal:
    """
    Plan a claim's first webhook.

    Args:
        contents: Normalised resolutions, as it says them.
        missed: What a sweep made, whatever became of it.
        situation: With what is taken from the order, *missed* included.
    """
    said = {digest(content): content for content in contents}
    decisions = by_resolution(plan_claim(contents, situation.without(missed)))
    types = [str(said[_name(parts)]["type"]) for parts in decisions]
    otherwise = _otherwise(types, missed, short=all(brief(content) for content in contents))
    twins: dict[str, Action] = {}
    unsure: dict[str, list[dict[str, Any]]] = {}
    for kind in dict.fromkeys(types):
        named = [(parts[0].resolution_hash, _sum(said[_name(parts)])) for parts in decisions
                 if said[_name(parts)]["type"] == kind]  # fmt: skip
        there = [one for one in missed if one.content["from"] == kind]
        pairs = _paired(named, there)
        if pairs is None:
            unsure[kind] = [settled_before(there)]
            pairs = zip([name for name, _ in named], [one for one in there if one.state == "held"], strict=False)
        twins.update(pairs)
    taken = {one.id for one in twins.values()}
    left = tuple(one for one in missed if one.state == "held" and one.id not in taken)
    steps: list[Step] = []
    learned = []
    for parts, kind in zip(decisions, types, strict=True):
        twin = twins.get(parts[0].resolution_hash)
        holds = [*otherwise, *unsure.get(kind, ())]
        if twin is not None and twin.state in BEGUN:
            learned.append((twin, as_one(parts)))
        elif twin is not None and twin.state == "held":
            steps += [Step(part.held(*holds), twin if part is parts[0] else None) for part in parts]
        else:
            ended = [] if twin is None else [settled_before([twin])]
            steps += [Step(part.held(*holds, *ended), rivals=left if holds else ()) for part in parts]
    return Proposal("first", tuple(steps), learned=tuple(learned))


def settled_before(missed: Sequence[Action]) -> dict[str, Any]:
    """Hold what a person may have decided already, before a webhook said what it is about."""
    ended = ", ".join(f"action {one.id} was {one.state}" for one in missed if one.state != "held")
    return hold("amended", f"{ended}, when nobody knew more than that there is a decision; now its webhook is here")


def _name(parts: Sequence[Draft]) -> str:
    return parts[0].resolution_hash.partition("#")[0]


def _sum(content: Content) -> str | None:
    """Write what is decided as a sweep writes what is paid."""
    return (
        None if content["total"] is None or content["currency"] is None else f"{content['total']} {content['currency']}"
    )


def _otherwise(types: Sequence[str], missed: Sequence[Action], *, short: bool) -> list[dict[str, Any]]:
    """Hold what tells other decisions than were listed. The short body joins those of one type (C-4)."""
    listed = [str(one.content["from"]) for one in missed]
    if set(types) == set(listed) and (short or Counter(types) == Counter(listed)):
        return []
    there, here = ", ".join(sorted(listed)), ", ".join(sorted(types))
    return [hold("amended", f"Order Protection listed {there} for the claim; the webhook that came says {here}")]


def _paired(
    decisions: Sequence[tuple[str, str | None]], there: Sequence[Action]
) -> Iterable[tuple[str, Action]] | None:
    """Pair decisions of one type, each with its sum, and actions; None where nobody can tell which is which."""
    if len(decisions) == len(there) == 1 or all(one.state == "held" for one in there):
        return zip([name for name, _ in decisions], there, strict=False)
    by_sum = {one.content["said_paid"]: one for one in there}
    sums = {said for _, said in decisions}
    if None in sums or sums != by_sum.keys() or not len(sums) == len(decisions) == len(there):
        return None
    return [(name, by_sum[said]) for name, said in decisions]
