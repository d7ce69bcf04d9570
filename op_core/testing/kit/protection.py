"""The premium: billed when protection is added to an order afterwards, given back when it is taken away."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from op_core.models import NotFound, Order
from op_core.money import Money
from op_core.requests import ProtectionChangeRequest
from op_core.storefront import Storefront
from op_core.testing import bodies
from op_core.testing.kit.asked import a_protection_change
from op_core.testing.kit.cases import case, wrong
from op_core.testing.kit.effects import EffectSuite, Tried, gives
from op_core.testing.kit.played import Played
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Subject

__all__ = ["ProtectionBackSuite", "ProtectionSuite"]

_PREMIUM = Money(Decimal("4.25"), "USD")


class ProtectionSuite(EffectSuite):
    """The premium is billed once, exactly."""

    name: ClassVar[str] = "protection"
    verb: ClassVar[str] = "charge_protection"
    words = {  # noqa: RUF012 - never changed
        "what": "charge of the premium",
        "make": "op_charge_protection",
        "find": "op_find_protection_change",
    }

    def ask(self, order: Order, *, n: int = 1) -> ProtectionChangeRequest:
        """4.25."""
        return a_protection_change("charge_protection", order, _PREMIUM, n=n)

    @case("the customer would be billed another premium than what was agreed", "op_charge_protection")
    def test_is_exact(self, adapter: Subject, tried: Tried) -> None:
        """The premium is billed to the last digit."""
        gives(tried, a_protection_change("charge_protection", adapter.put(an_order()), Money(Decimal("0.07"), "USD")))

    @case("the customer would be billed the premium twice", "op_charge_protection", core=True)
    def test_is_one_for_one_event(self, adapter: Subject, store: Storefront) -> None:
        """Protection that is said to be added three times, under three event ids, is billed once at most."""
        order = adapter.put(an_order())
        added = (bodies.protection(added=True, order=order.id, event=f"evt-{n}") for n in range(3))
        Played.by(adapter, store).hear(*added)
        made = adapter.effects()
        if len(made) > 1:
            wrong(f"the customer would be billed the premium {len(made)} times: {_PREMIUM}", f"{made}, expected one")


class ProtectionBackSuite(EffectSuite):
    """The premium is given back once, exactly, and never taken for its charge."""

    name: ClassVar[str] = "protection-back"
    verb: ClassVar[str] = "refund_protection"
    words = {  # noqa: RUF012 - never changed
        "what": "refund of the premium",
        "make": "op_refund_protection",
        "find": "op_find_protection_change",
    }

    def ask(self, order: Order, *, n: int = 1) -> ProtectionChangeRequest:
        """4.25."""
        return a_protection_change("refund_protection", order, _PREMIUM, n=n)

    @case("the customer would get another premium back than was paid", "op_refund_protection")
    def test_is_exact(self, adapter: Subject, tried: Tried) -> None:
        """The premium goes back to the last digit."""
        gives(tried, a_protection_change("refund_protection", adapter.put(an_order()), Money(Decimal("0.07"), "USD")))

    @case("a premium that was billed would be taken as given back", "op_charge_protection", "op_refund_protection",
          "op_find_protection_change")  # fmt: skip
    def test_is_not_the_charge(self, adapter: Subject, tried: Tried) -> None:
        """A charge of the same order and amount is not found as its refund."""
        order = adapter.put(an_order())
        tried.make(a_protection_change("charge_protection", order, _PREMIUM), "charge_protection")
        found = tried.find(self.ask(order))
        if found != NotFound():
            wrong(f"the customer would never get the premium back: {_PREMIUM}", f"{found}, expected NotFound()")

    @case("more premium would go back than was ever paid", "op_refund_protection", core=True)
    def test_never_exceeds_what_was_paid(self, adapter: Subject, store: Storefront) -> None:
        """Protection that was never paid for gives nothing back when it is taken away: a person is asked."""
        order = adapter.put(an_order())
        Played.by(adapter, store).hear(bodies.protection(added=False, order=order.id, event="evt-off"))
        made = adapter.effects()
        if made:
            wrong(
                f"the customer would get a premium that was never paid: {made[0].amount}", f"{made}, expected nothing"
            )
