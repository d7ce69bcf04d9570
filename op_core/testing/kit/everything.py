"""Every hook, asked once: as op-core asks, and bare, where an adapter's own words and errors are meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from op_core.capabilities import Support
from op_core.hooks import EFFECTS, QUESTIONS
from op_core.models import LineQuantity, Order
from op_core.money import Money
from op_core.requests import (
    CheckStockRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
)
from op_core.storefront import Storefront
from op_core.testing.kit.asked import (
    a_note,
    a_protection_change,
    a_refund,
    a_reship,
    a_store_credit,
    the_question,
)
from op_core.testing.subject import Subject

__all__ = ["asking", "bare", "everything", "troubles", "usable"]


def everything(order: Order, amount: Money) -> dict[str, Any]:
    """Return a request for each addressed hook, about *order*; the effects are worth *amount*."""
    lines = (LineQuantity(order.lines[0].id, 1),)
    refund, reship = a_refund(order, amount, lines=lines), a_reship(order, lines)
    credit, note = a_store_credit(order, amount), a_note(order)
    charge = a_protection_change("charge_protection", order, amount)
    return {
        "op_export_orders": ExportOrdersRequest("main"),
        "op_get_order": GetOrderRequest("main", order.id),
        "op_lookup_fulfillments": LookupFulfillmentsRequest("main", (order.id,)),
        "op_check_stock": CheckStockRequest("main", order, lines),
        "op_export_products": ExportProductsRequest("main"),
        "op_issue_refund": refund,
        "op_find_refund": the_question(refund),
        "op_create_reship": reship,
        "op_find_reship": the_question(reship),
        "op_issue_store_credit": credit,
        "op_find_store_credit": the_question(credit),
        "op_charge_protection": charge,
        "op_refund_protection": a_protection_change("refund_protection", order, amount),
        "op_find_protection_change": the_question(charge),
        "op_add_note": note,
        "op_find_note": the_question(note),
    }


def asking(store: Storefront, order: Order, amount: Money) -> dict[str, Callable[[], Any]]:
    """Return a call of each hook that the adapter has, as op-core makes it."""
    calls: dict[str, Callable[[], Any]] = {
        "op_export_orders": lambda: store.export_orders(None, None, 50),
        "op_get_order": lambda: store.get_order(order.id),
        "op_lookup_fulfillments": lambda: dict(store.lookup_fulfillments((order.id,))),
        "op_check_stock": lambda: store.check_stock(order, (LineQuantity(order.lines[0].id, 1),)),
        "op_export_products": lambda: store.export_products(None, None, 50),
    }
    requests = everything(order, amount)
    for verb, hook in EFFECTS.items():
        calls[hook] = partial(store.act, verb, requests[hook])
        calls[QUESTIONS[verb]] = partial(store.find, verb, requests[QUESTIONS[verb]])
    return {hook: call for hook, call in calls.items() if usable(store, hook)}


def usable(store: Storefront, hook: str) -> bool:
    """Tell whether op-core would call it."""
    return store.supports(hook).support not in (Support.UNSUPPORTED, Support.NOT_YET)


def bare(store: Storefront, hook: str, request: Any) -> Any:
    """Call a hook without any promise around it: what it returns and raises is the adapter's own."""
    caller = getattr(store.manager.hook, hook)
    return store.calls.run(lambda: caller(request=request), store.deadline)


def troubles(adapter: Subject, call: Callable[[], Any], *, ends: bool = False) -> Iterator[tuple[str, int]]:
    """
    Yield every way in which the wire can go wrong under *call*, having cut it so: the kind, and which of its calls.

    The wire is whole again in the end. Nothing is yielded where there is no wire, or nothing passes it.

    Args:
        adapter: Whose wire.
        call: What is cut: it is made once here, to count.
        ends: Only its first and its last call of the shop.
    """
    wire = adapter.wire
    if wire is None:
        return
    wire.mend()
    call()
    needed = wire.passed
    try:
        for kind in wire.kinds:
            for nth in sorted({1, needed} - {0}) if ends else range(1, needed + 1):
                wire.cut(nth, kind)
                yield kind, nth
    finally:
        wire.mend()
