"""
What a decision changes about what was planned before. Pure.

The same decision again, in any spelling, changes nothing. A whole body completes what a short one began. Another
decision is held, next to what it would replace; of what has begun only the difference can still be done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import attrs

from op_core.claims import caps
from op_core.claims.content import Content, brief, digest, outline, set_hash
from op_core.claims.forgotten import is_mark
from op_core.claims.holds import hold, is_mendable
from op_core.claims.payments import share_out
from op_core.claims.plan import KNOWN_TYPES, Draft, Situation, content_of, plan_claim
from op_core.claims.proposal import Proposal, Step, Verdict, as_one, by_resolution
from op_core.claims.states import BEGUN, NOT_BEGUN, OWED, SETTLED
from op_core.claims.takeover import is_missed, settled_before, take_over
from op_core.ledger.actions import Action
from op_core.ledger.plans import Plan
from op_core.models import LineQuantity
from op_core.money import Money, total
from op_core.untrusted import named

__all__ = ["kept_of", "propose"]


def _waits_for_order(action: Action) -> bool:
    return action.state == "held" and action.order_id is None


def _pairs(one: Sequence[Content], other: Sequence[Content]) -> bool:
    return _items(one) == _items(other)


def _items(contents: Sequence[Content]) -> Counter[tuple[str, tuple[str, int]]]:
    return Counter((kind, line) for kind, lines in map(outline, contents) for line in lines)


def _verdict(contents: Sequence[Content], plans: Sequence[Plan]) -> Verdict:
    if not plans:
        return "first"
    if any(plan.content_hash == set_hash(contents) for plan in plans):
        return "same"
    if all(brief(content) for content in contents) and any(_pairs(contents, plan.content) for plan in plans):
        return "same"
    # What amends another decision is held, however short or long it was said; it completes nothing.
    if any(brief(content) for content in plans[-1].content) and all(_pairs(contents, plan.content) for plan in plans):
        return "completes"
    return "amended"


def propose(
    contents: Sequence[Content],
    plans: Sequence[Plan],
    actions: Sequence[Action],
    situation: Situation,
    *,
    again: bool = False,
) -> Proposal:
    """
    Compare a decision with the plans made so far.

    Args:
        contents: Normalised resolutions, as the delivery says them.
        plans: Earlier plans of the claim, oldest first.
        actions: All actions of the claim.
        situation: With what is taken from the order, this claim's actions included.
        again: A person asked to look at it anew, after something was mended.
    """
    verdict = _verdict(contents, plans)
    joined = situation.order is not None and any(_waits_for_order(action) for action in actions)
    if verdict == "same" and joined and all(_pairs(contents, plan.content) for plan in plans):
        verdict = "completes"
    missed = [action for action in actions if is_missed(action)]
    if verdict == "first" and missed:
        return take_over(contents, missed, situation)
    actions = [action for action in actions if action not in missed]  # no plan is about them: only a person ends them
    if verdict == "first":
        return Proposal("first", tuple(Step(draft) for draft in plan_claim(contents, situation)))
    if verdict == "same" and again:
        return _renew(contents, actions, situation)
    if verdict == "completes":
        return _wary(_complete(contents, actions, situation), missed)
    if verdict == "amended":
        return _wary(_amend(contents, plans[-1].content, actions, situation), missed)
    return Proposal("same")


def _wary(proposal: Proposal, missed: Sequence[Action]) -> Proposal:
    """Hold what a person may have decided before the first webhook came, as long as nobody knows for which it was."""
    steps = []
    for step in proposal.steps:
        before = [
            one for one in missed if one.verb == step.draft.verb and one.state in SETTLED and one.state != "replaced"
        ]
        steps.append(attrs.evolve(step, draft=step.draft.held(settled_before(before))) if before else step)
    return attrs.evolve(proposal, steps=tuple(steps))


def _complete(contents: Sequence[Content], actions: Sequence[Action], situation: Situation) -> Proposal:
    open_ones = [action for action in actions if action.state in NOT_BEGUN]
    begun = [action for action in actions if action.state in BEGUN]
    ended = {action.verb: action for action in actions if action.state in ("declined", "refused")}
    decisions = by_resolution(plan_claim(contents, situation.without(actions)))
    twins: list[Action | None] = []
    for first, *_ in decisions:
        twin = next((one for one in begun if one.verb == first.verb and _units(one) == _units(first)), None)
        twins.append(twin)
        begun = [one for one in begun if twin is None or not _of_one(one, twin)]
    steps: list[Step] = []
    learned = []
    for parts, twin in zip(decisions, twins, strict=True):
        first = parts[0]
        if twin is not None:
            if twin.content.get("address") != first.content.get("address"):
                erased = is_mark(twin.content.get("address"))
                where = "to an address that was erased since" if erased else "to another address than is said now"
                away = hold("no_difference", f"action {twin.id} has begun, {where}")
                steps.append(Step(first.held(away), rivals=(twin,)))
            elif twin.state == "done" and twin.worth is None:
                learned.append((twin, as_one(parts)))
            continue
        same = next((one for one in open_ones if one.verb == first.verb), None)
        if same is not None:
            open_ones.remove(same)
        said = [
            hold("amended", f"action {one.id} was {one.state}, for other units; now the decision came in full")
            for one in begun
            if one.verb == first.verb
        ]
        if same is None and first.verb in ended:
            before = ended[first.verb]
            said.append(hold("amended", f"action {before.id} was {before.state}; now the decision came in full"))
        steps += [Step(part.held(*said), rewrites=same if part is first else None) for part in parts]
    return Proposal("completes", tuple(steps), learned=tuple(learned))


def _of_one(one: Action, other: Action) -> bool:
    """Tell whether two actions are parts of one resolution."""
    return one.id == other.id or (one.resolution_hash is not None and one.resolution_hash == other.resolution_hash)


def _renew(contents: Sequence[Content], actions: Sequence[Action], situation: Situation) -> Proposal:
    """Plan anew what waits for something that was mended since; whatever else the decision asked for stays as it is."""
    waiting = [one for one in actions if is_mendable(one)]
    steps = []
    for draft in plan_claim(contents, situation.without(waiting)):
        of_it = [one for one in actions if one.resolution_hash == draft.resolution_hash and one.state in OWED]
        if of_it and all(one in waiting or one.state == "held" for one in of_it):
            same = next((one for one in of_it if one in waiting and one.verb == draft.verb), None)
            if same is not None:
                waiting.remove(same)
                steps.append(Step(draft, rewrites=same))
            elif draft.content.get("part", [1])[0] > 1:
                steps.append(Step(draft))
    return Proposal("completes", tuple(steps))


def _amend(
    contents: Sequence[Content], before: Sequence[Content], actions: Sequence[Action], situation: Situation
) -> Proposal:
    old, new = Counter(map(digest, before)), Counter(map(digest, contents))
    gone = old - new
    # Decisions before the last one count as well: what was given for them is given.
    owed = [action for action in actions if action.resolution_hash is not None and action.state in OWED]
    kept = kept_of(owed, new)
    rivals = [action for action in owed if action.resolution_hash not in kept]
    counted = Counter(named.partition("#")[0] for named in kept)
    now = _as_many(contents, new - (old | counted))
    was = [content for content in before if digest(content) in gone]
    said = hold("amended", f"was: {_words(was)}; now: {_words(now)}")
    waiting = [rival for rival in rivals if rival.state in NOT_BEGUN]
    situation = situation.without(waiting)
    verbs = {KNOWN_TYPES[content["type"]] for content in now}
    steps = []
    for verb in sorted(verbs):
        of_verb = [content for content in now if KNOWN_TYPES[content["type"]] == verb]
        # What is decided no more in any form stands against all that is decided instead.
        against = tuple(one for one in rivals if one.verb == verb or (one in waiting and one.verb not in verbs))
        begun = [rival for rival in against if rival.state in BEGUN]
        drafts = _difference(verb, of_verb, begun, situation) if begun else plan_claim(of_verb, situation, counted)
        steps += [Step(draft.held(said), rivals=against) for draft in drafts]
    over = tuple(one for one in actions if one.state == "refused" and _resolution(one) not in new)
    return Proposal("amended", tuple(steps), tuple((rival, said) for rival in waiting), over)


def _as_many(contents: Sequence[Content], wanted: Counter[str]) -> list[Content]:
    left = Counter(wanted)
    found = []
    for content in contents:
        if left[digest(content)] > 0:
            left[digest(content)] -= 1
            found.append(content)
    return found


def kept_of(owed: Sequence[Action], new: Counter[str]) -> set[str]:
    """Return the resolutions that the new decision names as well: of equal ones as many, the begun ones first."""
    left = Counter(new)
    kept: set[str] = set()
    for action in sorted(owed, key=lambda action: action.state not in BEGUN):
        named = action.resolution_hash or ""
        if named not in kept and left[_resolution(action)] > 0:
            left[_resolution(action)] -= 1
            kept.add(named)
    return kept


def _resolution(action: Action) -> str:
    return (action.resolution_hash or "").partition("#")[0]


def _difference(verb: str, contents: Sequence[Content], begun: Sequence[Action], situation: Situation) -> list[Draft]:
    """Return what the new decision asks for beyond what has begun."""
    wanted = plan_claim(contents, situation.without(begun))
    first = wanted[0]
    if verb == "reship":
        return [_more_units(wanted, begun)]
    amounts = [draft.amount for draft in wanted if draft.amount is not None]
    if situation.order is None or len(amounts) != len(wanted):
        return wanted
    order, currency = situation.order, situation.order.currency
    given = total((one.worth for one in begun if one.worth is not None), currency)
    more = total(amounts, currency) - given
    units = _missing(wanted, begun)
    facts = {**first.content, **content_of(units), "difference": True, "given": str(given)}
    facts.pop("part", None)
    first = first.without("above_paid", "above_ordered")
    if more.amount <= 0:
        nothing = hold("no_difference", f"{given} is given back already, {total(amounts, currency)} is decided now")
        return [attrs.evolve(first, content=facts, amount=None, payment_id=None).held(nothing)]
    # What has begun is in the shop's own figures by now: the caps are those of the difference alone.
    capped = (*caps.units(units, situation.taken, order), *caps.money(more, situation.taken, order))
    whole = attrs.evolve(first, content=facts, amount=more, payment_id=None).held(*capped)
    if verb != "refund":
        return [whole]
    free = [(payment, caps.free(payment, situation.taken)) for payment in order.payments]
    parts: list[tuple[Any, Money]] = share_out(more, free)
    return [
        attrs.evolve(whole, content={**facts, "part": [i, len(parts)]}, amount=part, payment_id=payment.id)
        for i, (payment, part) in enumerate(parts, 1)
    ] or [whole]


def _more_units(wanted: Sequence[Draft], begun: Sequence[Action]) -> Draft:
    more = _missing(wanted, begun)
    first = wanted[0]
    facts = {**first.content, **content_of(more), "difference": True}
    draft = attrs.evolve(first, content=facts)
    return draft if more else draft.held(hold("no_difference", "all these units are on their way already"))


def _missing(wanted: Sequence[Draft], begun: Sequence[Action]) -> list[LineQuantity]:
    """Return the units decided beyond those that the shop was told of; the parts of one refund share theirs."""
    missing: Counter[str] = Counter()
    for draft in filter(_is_first_part, wanted):
        missing.update({line.line_id: line.quantity for line in draft.lines})
    for action in filter(_is_first_part, begun):
        missing.subtract(dict(_units(action)))
    return [LineQuantity(line_id, quantity) for line_id, quantity in sorted(missing.items()) if quantity > 0]


def _is_first_part(one: Action | Draft) -> bool:
    return bool(one.content.get("part", [1])[0] == 1)


def _units(one: Action | Draft) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((line_id, quantity) for line_id, quantity in one.content.get("lines", [])))


def _words(contents: Sequence[Content]) -> str:
    """Say decisions in words that hold no personal data."""
    said = []
    for content in contents:
        items = ", ".join(f"{line['quantity']} of {named(line['item_id'] or line['sku'])}" for line in content["lines"])
        amount = f" {content['total']} {content['currency']}" if content["total"] is not None else ""
        said.append(f"{content['type']}{amount} for {items or 'no item'}")
    return "; ".join(sorted(said)) or "nothing"
