"""One call between an adapter and its shop goes wrong, each in turn and in every way, under the real engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import ClassVar

import attrs
import pytest

from op_core.models import Order
from op_core.storefront import Storefront
from op_core.testing import bodies
from op_core.testing.kit.cases import Tier, case, wrong
from op_core.testing.kit.played import Played, PlayedSuite
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Subject, Wire

__all__ = ["WireSuite"]

_MOST = 20  # calls of one question
_CONNECTION = ("refuse", "drop before", "drop after", "stall", "raise before", "raise after")
_TWICE = {
    "refund": "refunded twice: {amount}",
    "reship": "sent the replacement twice",
    "store_credit": "credited twice: {amount}",
    "charge_protection": "billed twice: {amount}",
}


@attrs.frozen
class _Asked:
    """
    What is asked of the shop by one webhook.

    Attributes:
        worth: What it moves, in USD.
    """

    verb: str
    order: Order
    body: bytes
    worth: Decimal = Decimal(0)

    @classmethod
    def of(cls, verb: str, order: Order) -> _Asked:
        """Ask for one unit of the first line, or for a premium."""
        if verb == "charge_protection":
            return cls(verb, order, bodies.protection(added=True, order=order.id, event="evt-on"), Decimal("4.25"))
        kind = verb.upper()
        said = bodies.resolution(kind, bodies.item(order.lines[0].id))
        worth = Decimal(0) if verb == "reship" else Decimal("20.00")
        return cls(verb, order, bodies.approved(said, order=order.id), worth)


class WireSuite(PlayedSuite):
    """Whatever becomes of one call, nothing is done twice, and nobody is told what is not so."""

    name: ClassVar[str] = "wire"
    tier: ClassVar[Tier] = "gold"

    @case("a refund whose answer is lost would be made again", "op_issue_refund", "op_find_refund")
    def test_of_a_refund(self, request: pytest.FixtureRequest, adapter: Subject, store: Storefront) -> None:
        """One call of a refund goes wrong, each in turn, in every way: there is one refund at most, told as it is."""
        _each_call(request, adapter, store, "refund")

    @case("a replacement whose answer is lost would be made again", "op_create_reship", "op_find_reship")
    def test_of_a_reship(self, request: pytest.FixtureRequest, adapter: Subject, store: Storefront) -> None:
        """One call of a reship goes wrong, each in turn, in every way: there is one at most, told as it is."""
        _each_call(request, adapter, store, "reship")

    @case("a credit whose answer is lost would be given again", "op_issue_store_credit", "op_find_store_credit")
    def test_of_a_store_credit(self, request: pytest.FixtureRequest, adapter: Subject, store: Storefront) -> None:
        """One call of a store credit goes wrong, each in turn, in every way: there is one at most, told as it is."""
        _each_call(request, adapter, store, "store_credit")

    @case("a charge whose answer is lost would be made again", "op_charge_protection", "op_find_protection_change")
    def test_of_protection(self, request: pytest.FixtureRequest, adapter: Subject, store: Storefront) -> None:
        """One call of a charge goes wrong, each in turn, in every way: there is one at most, told as it is."""
        _each_call(request, adapter, store, "charge_protection")

    @case('a failed look-up would be taken as "not there", and the refund be made again', "op_issue_refund",
          "op_find_refund")  # fmt: skip
    def test_of_a_question_about_a_refund(self, request: pytest.FixtureRequest, adapter: Subject, store: Storefront
                                          ) -> None:  # fmt: skip
        """The answer to a refund is lost, and then each call that looks for it goes wrong: it is not made again."""
        _each_question(request, adapter, store, "refund")

    @case('a failed look-up would be taken as "not there", and the parcel be sent again', "op_create_reship",
          "op_find_reship")  # fmt: skip
    def test_of_a_question_about_a_reship(self, request: pytest.FixtureRequest, adapter: Subject, store: Storefront
                                          ) -> None:  # fmt: skip
        """The answer to a reship is lost, and then each call that looks for it goes wrong: it is not made again."""
        _each_question(request, adapter, store, "reship")

    @case("each broken connection would need a person", "op_issue_refund", "op_find_refund")
    def test_heals_by_itself(self, request: pytest.FixtureRequest, adapter: Subject, store: Storefront) -> None:
        """After one broken connection the refund is done, without a person: it was made, or is made then."""
        played, wire, asked, calls = _opened(adapter, store, "refund")
        start = adapter.save()
        cuts = list(_cuts(calls, [one for one in wire.kinds if one in _CONNECTION]))
        for nth, kind in cuts:
            adapter.load(start)
            wire.cut(nth, kind)
            _twice(played, asked)
            ends = [(one.state, one.reason, one.holds) for one in played.scene.actions()]
            if [state for state, *_ in ends] != ["done"]:
                wrong(
                    "a customer would wait for a person, because a connection broke once",
                    f"{ends} ({_at(nth, calls, kind)}), expected done",
                )
        request.node.user_properties.append(("histories", len(cuts)))


def _each_call(request: pytest.FixtureRequest, subject: Subject, store: Storefront, verb: str) -> None:
    played, wire, asked, calls = _opened(subject, store, verb)
    start = subject.save()
    cuts = list(_cuts(calls, wire.kinds))
    for nth, kind in cuts:
        subject.load(start)
        wire.cut(nth, kind)
        _twice(played, asked)
        _holds(played, asked, _at(nth, calls, kind))
    request.node.user_properties.append(("histories", len(cuts)))


def _each_question(request: pytest.FixtureRequest, subject: Subject, store: Storefront, verb: str) -> None:
    played, wire, asked, _ = _opened(subject, store, verb)
    start = subject.save()
    tried = 0
    for kind in wire.kinds:
        for nth in range(1, _MOST + 1):
            subject.load(start)
            wire.mend()
            played.anew().take(asked.body)
            played.call_in_vain()
            wire.cut(nth, kind)
            played.ask()
            if wire.passed < nth:
                break  # the question is not of so many calls
            tried += 1
            wire.mend()
            played.hear(asked.body)
            _holds(played, asked, f"its answer was lost, then call {nth} of the question, {kind}")
    request.node.user_properties.append(("histories", tried))
    if not tried:
        wrong(f"nobody knows what a failed look-up of a {verb} does to this shop", "no question went over the wire")


def _opened(subject: Subject, store: Storefront, verb: str) -> tuple[Played, Wire, _Asked, int]:
    """Put an order, see that all goes well while nothing is cut, and count the calls."""
    if subject.wire is None:
        wrong(
            "nobody knows what a lost answer does to this shop",
            "the subject has no wire, expected one of op_core.testing.wires",
        )
    asked = _Asked.of(verb, subject.put(an_order()))
    start = subject.save()
    subject.wire.mend()
    played = Played.by(subject, store)
    played.hear(asked.body)
    calls = subject.wire.passed
    _holds(played, asked, "nothing was cut")
    if not calls or len(subject.effects()) != 1:
        wrong(
            "nobody knows what a lost answer does to this shop",
            f"{calls} calls over the wire, {len(subject.effects())} effects, {_ends(played)}; expected some, and one",
        )
    subject.load(start)
    return played, subject.wire, asked, calls


def _cuts(calls: int, kinds: Sequence[str]) -> Iterator[tuple[int, str]]:
    yield from ((nth, kind) for nth in range(1, calls + 1) for kind in kinds)


def _twice(played: Played, asked: _Asked) -> None:
    """Let it be asked for while one call goes wrong, and once more when all is well again."""
    played.anew().hear(asked.body)
    if played.subject.wire is not None:
        played.subject.wire.mend()
    played.hear(asked.body)


def _at(nth: int, calls: int, kind: str) -> str:
    return f"call {nth} of {calls}, {kind}"


def _ends(played: Played) -> str:
    return str([(one.verb, one.state, one.reason) for one in played.scene.actions()])


def _holds(played: Played, asked: _Asked, where: str) -> None:
    """See that nothing was done twice, and that each action is what the shop says."""
    made, actions = played.subject.effects(), played.scene.actions()
    worth = f"{asked.worth} USD"
    if any(n > 1 for n in Counter((one.verb, one.reference) for one in made).values()) or len(made) > 1:
        wrong(f"the customer would be {_TWICE[asked.verb].format(amount=worth)} ({where})", f"{made}, expected one")
    given = sum((one.amount.amount for one in made if one.amount is not None), Decimal(0))
    if given > asked.worth:
        wrong(f"the customer would get {given} USD in place of {worth} ({where})", str(made))
    if not actions:
        wrong(f"the claim would be lost ({where})", "no action is planned, expected one")
    there = {one.reference for one in made}
    for action in actions:
        if action.state == "done" and action.reference not in there:
            wrong(
                f"the customer would be told of a {asked.verb} that nobody made ({where})",
                f"{action.reference} is done, and the shop holds {sorted(there)}",
            )
        if action.state == "refused" and action.reference in there:
            wrong(
                f"the {asked.verb} would be told as refused, and be made once more by hand ({where})",
                f"{action.reference} is refused: {action.reason}; and the shop holds it",
            )
    for action in played.left:
        wrong(
            f"the customer would wait for ever, and nobody is asked ({where})", f"{action.reference} is {action.state}"
        )
