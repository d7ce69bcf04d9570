"""
What a decision changes about what was planned before. Pure.

The same decision again, in any spelling, changes nothing. A whole body completes what a short one began, and a
webhook that came after all takes over what a sweep made wait for it. Another
decision is held, next to what it would replace; of what has begun only the difference can still be done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

import attrs

from op_core.claims import caps
from op_core.claims.content import Content, brief, digest, outline, set_hash
from op_core.claims.holds import NEVER_DELIVERED, hold, is_mendable
from op_core.claims.payments import share_out
from op_core.claims.plan import KNOWN_TYPES, Draft, Situation, content_of, plan_claim
from op_core.claims.states import BEGUN, NOT_BEGUN, OWED
from op_core.ledger.actions import Action
from op_core.ledger.plans import Plan
from op_core.models import LineQuantity
from op_core.money import Money, total

__all__ = ["Proposal", "Step", "kept_of", "propose"]

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
    """What to write: new and rewritten actions, those that should wait, and refused ones that are over."""

    verdict: Verdict
    steps: tuple[Step, ...] = ()
    stop: tuple[tuple[Action, dict[str, Any]], ...] = ()
    over: tuple[Action, ...] = ()


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
    if verdict == "first" and any(NEVER_DELIVERED in action.content for action in actions):
        return _take_over(contents, actions, situation)
    if verdict == "first":
        return Proposal("first", tuple(Step(draft) for draft in plan_claim(contents, situation)))
    if verdict == "same" and again:
        return _renew(contents, actions, situation)
    if verdict == "completes":
        return _complete(contents, actions, situation)
    if verdict == "amended":
        return _amend(contents, plans[-1].content, actions, situation)
    return Proposal("same")


def _without(situation: Situation, leaving: Sequence[Action]) -> Situation:
    rest = list(situation.taken)
    for one in caps.taken(leaving):
        if one in rest:
            rest.remove(one)
    return attrs.evolve(situation, taken=rest)


def _complete(contents: Sequence[Content], actions: Sequence[Action], situation: Situation) -> Proposal:
    open_ones = [action for action in actions if action.state in NOT_BEGUN]
    begun = [action for action in actions if action.state in BEGUN]
    ended = {action.verb: action for action in actions if action.state in ("declined", "refused")}
    steps = []
    for draft in plan_claim(contents, _without(situation, actions)):
        twin = next((one for one in begun if one.verb == draft.verb and _units(one) == _units(draft)), None)
        if twin is not None:
            begun.remove(twin)
            if twin.content.get("address") != draft.content.get("address"):
                away = hold("no_difference", f"action {twin.id} has begun, to another address than is said now")
                steps.append(Step(draft.held(away), rivals=(twin,)))
            continue
        same = next((one for one in open_ones if one.verb == draft.verb), None)
        if same is not None:
            open_ones.remove(same)
        elif draft.verb in ended:
            before = ended[draft.verb]
            said = hold("amended", f"action {before.id} was {before.state}; now the decision came in full")
            steps.append(Step(draft.held(said)))
            continue
        steps.append(Step(draft, rewrites=same))
    return Proposal("completes", tuple(steps))


def _take_over(contents: Sequence[Content], actions: Sequence[Action], situation: Situation) -> Proposal:
    """
    Plan what a sweep made wait for. What a person did in the meantime is not done again; where a person did some of
    several of one kind, nobody knows which, and all of that kind wait.
    """
    drafts = plan_claim(contents, _without(situation, actions))
    waiting = [action for action in actions if action.state in NOT_BEGUN]
    steps = []
    for verb in dict.fromkeys(draft.verb for draft in drafts):
        of_verb = [draft for draft in drafts if draft.verb == verb]
        done = [one for one in actions if one.verb == verb and one.state in BEGUN]
        ended = [one for one in actions if one.verb == verb and one.state in ("declined", "refused")]
        if done and len(done) >= len({draft.resolution_hash for draft in of_verb}):
            continue  # a person's word, for all that is decided of this kind
        said = [hold("amended", f"action {one.id} was {one.state}; now the decision came") for one in (*done, *ended)]
        for draft in of_verb:
            same = next((one for one in waiting if one.verb == verb), None)
            if same is not None:
                waiting.remove(same)
            steps.append(Step(draft.held(*said), rewrites=same))
    return Proposal("completes", tuple(steps), over=tuple(waiting))


def _renew(contents: Sequence[Content], actions: Sequence[Action], situation: Situation) -> Proposal:
    """Plan anew what waits for something that was mended since; whatever else the decision asked for stays as it is."""
    waiting = [one for one in actions if is_mendable(one)]
    steps = []
    for draft in plan_claim(contents, _without(situation, waiting)):
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
    situation = _without(situation, waiting)
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
    wanted = plan_claim(contents, _without(situation, begun))
    first = wanted[0]
    if verb == "reship":
        return [_more_units(wanted, begun)]
    amounts = [draft.amount for draft in wanted if draft.amount is not None]
    if situation.order is None or len(amounts) != len(wanted):
        return wanted
    currency = situation.order.currency
    given = total((one.worth for one in begun if one.worth is not None), currency)
    more = total(amounts, currency) - given
    facts = {**first.content, "difference": True, "given": str(given)}
    facts.pop("part", None)
    if more.amount <= 0:
        nothing = hold("no_difference", f"{given} is given back already, {total(amounts, currency)} is decided now")
        return [attrs.evolve(first, content=facts, amount=None, payment_id=None).held(nothing)]
    whole = attrs.evolve(first, content=facts, amount=more, payment_id=None)
    if verb != "refund":
        return [whole]
    free = [(payment, caps.free(payment, situation.taken)) for payment in situation.order.payments]
    parts: list[tuple[Any, Money]] = share_out(more, free)
    return [attrs.evolve(whole, amount=part, payment_id=payment.id) for payment, part in parts] or [whole]


def _more_units(wanted: Sequence[Draft], begun: Sequence[Action]) -> Draft:
    missing: Counter[str] = Counter()
    for draft in wanted:
        missing.update({line.line_id: line.quantity for line in draft.lines})
    for action in begun:
        missing.subtract(dict(_units(action)))
    more = [LineQuantity(line_id, quantity) for line_id, quantity in sorted(missing.items()) if quantity > 0]
    first = wanted[0]
    facts = {**first.content, **content_of(more), "difference": True}
    draft = attrs.evolve(first, content=facts)
    return draft if more else draft.held(hold("no_difference", "all these units are on their way already"))


def _units(one: Action | Draft) -> tuple[tuple[str, int], ...]:
    return tuple(sorted((line_id, quantity) for line_id, quantity in one.content.get("lines", [])))


def _words(contents: Sequence[Content]) -> str:
    """Say decisions in words that hold no personal data."""
    said = []
    for content in contents:
        items = ", ".join(f"{line['quantity']} of {line['item_id'] or line['sku']}" for line in content["lines"])
        amount = f" {content['total']} {content['currency']}" if content["total"] is not None else ""
        said.append(f"{content['type']}{amount} for {items or 'no item'}")
    return "; ".join(sorted(said)) or "nothing"
