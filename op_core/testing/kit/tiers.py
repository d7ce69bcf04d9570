"""From what was seen of each case to the tier that an adapter has reached, and what it still lacks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import attrs

from op_core.testing.kit.cases import Case, Tier

__all__ = ["NEEDS", "TIERS", "Hook", "Result", "Tried", "Verdict", "verdict"]

TIERS: tuple[Tier, ...] = ("bronze", "silver", "gold", "platinum")
NEEDS: Mapping[Tier, tuple[str, ...]] = {
    "bronze": ("op_export_orders", "op_get_order", "op_lookup_fulfillments"),
    "silver": ("op_create_reship", "op_issue_refund"),
    "gold": ("op_find_reship", "op_find_refund"),
    "platinum": (),
}
"""The hooks that a tier cannot be reached without, beside those of the tiers below."""

Result: TypeAlias = Literal["passed", "failed", "not tried", "not proven", "not run"]
_BAD = ("failed", "not proven", "not run")
_SHOWN = 3  # cases of a tier that is not reached


@attrs.frozen
class Tried:
    """
    What became of one case.

    Attributes:
        result: ``not tried``: a statement of the adapter's, or of its platform, leaves it out. ``not proven``: it ran
            in a way that proves nothing. ``not run``: it was not there.
        why: The statement, the harm, or what was wrong.
    """

    case: Case
    result: Result
    why: str = ""


@attrs.frozen
class Hook:
    """What an adapter says of a hook, and how many cases of it passed."""

    name: str
    support: str
    reason: str
    passed: int


@attrs.frozen
class Verdict:
    """
    What the kit found.

    Attributes:
        tier: The highest tier that is reached; None: not one.
        short: What the next tier lacks, in words; nothing after the highest.
        problems: What is wrong besides the cases.
        histories: Histories of faults that were played.
    """

    tier: Tier | None
    short: tuple[str, ...]
    tried: tuple[Tried, ...]
    hooks: tuple[Hook, ...]
    problems: tuple[str, ...]
    histories: int

    @property
    def well(self) -> bool:
        """Tell whether a tier is reached and nothing failed."""
        return self.tier is not None and not self.problems and not any(one.result in _BAD for one in self.tried)


def verdict(known: Sequence[Case], events: Iterable[Mapping[str, Any]], *, live: bool = False) -> Verdict:
    """
    Judge a run.

    Args:
        known: Every case of the kit.
        events: What `op_core.testing.kit.plugin` told of it.
        live: It ran on the real platform; else nothing is said of platinum.
    """
    events = list(events)
    tried = tuple(_tried(case, events) for case in known if live or case.tier != "platinum")
    said: Mapping[str, Any] = next((one["hooks"] for one in events if one["event"] == "capabilities"), {})
    passed = [hook for one in tried if one.result == "passed" for hook in one.case.hooks]
    hooks = tuple(Hook(name, one["support"], one["reason"], passed.count(name)) for name, one in said.items())
    problems = tuple(_problems(events, tried, hooks))
    tier, short = _reached(tried, hooks, problems, live=live)
    histories = sum(one["histories"] for one in events if one["event"] == "case")
    return Verdict(tier, short, tried, hooks, problems, histories)


def _tried(case: Case, events: Sequence[Mapping[str, Any]]) -> Tried:
    """Take the worst of what was told of a case: it may run several times, and may fail when it is cleared away."""
    told = [one for one in events if one["event"] == "case" and one["id"] == case.id]
    for result in ("failed", "not proven", "passed", "not tried"):
        found = next((one for one in told if one["result"] == result), None)
        if found is not None:
            return Tried(case, result, found["why"])
    return Tried(case, "not run", "no class of the adapter's tests inherits it, or it was left out of the run")


def _problems(events: Sequence[Mapping[str, Any]], tried: Sequence[Tried], hooks: Sequence[Hook]) -> Iterable[str]:
    for one in events:
        if one["event"] == "unreadable":
            yield f"{one['file']} cannot be read: {one['why']}"
    if not any(one["event"] == "ended" for one in events):
        yield "the tests did not come to their end"
    covered = {hook for one in tried for hook in one.case.hooks}
    for hook in hooks:
        if hook.support in ("supported", "partial") and hook.name in covered and not hook.passed:
            yield f"{hook.name} is claimed as {hook.support}, and no case of it passed"
        if hook.support == "unknown" and hook.passed:
            yield f"{hook.name} works, and the adapter does not claim it: say so in its capabilities"


def _reached(
    tried: Sequence[Tried], hooks: Sequence[Hook], problems: Sequence[str], *, live: bool
) -> tuple[Tier | None, tuple[str, ...]]:
    core = tuple(f"{one.case.id}, of the money core: {one.result}" for one in tried if _breaks_core(one))
    reached: Tier | None = None
    for tier in TIERS if live else TIERS[:-1]:
        lacks = [*problems, *core] if reached is None else []
        bad = [one.case.id for one in tried if one.case.tier == tier and one.result in _BAD]
        lacks += (
            [f"{len(bad)} of its cases: {', '.join(bad[:_SHOWN])}{', …' if len(bad) > _SHOWN else ''}"] if bad else []
        )
        lacks += [_lacking(hook) for name in NEEDS[tier] for hook in hooks if hook.name == name and not hook.passed]
        if not hooks and not lacks:
            lacks = ["no adapter was seen"]
        if lacks:
            return reached, tuple(dict.fromkeys(lacks))
        reached = tier
    return reached, () if live else ("the kit on the real platform: --live",)


def _breaks_core(one: Tried) -> bool:
    return one.case.core and one.result != "passed"


def _lacking(hook: Hook) -> str:
    return f"{hook.name}, which is {hook.support}{f': {hook.reason}' if hook.reason else ', and no case of it passed'}"
