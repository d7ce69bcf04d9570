"""Refunds."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from op_core.models import Found, NotFound, Outcome
from op_core.money import Money
from op_core.storefront import Storefront
from op_core.testing.kit.asked import a_refund, the_question
from op_core.testing.kit.cases import Suite, Tier, case, wrong
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Subject

__all__ = ["RefundSuite"]


class RefundSuite(Suite):
    """Money goes back once, exactly, from the payment that was named."""

    name: ClassVar[str] = "refund"
    tier: ClassVar[Tier] = "silver"

    @case("the customer is told of a refund that nobody made", "op_issue_refund")
    def test_is_made(self, adapter: Subject, store: Storefront) -> None:
        """A refund that is said to be done is in the shop: one, under our reference, of that order and payment."""
        order = adapter.put(an_order())
        amount = Money(Decimal("12.50"), "USD")
        request = a_refund(order, amount)
        outcome = store.act("refund", request)
        if outcome.state not in ("done", "pending"):
            wrong("a refund that is owed would wait for a person", f"{outcome}, expected done or pending")
        made = adapter.effects()
        if len(made) != 1:
            wrong(f"the customer would get {len(made)} refunds of {amount}", f"{made}, expected one")
        if made[0].amount != amount:
            wrong(f"the customer would get {made[0].amount} in place of {amount}", str(made[0]))
        if made[0].reference != request.reference:
            wrong(
                "after a lost answer nobody could tell whether the refund was made",
                f"the shop holds {made[0].reference!r}, expected {request.reference!r}",
            )

    @case("after a lost answer the refund would be made again", "op_issue_refund", "op_find_refund")
    def test_is_found_again(self, adapter: Subject, store: Storefront) -> None:
        """What was made is found under its reference, with the same id; what was not made is not found."""
        order = adapter.put(an_order())
        request = a_refund(order, Money(Decimal("12.50"), "USD"))
        before = store.find("refund", the_question(request))
        if before != NotFound():
            wrong("a refund that was never made would be told as made", f"{before}, expected NotFound()")
        made: Outcome = store.act("refund", request)
        after = store.find("refund", the_question(request, store.get_order(order.id)))
        if not isinstance(after, Found) or after.outcome.shop_id != made.shop_id or after.others:
            wrong(
                f"after a lost answer the customer would be refunded twice: {request.amount}",
                f"{after}, expected Found of {made.shop_id} alone",
            )
