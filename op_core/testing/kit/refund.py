"""Refunds."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from op_core.models import LineQuantity, Order
from op_core.money import Money, total
from op_core.requests import RefundRequest
from op_core.storefront import Storefront
from op_core.testing import bodies
from op_core.testing.kit.asked import a_refund
from op_core.testing.kit.cases import case, wrong
from op_core.testing.kit.effects import EffectSuite, Tried, gives
from op_core.testing.kit.orders import in_currency, paid_twice
from op_core.testing.kit.played import Played
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Subject

__all__ = ["RefundSuite"]


class RefundSuite(EffectSuite):
    """Money goes back once, exactly, from the payment that was named."""

    name: ClassVar[str] = "refund"
    verb: ClassVar[str] = "refund"
    words = {"what": "refund", "make": "op_issue_refund", "find": "op_find_refund"}  # noqa: RUF012 - never changed

    def ask(self, order: Order, *, n: int = 1) -> RefundRequest:
        """12.50 from the first payment."""
        return a_refund(order, Money(Decimal("12.50"), "USD"), n=n)

    @case("the customer would get another amount than what was decided", "op_issue_refund")
    def test_is_exact(self, adapter: Subject, tried: Tried) -> None:
        """The refund is of exactly the amount that was asked for, to the last digit; the lines do not change it."""
        order = adapter.put(an_order())
        amount = Money(Decimal("0.07"), "USD")
        gives(tried, a_refund(order, amount, lines=_units(order)))

    @case("a yen order would be refunded a hundredfold, or a hundredth", "op_issue_refund")
    def test_has_no_digits_in_yen(self, adapter: Subject, tried: Tried) -> None:
        """A currency without digits after the point keeps its amount: 1500 JPY are 1500 JPY."""
        order = adapter.put(in_currency("JPY", "1500"))
        gives(tried, a_refund(order, Money(Decimal(1500), "JPY")))

    @case("a dinar order would be refunded ten times, or a tenth", "op_issue_refund")
    def test_has_three_digits_in_dinar(self, adapter: Subject, tried: Tried) -> None:
        """A currency with three digits after the point keeps all of them: 12.345 BHD are 12.345 BHD."""
        order = adapter.put(in_currency("BHD", "12.345"))
        gives(tried, a_refund(order, Money(Decimal("12.345"), "BHD")))

    @case("money would go back to a card that never paid it", "op_issue_refund")
    def test_is_from_the_payment_that_was_named(self, adapter: Subject, tried: Tried) -> None:
        """Of an order that was paid in two ways, the payment that the request names is the one that gives back."""
        order = adapter.put(paid_twice())
        request = a_refund(order, Money(Decimal("5.00"), "USD"), payment=order.payments[-1].id)
        tried.make(request)
        made = tried.only(request)
        if made.payment_id != request.payment_id:
            wrong(
                f"{request.amount} would go back by {made.payment_id}, which was not asked",
                f"taken from {made.payment_id!r}, expected {request.payment_id!r}",
            )

    @case("money would be given back from nowhere, or from another customer's card", "op_issue_refund")
    def test_is_not_from_an_unknown_payment(self, adapter: Subject, tried: Tried) -> None:
        """A payment that the order does not have gives nothing back: it is refused, or an error, never an effect."""
        order = adapter.put(an_order())
        request = a_refund(order, Money(Decimal("5.00"), "USD"), payment="no-such-payment")
        outcome = tried.attempt(request)
        if adapter.effects() or outcome.state in ("done", "pending"):
            wrong(
                f"{request.amount} would be given back of a payment that the order does not have",
                f"{outcome.state}, and {len(adapter.effects())} effects; expected refused, and none",
            )

    @case("the rest of an order could not be refunded after a first part", "op_issue_refund", "op_get_order")
    def test_of_the_rest_works(self, adapter: Subject, tried: Tried) -> None:
        """After a part of an order was refunded, exactly the rest can be, and then nothing is left."""
        order = adapter.put(an_order())
        tried.settled(a_refund(order, Money(Decimal("12.50"), "USD")))
        after = tried.store.get_order(order.id)
        rest = after.refundable
        if rest != Money(Decimal("47.50"), "USD"):
            wrong(f"the next claim of this order could be given {rest}", f"{rest} left, expected 47.50 USD")
        tried.settled(a_refund(after, rest, n=2))
        given = total((one.amount for one in adapter.effects() if one.amount is not None), "USD")
        left = tried.store.get_order(order.id).refundable
        if (given, left) != (order.paid, Money(Decimal(0), "USD")):
            wrong(
                f"the customer would get {given} of {order.paid} that was paid",
                f"{given} given, {left} left to give; expected {order.paid} and nothing",
            )

    @case("a customer would get more than was paid", "op_issue_refund", core=True)
    def test_never_exceeds_what_was_paid(self, adapter: Subject, store: Storefront) -> None:
        """A claim for more than the order's payments is held or refused: nothing of it is given."""
        order = adapter.put(an_order())
        item = bodies.item(order.lines[0].id, 2, price="45.00")
        played = Played.by(adapter, store)
        played.hear(bodies.approved(bodies.resolution("REFUND", item, total="90.00"), order=order.id))
        _given_at_most(played, Decimal(0), "more than was paid")

    @case("a customer would get the same money twice", "op_issue_refund", core=True)
    def test_is_one_for_one_decision(self, adapter: Subject, store: Storefront) -> None:
        """One decision that comes three times, under three event ids, is one refund at most."""
        order = adapter.put(an_order())
        asked = bodies.resolution("REFUND", bodies.item(order.lines[0].id))
        Played.by(adapter, store).hear(*(bodies.approved(asked, order=order.id, event=f"evt-{n}") for n in range(3)))
        made = adapter.effects()
        if len(made) > 1:
            wrong(f"the customer would be refunded {len(made)} times: 20.00 USD", f"{made}, expected one at most")

    @case("a card would be asked for money that a gift card gave", "op_issue_refund", "op_get_order")
    def test_is_shared_out_over_payments(self, adapter: Subject, store: Storefront) -> None:
        """What is owed of an order that was paid in two ways is taken from both, from none more than it gave."""
        order = adapter.put(paid_twice())
        item = bodies.item(order.lines[0].id, 2, price="20.00")
        played = Played.by(adapter, store)
        played.hear(bodies.approved(bodies.resolution("REFUND", item, total="40.00"), order=order.id))
        for payment in order.payments:
            mine = (one.amount for one in adapter.effects() if one.payment_id == payment.id and one.amount is not None)
            if payment.captured < (given := total(mine, "USD")):
                wrong(
                    f"payment {payment.id} would give back {given}, and took {payment.captured}",
                    f"{adapter.effects()}, expected the rest from another payment",
                )
        _given_exactly(played, Decimal("40.00"))


def _units(order: Order) -> tuple[LineQuantity, ...]:
    return (LineQuantity(order.lines[0].id, 1),)


def _given(played: Played) -> Decimal:
    return sum((one.amount.amount for one in played.subject.effects() if one.amount is not None), Decimal(0))


def _given_at_most(played: Played, most: Decimal, why: str) -> None:
    given = _given(played)
    if given > most:
        wrong(f"the customer would get {why}: {given} USD", f"{given} given, expected {most} at most")


def _given_exactly(played: Played, owed: Decimal) -> None:
    given = _given(played)
    if given != owed:
        states = [(one.state, one.reason) for one in played.scene.actions()]
        wrong(f"the customer would get {given} USD in place of {owed}", f"{states}, expected all to be done")
