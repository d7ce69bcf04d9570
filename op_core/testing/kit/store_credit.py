"""Store credit."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from op_core.models import Order
from op_core.money import Money
from op_core.requests import StoreCreditRequest
from op_core.storefront import Storefront
from op_core.testing import bodies
from op_core.testing.kit.asked import a_store_credit
from op_core.testing.kit.cases import case, wrong
from op_core.testing.kit.effects import EffectSuite, Tried, gives
from op_core.testing.kit.orders import in_currency
from op_core.testing.kit.played import Played
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Subject

__all__ = ["StoreCreditSuite"]


class StoreCreditSuite(EffectSuite):
    """The customer gets credit once, of exactly what was decided, and no money beside it."""

    name: ClassVar[str] = "store-credit"
    verb: ClassVar[str] = "store_credit"
    words = {  # noqa: RUF012 - never changed
        "what": "store credit",
        "make": "op_issue_store_credit",
        "find": "op_find_store_credit",
    }

    def ask(self, order: Order, *, n: int = 1) -> StoreCreditRequest:
        """12.50."""
        return a_store_credit(order, Money(Decimal("12.50"), "USD"), n=n)

    @case("the customer would get another credit than what was decided", "op_issue_store_credit")
    def test_is_exact(self, adapter: Subject, tried: Tried) -> None:
        """The credit is of exactly the amount that was asked for, to the last digit."""
        gives(tried, a_store_credit(adapter.put(an_order()), Money(Decimal("0.07"), "USD")))

    @case("a yen order would be credited a hundredfold, or a hundredth", "op_issue_store_credit")
    def test_has_no_digits_in_yen(self, adapter: Subject, tried: Tried) -> None:
        """A currency without digits after the point keeps its amount: 1500 JPY are 1500 JPY."""
        order = adapter.put(in_currency("JPY", "1500"))
        gives(tried, a_store_credit(order, Money(Decimal(1500), "JPY")))

    @case("the customer would get credit and money", "op_issue_store_credit", "op_get_order")
    def test_gives_no_money_back(self, adapter: Subject, tried: Tried) -> None:
        """Nothing goes back to a payment: each has as much left to give as before."""
        order = adapter.put(an_order())
        before = tried.store.get_order(order.id).payments
        tried.settled(self.ask(order))
        if tried.store.get_order(order.id).payments != before:
            wrong("the customer would get credit and money", "a payment of the order has changed")

    @case("the customer would get the same credit twice", "op_issue_store_credit", core=True)
    def test_is_one_for_one_decision(self, adapter: Subject, store: Storefront) -> None:
        """One decision that comes three times, under three event ids, is one credit at most."""
        order = adapter.put(an_order())
        asked = bodies.resolution("STORE_CREDIT", bodies.item(order.lines[0].id))
        Played.by(adapter, store).hear(*(bodies.approved(asked, order=order.id, event=f"evt-{n}") for n in range(3)))
        made = adapter.effects()
        if len(made) > 1:
            wrong(f"the customer would get {len(made)} credits: 20.00 USD each", f"{made}, expected one at most")
