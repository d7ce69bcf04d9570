"""One order: as it is now, and no other one."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

import attrs
import pytest

from op_core.errors import ContractBroken, OpCoreError, OrderNotFound
from op_core.models import Order
from op_core.money import Money
from op_core.storefront import Storefront
from op_core.testing.kit.asked import a_refund
from op_core.testing.kit.cases import Suite, Tier, case, wrong
from op_core.testing.kit.facts import same
from op_core.testing.kit.given import ODD, held, plain, several
from op_core.testing.subject import Subject

__all__ = ["OrderSuite"]

GET = "op_get_order"
TOO_MUCH = "the customer could be given back more than was paid"
NEAR = ("../{other}", "{id}/../{other}", "{id}/", "{id}?id={other}", "{id}#", "{id}%2F", "x' OR '1'='1", "*")


class OrderSuite(Suite):
    """A claim is planned and paid on what `op_get_order` says."""

    name: ClassVar[str] = "order"
    tier: ClassVar[Tier] = "bronze"

    @case("a claim would be planned on wrong figures", GET)
    def test_is_as_the_shop_holds_it(self, adapter: Subject, store: Storefront) -> None:
        """Ids, lines, sums, addresses and payments are the shop's."""
        first, second = several(adapter, 2)
        for one in (second, first):
            same("a refund or a replacement would be planned on wrong figures", store.get_order(one.id), one)

    @pytest.mark.parametrize("kind", ODD)
    @case("claims for such orders would be planned on wrong figures", GET)
    def test_is_as_odd_as_the_shop_holds_it(self, adapter: Subject, store: Storefront, kind: str) -> None:
        """An order that is unusual, and that a shop has every week, is as the shop holds it."""
        order = held(adapter, ODD[kind](1))
        same(f"a claim for an order {kind} would be planned on wrong figures", store.get_order(order.id), order)

    @case(TOO_MUCH, GET)
    def test_knows_what_was_given_back_before(self, adapter: Subject, store: Storefront) -> None:
        """What staff gave back of a payment, before we knew the order, is in `refunded`."""
        usual = plain()
        (payment,) = usual.payments
        before = Money(Decimal("10.01"), "USD")
        order = held(adapter, attrs.evolve(usual, payments=(attrs.evolve(payment, refunded=before),)))
        _left(store.get_order(order.id), order.total - before, f"staff gave back {before}")

    @case(TOO_MUCH, GET, "op_issue_refund")
    def test_knows_what_we_gave_back(self, adapter: Subject, store: Storefront) -> None:
        """What a refund of ours gave back is in `refunded` at once."""
        order = held(adapter, plain())
        amount = Money(Decimal("10.01"), "USD")
        if store.act("refund", a_refund(store.get_order(order.id), amount)).money == "moved":
            _left(store.get_order(order.id), order.total - amount, f"a refund of {amount} was made")

    @case("a change by the shop's staff would be overlooked", GET)
    def test_is_as_it_is_now(self, adapter: Subject, store: Storefront) -> None:
        """A change shows at once: nothing is kept from the time before."""
        order = held(adapter, plain())
        before = store.get_order(order.id).updated_at
        adapter.change(order.id)
        if (after := store.get_order(order.id).updated_at) <= before:
            wrong(
                "a refund would be checked against an order of yesterday, and more be given back than was paid",
                f"changed at {after}, which is not after {before}, though staff changed the order in between",
            )

    @pytest.mark.parametrize("order_id", ["999999999", "no-such-order", "Ünbekannt"])
    @case("a claim for an order that is gone would be asked for without end", GET)
    def test_is_not_found_where_there_is_none(self, adapter: Subject, store: Storefront, order_id: str) -> None:
        """For an id that the shop does not have, `OrderNotFound` is raised."""
        several(adapter, 1)
        _nothing(store, order_id)

    @pytest.mark.parametrize("form", NEAR)
    @case("a refund could be made for another customer's order", GET)
    def test_is_no_other_order(self, adapter: Subject, store: Storefront, form: str) -> None:
        """An id with characters that mean something in a path, a query or SQL reaches no order."""
        one, other = several(adapter, 2)
        _nothing(store, form.format(id=one.id, other=other.id))


def _nothing(store: Storefront, order_id: str) -> None:
    try:
        found: Order = store.get_order(order_id)
    except OrderNotFound:
        return
    except ContractBroken:
        wrong("the claim of one customer could be paid from another's order", f"{order_id!r} reached another order")
    except OpCoreError as error:
        wrong(
            "the claim would be asked for again and again, and nobody be told that its order is gone",
            f"{type(error).__name__} for the id {order_id!r}: {error}; expected OrderNotFound",
        )
    wrong(
        "a refund could be made for an order that is not there", f"{order_id!r} is answered with order {found.number}"
    )


def _left(order: Order, expected: Money, why: str) -> None:
    if order.refundable != expected:
        wrong(
            f"{TOO_MUCH}, by {order.refundable - expected}",
            f"{why}, and {order.refundable} is said to be left; expected {expected}",
        )
