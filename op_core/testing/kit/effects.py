"""What every effect keeps, whatever its verb: it is made once, as it was asked for, and found again."""

from __future__ import annotations

from typing import ClassVar

import attrs
import pytest

from op_core.capabilities import Support
from op_core.errors import NotSent, NotSupported, Refused
from op_core.hooks import EFFECTS
from op_core.models import CannotTell, Found, NotFound, Order, Outcome
from op_core.requests import Effect, ProtectionChangeRequest, RefundRequest, StoreCreditRequest
from op_core.storefront import Storefront
from op_core.testing.clock import Clock
from op_core.testing.kit.asked import the_question
from op_core.testing.kit.cases import Suite, Tier, case, wrong
from op_core.testing.kit.orders import MANY, of_many_units
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Effected, Subject

__all__ = ["EffectSuite", "Tried", "gives"]


@attrs.frozen
class Tried:
    """A verb of one adapter, tried by hand: it is called, the shop is counted, and the clock moves past its lag."""

    subject: Subject
    store: Storefront
    verb: str
    clock: Clock = attrs.field(factory=Clock)

    def make(self, request: Effect, verb: str | None = None) -> Outcome:
        """Make an effect, which is owed, and return the outcome: ``done`` or ``pending``."""
        outcome = self.attempt(request, verb)
        if outcome.state not in ("done", "pending"):
            wrong(f"a {self.verb} that is owed would wait for a person", f"{_told(outcome)}, expected done or pending")
        return outcome

    def settled(self, request: Effect) -> Outcome:
        """Make an effect, and have the shop do what it has only accepted. Raises `CannotHold` where it cannot."""
        made = self.make(request)
        if made.state == "pending":
            self.subject.settle(request.reference)
            found = self.find(request)
            if isinstance(found, Found):
                return found.outcome
        return made

    def attempt(self, request: Effect, verb: str | None = None) -> Outcome:
        """Call, and return the outcome whatever it is."""
        self.subject.tick(self.clock())
        try:
            outcome = self.store.act(verb or self.verb, request)
        except (NotSent, NotSupported) as error:
            outcome = Outcome("refused", reason=f"{type(error).__name__}: {error.reason}")
        self.clock.move(seconds=self.subject.lag)
        self.subject.tick(self.clock())
        return outcome

    def find(self, request: Effect, verb: str | None = None) -> Found | NotFound | CannotTell:
        """Ask for it, with the order as it is now, as the engine does."""
        return self.store.find(verb or self.verb, the_question(request, self.store.get_order(request.order.id)))

    def there(self, request: Effect) -> list[Effected]:
        """Return the effects that the shop holds under the request's reference."""
        return [one for one in self.subject.effects() if one.reference == request.reference]

    def only(self, request: Effect) -> Effected:
        """Return the only effect that the shop holds, which is the request's."""
        made = self.subject.effects()
        if not made:
            wrong(f"the customer is told of a {self.verb} that nobody made", "nothing in the shop, expected one")
        if len(made) > 1:
            worth = getattr(request, "amount", None)
            of = f" of {worth}" if worth else ""
            wrong(f"the customer would get {len(made)} times what is owed: a {self.verb}{of}", f"{made}, expected one")
        return made[0]


def _told(outcome: Outcome) -> str:
    return f"{outcome.state} ({outcome.reason})" if outcome.reason else outcome.state


class EffectSuite(Suite):
    """
    The cases that every verb has. A suite of one verb inherits it.

    Attributes:
        verb: One of `op_core.hooks.EFFECTS`.
    """

    tier: ClassVar[Tier] = "silver"
    verb: ClassVar[str]

    def ask(self, order: Order, *, n: int = 1) -> Effect:
        """Return the request that the shared cases make; *n*: of which claim."""
        raise NotImplementedError

    @pytest.fixture
    def tried(self, adapter: Subject, store: Storefront) -> Tried:
        """The verb, tried by hand."""
        return Tried(adapter, store, self.verb)

    @case("the customer is told of a {what} that nobody made", "{make}")
    def test_is_made(self, adapter: Subject, tried: Tried) -> None:
        """A {what} that is said to be done, or accepted, is in the shop: one, of that order."""
        order = adapter.put(an_order())
        request = self.ask(order)
        tried.make(request)
        made = tried.only(request)
        if (made.verb, made.order_id) != (self.verb, order.id):
            wrong(
                f"the customer would get something else than a {self.verb}, or another customer would get it",
                f"{made.verb} of order {made.order_id}, expected {self.verb} of order {order.id}",
            )

    @case("after a lost answer nobody could tell whether the {what} was made", "{make}")
    def test_keeps_the_reference(self, adapter: Subject, tried: Tried) -> None:
        """The shop holds the {what} under our reference, letter for letter."""
        request = self.ask(adapter.put(an_order()))
        tried.make(request)
        made = tried.only(request)
        if made.reference != request.reference:
            wrong(
                f"after a lost answer nobody could tell whether the {self.verb} was made",
                f"the shop holds {made.reference!r}, expected {request.reference!r}",
            )

    @case("staff would look for the {what} in vain", "{make}")
    def test_names_its_id(self, adapter: Subject, tried: Tried) -> None:
        """The outcome names the shop's own id of the {what}."""
        request = self.ask(adapter.put(an_order()))
        outcome = tried.make(request)
        made = tried.only(request)
        if outcome.shop_id != made.shop_id:
            wrong(
                f"staff would look for the {self.verb} in vain",
                f"the outcome names {outcome.shop_id!r}, the shop {made.shop_id!r}",
            )

    @case("a {what} that the shop cannot make would be taken as made", "{make}", core=True)
    def test_is_never_silent(self, adapter: Subject, tried: Tried) -> None:
        """
        Whatever is asked for, the hook says what became of it: an outcome, or an error. It answers no `None`, and one
        that does not support a {what} raises `NotSupported` and does nothing.
        """
        request = self.ask(adapter.put(an_order()))
        hook = EFFECTS[self.verb]
        implementation = getattr(adapter.adapter, hook, None)
        if implementation is None:
            return
        if tried.store.supports(hook).support in (Support.UNSUPPORTED, Support.NOT_YET):
            _does_nothing(tried, hook, request)
            return
        answer = tried.store.calls.run(lambda: implementation(request), 10, name=request.reference)
        if not isinstance(answer, Outcome):
            wrong(
                f"nobody would know whether the {self.verb} was made: each would wait for a person",
                f"{hook} answered {type(answer).__name__}, expected Outcome",
            )

    @case("a {what} that is owed would be taken as made, and the customer gets nothing", "{make}", "{find}")
    def test_is_not_found_before(self, adapter: Subject, tried: Tried) -> None:
        """What was never made is not found: the answer is `NotFound`, and no error."""
        request = self.ask(adapter.put(an_order()))
        before = tried.find(request)
        if before != NotFound():
            wrong(f"a {self.verb} that was never made would be told as made", f"{before}, expected NotFound()")

    @case("after a lost answer the {what} would be made again", "{make}", "{find}")
    def test_is_found_again(self, adapter: Subject, tried: Tried) -> None:
        """What was made is found under its reference: once, with the id that the call answered."""
        request = self.ask(adapter.put(an_order()))
        made = tried.make(request)
        after = tried.find(request)
        if not isinstance(after, Found) or after.others:
            wrong(f"after a lost answer the {self.verb} would be made again", f"{after}, expected Found of one")
        if after.outcome.shop_id != made.shop_id:
            wrong(
                f"the {self.verb} of another claim would be taken for this one",
                f"found {after.outcome.shop_id!r}, made {made.shop_id!r}",
            )

    @case(
        "after a lost answer the {what} would be made again, once there are more than one page of them",
        "{make}",
        "{find}",
    )
    def test_is_found_among_many(self, adapter: Subject, tried: Tried) -> None:
        """Of sixty of one order the first and the last are found: a look-up reads the shop's list to its end."""
        order = adapter.put(of_many_units())
        requests = []
        for n in range(1, MANY + 1):
            requests.append(self.ask(tried.store.get_order(order.id), n=n))
            tried.make(requests[-1])
        for request in (requests[0], requests[-1]):
            found = tried.find(request)
            if not isinstance(found, Found) or found.others:
                wrong(
                    f"after a lost answer the {self.verb} would be made again",
                    f"{found} for one of {MANY}, expected Found of one",
                )

    @case("the second of two {what}s would be taken as made, and the customer gets nothing", "{make}", "{find}")
    def test_is_not_another(self, adapter: Subject, tried: Tried) -> None:
        """A {what} of the same order and worth under another reference is not taken for this one."""
        order = adapter.put(an_order())
        tried.make(self.ask(order))
        other = tried.find(self.ask(order, n=2))
        if other != NotFound():
            wrong(
                f"the second of two claims would be taken as done: its {self.verb} is never made",
                f"{other}, expected NotFound()",
            )

    @case("the second claim of an order could not be settled", "{make}")
    def test_works_a_second_time(self, adapter: Subject, tried: Tried) -> None:
        """A second {what} of the same order, under another reference, is made as the first one is."""
        order = adapter.put(an_order())
        first = tried.make(self.ask(order))
        request = self.ask(tried.store.get_order(order.id), n=2)
        second = tried.make(request)
        if len(tried.there(request)) != 1:
            wrong(
                f"the customer is told of a second {self.verb} that nobody made",
                f"{len(tried.there(request))} under its reference, expected one",
            )
        if first.shop_id == second.shop_id:
            wrong(f"the second {self.verb} would be taken for the first", f"both are {first.shop_id!r}")

    @case("the customer would get the {what} twice", "{make}", "{find}")
    def test_is_the_first_when_called_again(self, adapter: Subject, tried: Tried) -> None:
        """
        A second call under one reference makes no second {what}: it answers what the first one made, or is refused.
        The engine asks before it calls again; this is what is left where two ledgers know of one claim.
        """
        order = adapter.put(an_order())
        request = self.ask(order)
        tried.make(request)
        again = tried.attempt(attrs.evolve(request, order=tried.store.get_order(order.id), attempt=2))
        if len(tried.subject.effects()) > 1:
            worth = getattr(request, "amount", None)
            wrong(
                f"the customer would get the {self.verb} twice{f': {worth} each time' if worth else ''}",
                f"two calls under {request.reference}, {len(tried.there(request))} effects; the second: {_told(again)}",
            )

    @case("a {what} that waits for the shop's own job would wait for ever", "{make}", "{find}")
    def test_is_told_as_it_is(self, adapter: Subject, tried: Tried) -> None:
        """What the shop has only queued is ``pending``, in the call and when found; once it is settled, it is done."""
        request = self.ask(adapter.put(an_order()))
        made = tried.make(request)
        if made.state == "done":
            _is_found_as(tried, request, "done", "a {verb} that was made would be told as waiting")
            return
        _is_found_as(tried, request, "pending", "a {verb} that nobody made yet would be told as made")
        adapter.settle(request.reference)
        _is_found_as(tried, request, "done", "a {verb} that was made would be told as waiting, for ever")


def gives(tried: Tried, request: RefundRequest | StoreCreditRequest | ProtectionChangeRequest) -> None:
    """Make an effect of money, and see that it is of exactly what was asked for."""
    tried.make(request)
    made = tried.only(request)
    if made.amount != request.amount:
        harm = "be billed" if tried.verb == "charge_protection" else "get"
        wrong(f"the customer would {harm} {made.amount} in place of {request.amount}", f"{made}")


def _is_found_as(tried: Tried, request: Effect, state: str, harm: str) -> None:
    found = tried.find(request)
    if not isinstance(found, Found) or found.outcome.state != state:
        wrong(harm.format(verb=tried.verb), f"{found}, expected Found of one that is {state}")


def _does_nothing(tried: Tried, hook: str, request: Effect) -> None:
    implementation = getattr(tried.subject.adapter, hook)
    try:
        answer = tried.store.calls.run(lambda: implementation(request), 10, name=request.reference)
    except (NotSupported, Refused):
        pass
    else:
        wrong(
            f"a {tried.verb} that the shop cannot make would be taken as made",
            f"{hook} is not supported, and answered {type(answer).__name__}; expected NotSupported to be raised",
        )
    if tried.subject.effects():
        wrong(
            f"the customer would get a {tried.verb} that the adapter says it cannot make",
            f"{hook} raised, and {len(tried.subject.effects())} effects are there",
        )
