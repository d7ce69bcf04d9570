"""The adapter under the real engine, in every order of events up to a bound: answers lost, crashes, races, people."""

from __future__ import annotations

import os
from typing import ClassVar

import pytest

from op_core.testing.histories.events import happen
from op_core.testing.histories.explore import Counts, explore, replay
from op_core.testing.histories.flights import BORDER
from op_core.testing.histories.scenes import a_world
from op_core.testing.histories.world import World
from op_core.testing.kit.blind import Blind
from op_core.testing.kit.cases import Tier, case, wrong
from op_core.testing.kit.played import PlayedSuite
from op_core.testing.subject import Subject

__all__ = ["MOST", "BlindSuite", "BorderSuite", "HistoriesSuite", "histories"]

_THEMES = ("crashes", "calls", "races", "people")
MOST = 40
"""Histories of each verb and theme that are run; the environment variable ``OP_KIT_HISTORIES`` asks for more."""
_BEGUN = ("send claim", "plan 1")  # what comes before the adapter's part is the same for every adapter
_TWICE = {
    "refund": "the customer would be refunded twice: 20.00 USD",
    "reship": "the customer would get the replacement twice",
    "store credit": "the customer would be credited twice: 20.00 USD",
    "protection": "the customer would be billed twice: 4.25 USD",
}


def histories(subject: Subject, wanted: str, *, blind: bool = False, depth: int = 12, most: int) -> Counts:
    """
    Run the histories of one verb, from when it is planned, and end at the first in which something is lost or doubled.

    Args:
        subject: The adapter with its shop, which is empty.
        wanted: ``refund``, ``reship`` or ``protection``.
        blind: Have its shop answer no question.
        depth: Events in one history at most.
        most: Histories of each theme at most.
    """
    every, empty = Counts(), subject.save()
    for theme in _THEMES:
        subject.load(empty)
        world = _world(subject, wanted, theme, blind=blind)
        for event in _BEGUN:
            happen(world, event)
        found = explore(world, depth=depth, most=most)
        world.close()
        for failure in found.failures:
            _lost_or_doubled(wanted, failure.reason, (*_BEGUN, *failure.events))
        every += found
    return every


def _world(subject: Subject, wanted: str, theme: str, *, blind: bool) -> World:
    scene = f"{wanted}, {'blind' if blind else 'find'}, {theme}"
    return a_world(scene, lambda find: subject if find else Blind(subject))


def _lost_or_doubled(wanted: str, reason: str, events: tuple[str, ...]) -> None:
    lost = f"a {wanted} that is owed would be lost, or told as what it is not"
    harm = _TWICE[wanted] if reason.startswith("doubled") else lost
    wrong(harm, f"{reason}\n  by these events: {', '.join(events)}")


class _Histories(PlayedSuite):
    def _run(self, request: pytest.FixtureRequest, adapter: Subject, wanted: str, *, blind: bool) -> None:
        counts = histories(adapter, wanted, blind=blind, most=max(MOST, int(os.environ.get("OP_KIT_HISTORIES", MOST))))
        request.node.user_properties.append(("histories", counts.histories))
        print(f"{counts.histories} histories, {counts.doubled} double payments")  # noqa: T201 - pytest shows it with -s


class HistoriesSuite(_Histories):
    """The shop can be asked: whatever happens, one effect, and every claim comes to its end or to a person."""

    name: ClassVar[str] = "histories"
    tier: ClassVar[Tier] = "gold"

    @case("the customer would be refunded twice, or never", "op_issue_refund", "op_find_refund")
    def test_of_a_refund(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """No order of lost answers, crashes, races and decisions refunds twice, loses a refund or tells a wrong one."""
        self._run(request, adapter, "refund", blind=False)

    @case("the customer would get the replacement twice, or never", "op_create_reship", "op_find_reship")
    def test_of_a_reship(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """No order of lost answers, crashes, races and decisions sends twice, loses a reship or tells a wrong one."""
        self._run(request, adapter, "reship", blind=False)

    @case("the customer would be billed twice, or never", "op_charge_protection", "op_find_protection_change")
    def test_of_protection(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """No order of lost answers, crashes, races and decisions bills twice, loses a charge or tells a wrong one."""
        self._run(request, adapter, "protection", blind=False)


class BlindSuite(_Histories):
    """The shop cannot be asked: what nobody knows is held for a person, and nothing is done twice."""

    name: ClassVar[str] = "blind"
    tier: ClassVar[Tier] = "silver"

    @case("the customer would be refunded twice, or never", "op_issue_refund")
    def test_refund(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """With every question answered by `CannotTell`, no order of events refunds twice, and a person is asked."""
        self._run(request, adapter, "refund", blind=True)

    @case("the customer would get the replacement twice, or never", "op_create_reship")
    def test_reship(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """With every question answered by `CannotTell`, no order of events sends twice, and a person is asked."""
        self._run(request, adapter, "reship", blind=True)

    @case("the customer would be billed twice, or never", "op_charge_protection")
    def test_protection(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """With every question answered by `CannotTell`, no order of events bills twice, and a person is asked."""
        self._run(request, adapter, "protection", blind=True)


class BorderSuite(PlayedSuite):
    """What a hook answers is lost, late, or no answer at all; or it was never sent. The shop is then asked."""

    name: ClassVar[str] = "border"
    tier: ClassVar[Tier] = "silver"

    @case("a refund whose answer is lost would be made again", "op_issue_refund")
    def test_of_a_refund(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """Whatever becomes of the answer to a refund, there is one, or none and a person is asked."""
        _each_fate(request, adapter, "refund")

    @case("a replacement whose answer is lost would be made again", "op_create_reship")
    def test_of_a_reship(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """Whatever becomes of the answer to a reship, there is one, or none and a person is asked."""
        _each_fate(request, adapter, "reship")

    @case("a credit whose answer is lost would be given again", "op_issue_store_credit")
    def test_of_a_store_credit(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """Whatever becomes of the answer to a store credit, there is one, or none and a person is asked."""
        _each_fate(request, adapter, "store credit")

    @case("a charge whose answer is lost would be made again", "op_charge_protection")
    def test_of_protection(self, request: pytest.FixtureRequest, adapter: Subject) -> None:
        """Whatever becomes of the answer to a charge, there is one, or none and a person is asked."""
        _each_fate(request, adapter, "protection")


def _each_fate(request: pytest.FixtureRequest, subject: Subject, wanted: str) -> None:
    world = _world(subject, wanted, "calls", blind=False)
    start = world.save()
    for fate in BORDER:
        world.load(start)
        events = [*_BEGUN, f"act 1/{fate}"]
        if (reason := replay(world, events)) is not None:
            _lost_or_doubled(wanted, reason, tuple(events))
    world.close()
    request.node.user_properties.append(("histories", len(BORDER)))
