"""A shop that does not answer is away: it is not empty, and it has not lost an order."""

from __future__ import annotations

import contextlib
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

import attrs

from op_core.absence import Absence
from op_core.errors import ContractBroken, OpCoreError, ShopUnavailable
from op_core.models import Fulfillment, LineQuantity, Order, Product
from op_core.money import Money
from op_core.proofs import Proves
from op_core.storefront import Storefront
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
        with connected(adapter.adapter, deadline=QUIET) as store:
            ask = partial(_said, store, "op_get_order", order)
            for kind, nth in troubles(adapter, ask):
                ask()
                wire.mend()
                if isinstance(said := ask(), Exception):
                    wrong(
                        "every claim would wait until somebody restarts op-core",
                        f"{said!r}, though only one call went wrong: {nth}, {kind!r}",
                    )

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
                customer=attrs.evolve(usual.customer, email=f"{MARK.lower()}@example.com", name=MARK),
            ),
        )
        with listening() as heard, connected(adapter.adapter, deadline=QUIET) as store:
            hooks = asking(store, order, order.total)
            for hook in hooks:
                ask, too_much = (partial(_said, store, hook, order, times=times) for times in (1, 100))
                heard.hear(f"an answer of {hook}", too_much())
                for _ in troubles(adapter, ask, ends=True):
                    heard.hear(f"an answer of {hook}", ask())
            with contextlib.suppress(CannotHold):
                adapter.spoil(order.id)
                for hook in hooks.keys() & {"op_export_orders", "op_get_order"}:
                    heard.hear("what is said of an order that is broken", _said(store, hook, order))
            if isinstance(adapter.adapter, Proves):
                for one in store.prove():
                    heard.hear("prove", one)
        if found := heard.first([MARK, MARK.lower()]):
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
    order = held(adapter, order, [Fulfillment("F-1", order.id, "IN_TRANSIT", lines, order.updated_at)])
    with contextlib.suppress(CannotHold):
        adapter.stock(order, order.lines[0].id, 3)  # of what nobody counts, no answer could be a wrong one
    cut = 0
    with connected(adapter.adapter, deadline=QUIET) as store:
        ask = partial(_said, store, hook, order)
        if isinstance(whole := ask(), Exception):
            raise whole
        for kind, nth in troubles(adapter, ask):
            cut += 1
            said = ask()
            if not isinstance(said, ShopUnavailable | ContractBroken) and said != whole:
                wrong(harm, f"{said!r} after {kind!r} at call {nth} of the shop; expected all of it, or an exception")
    if not cut:
        raise CannotHold(f"{hook} calls nothing over the wire of the Subject")


def _said(store: Storefront, hook: str, order: Order, *, times: int = 1) -> Any:
    """Return what a hook answers or raises; *times*: of the order's total, where it is about money."""
    store.absence = Absence()  # as in a process that has just started: nobody waits here
    try:
        return asking(store, order, Money(order.total.amount * times, order.currency))[hook]()
    except OpCoreError as error:
        return error
