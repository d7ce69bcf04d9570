"""A shop that does not answer is away: it is not empty, and it has not lost an order."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

import attrs

from op_core.errors import OpCoreError, ShopUnavailable
from op_core.models import Fulfillment, LineQuantity, Order, Product
from op_core.money import Money
from op_core.testing.kit.cases import Suite, Tier, case, connected, wrong
from op_core.testing.kit.everything import asking, troubles
from op_core.testing.kit.given import held, plain
from op_core.testing.kit.spilling import listening
from op_core.testing.subject import CannotHold, Subject, Wire

__all__ = ["ErrorSuite"]

QUIET = 2  # seconds that a call may take whose answer never comes
MARK = "Zaphod-4711"


class ErrorSuite(Suite):
    """What the shop did not say is never taken for an answer of the shop."""

    name: ClassVar[str] = "errors"
    tier: ClassVar[Tier] = "bronze"

    @case("orders would be skipped for ever", "op_export_orders")
    def test_are_no_empty_page(self, adapter: Subject) -> None:
        """A shop that does not answer gives no page: neither an empty one nor a shorter one."""
        _no_answer(adapter, "op_export_orders", "orders that could not be read would be skipped for ever")

    @case("a claim would be ended although its order is there", "op_get_order")
    def test_are_no_missing_order(self, adapter: Subject) -> None:
        """A shop that does not answer says nothing about an order, and not that there is none."""
        _no_answer(adapter, "op_get_order", "a claim would be held as one for an order that is gone")

    @case("a customer could claim as never sent what was sent", "op_lookup_fulfillments")
    def test_are_no_missing_parcel(self, adapter: Subject) -> None:
        """A shop that does not answer says nothing about parcels, and not that there are none."""
        _no_answer(adapter, "op_lookup_fulfillments", "what was sent would be told as never sent")

    @case("a replacement would be held, or promised, without anybody knowing the stock", "op_check_stock")
    def test_are_no_stock(self, adapter: Subject) -> None:
        """A shop that does not answer says nothing about stock."""
        _no_answer(adapter, "op_check_stock", "a replacement would be promised or held by a stock that nobody knows")

    @case("the whole catalogue would be told as gone", "op_export_products")
    def test_are_no_empty_catalogue(self, adapter: Subject) -> None:
        """A shop that does not answer gives no page of products."""
        adapter.offer([Product("1", "Thing 1", Money(Decimal("19.99"), "USD"), 5, sku="THING-1")])
        _no_answer(adapter, "op_export_products", "products that could not be read would be told as gone")

    @case("after one failure the shop would be away until a restart", "op_get_order")
    def test_are_over_once_the_shop_is_back(self, adapter: Subject) -> None:
        """The first call after a failure works: no broken connection or transaction is kept."""
        wire, order = _wired(adapter), held(adapter, plain())
        for kind, nth in troubles(adapter, lambda: _said(adapter, "op_get_order", order)):
            _said(adapter, "op_get_order", order)
            wire.mend()
            if isinstance(said := _said(adapter, "op_get_order", order), Exception):
                wrong("every claim would wait until somebody restarts op-core", f"{said!r} after {kind} at call {nth}")

    @case("personal data would stand in logs, in the ledger and in mails to staff", core=True)
    def test_hold_no_personal_data(self, adapter: Subject) -> None:
        """No error, log or reason that reaches op-core holds a customer's name, address or e-mail."""
        usual = plain()
        assert usual.shipping_address is not None
        order = held(
            adapter,
            attrs.evolve(
                usual,
                shipping_address=attrs.evolve(usual.shipping_address, first_name=MARK, street_address_1=f"1 {MARK}"),
                customer=attrs.evolve(usual.customer, email=f"{MARK}@example.com"),
            ),
        )
        with listening() as heard:
            for hook in _hooks(adapter, order):
                ask = partial(_said, adapter, hook, order)
                for _ in (None, *troubles(adapter, ask)):
                    said = ask()
                    heard.said.append((f"an answer of {hook}", f"{getattr(said, 'reason', '')} {said}"))
        if found := heard.first([MARK]):
            wrong(
                "a customer's name would stand in logs, in the ledger and in mails to staff",
                f"{found[0]!r} of the order in {found[1]}",
            )


def _wired(adapter: Subject) -> Wire:
    if adapter.wire is None:
        raise CannotHold("calls to this shop cannot be cut: its Subject has no wire")
    return adapter.wire


def _no_answer(adapter: Subject, hook: str, harm: str) -> None:
    _wired(adapter)
    lines = (LineQuantity("1", 1),)
    order = plain()
    order = held(adapter, order, [Fulfillment("F-1", order.id, "FULFILLED", lines, order.updated_at)])
    whole = _said(adapter, hook, order)
    if isinstance(whole, Exception):
        raise whole
    for kind, nth in troubles(adapter, partial(_said, adapter, hook, order)):
        said = _said(adapter, hook, order)
        if not isinstance(said, ShopUnavailable) and said != whole:
            wrong(harm, f"{said!r} after {kind} at call {nth} of the shop; expected the whole answer, or an exception")


def _said(adapter: Subject, hook: str, order: Order) -> Any:
    """Return what a hook answers or raises, asked as by a process that has just started."""
    with connected(adapter.adapter, deadline=QUIET) as store:
        try:
            return asking(store, order, order.total)[hook]()
        except OpCoreError as error:
            return error


def _hooks(adapter: Subject, order: Order) -> list[str]:
    with connected(adapter.adapter) as store:
        return list(asking(store, order, order.total))
