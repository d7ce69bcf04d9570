"""Several calls at once: none waits for another's loop, and none gets what belongs to another."""

from __future__ import annotations

import inspect
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar, TypeVar

from op_core.money import Money
from op_core.storefront import Storefront
from op_core.testing.kit.asked import a_refund
from op_core.testing.kit.blocking import blocking
from op_core.testing.kit.cases import Suite, Tier, case, wrong
from op_core.testing.kit.everything import everything, usable
from op_core.testing.kit.facts import same
from op_core.testing.kit.given import held, plain, several
from op_core.testing.kit.walking import ids, walk
from op_core.testing.subject import Subject

__all__ = ["ConcurrencySuite"]

T = TypeVar("T")
AT_ONCE = 4  # calls of one store, unless its settings say otherwise
TIMES = 5


class ConcurrencySuite(Suite):
    """op-core calls a shop from several threads at once."""

    name: ClassVar[str] = "concurrency"
    tier: ClassVar[Tier] = "silver"

    @case("one slow call would make every other call of the store wait")
    def test_blocks_no_loop(self, adapter: Subject, store: Storefront) -> None:
        """A hook that is `async def` awaits what it waits for: it sleeps and calls without blocking its loop."""
        order = held(adapter, plain())
        for hook, request in everything(order, Money(Decimal("1.15"), "USD")).items():
            implementations = getattr(store.manager.hook, hook).get_hookimpls()
            if not (implementations and inspect.iscoroutinefunction(implementations[0].function)):
                continue
            seen: list[str] = []
            asked = blocking(getattr(store.manager.hook, hook)(request=request), seen)
            store.calls.loop.submit(asked).exception(store.deadline)
            if seen:
                wrong(
                    "one slow answer of the shop would make every other call of the store wait, and run out of time",
                    f"{hook} is async def and blocks its loop by {seen[0]}; make it def, or await an async client",
                )

    @case("one order's claim would be paid from another's", "op_get_order")
    def test_keeps_orders_apart(self, adapter: Subject, store: Storefront) -> None:
        """Of several orders that are asked for at once, each answer is of its own."""
        made = several(adapter, AT_ONCE)
        found = _at_once(adapter, [lambda one=one: store.get_order(one.id) for one in made * TIMES])  # type: ignore[misc]  # mypy knows no default of a lambda
        for one, now in zip(made * TIMES, found, strict=True):
            same("a claim would be planned on another customer's order", now, one)

    @case("two exports at once would skip each other's orders", "op_export_orders")
    def test_keeps_exports_apart(self, adapter: Subject, store: Storefront) -> None:
        """Two exports that go on page by page at the same time do not disturb each other."""
        several(adapter, 5)
        alone = ids(walk(store))
        first = store.export_orders(None, None, 2)
        second = store.export_orders(None, None, 1)
        for limit, page in ((2, first), (1, second)):
            found = ids([page]) + ids(walk(store, cursor=page.cursor, limit=limit))
            if found != alone:
                wrong("orders would be skipped while somebody exports one by hand", f"{found}, expected {alone}")

    @case("customers would be refunded twice, or for each other", "op_issue_refund", core=True)
    def test_refunds_each_once(self, adapter: Subject, store: Storefront) -> None:
        """Refunds of several orders at once make one each: of its own order, amount and reference."""
        made = several(adapter, AT_ONCE)
        if not usable(store, "op_issue_refund"):
            return
        amounts = [Money(Decimal(n) + Decimal("0.29"), "USD") for n in range(1, AT_ONCE + 1)]
        requests = [a_refund(one, amount, n=n) for n, (one, amount) in enumerate(zip(made, amounts, strict=True), 1)]
        _at_once(adapter, [lambda one=one: store.act("refund", one) for one in requests])  # type: ignore[misc]  # as above
        found = sorted((one.reference, one.order_id, str(one.amount)) for one in adapter.effects())
        expected = sorted((one.reference, one.order.id, str(one.amount)) for one in requests)
        if found != expected:
            wrong("a customer would be refunded twice, or another's amount", f"{found}, expected {expected}")


def _at_once(adapter: Subject, calls: Sequence[Callable[[], T]]) -> list[T]:
    """Make the calls from several threads, which change at every step of the adapter's own code, so that they meet."""
    kinds = [kind for kind in type(adapter.adapter).__mro__ if any(name.startswith("op_") for name in vars(kind))]
    own = tuple({str(Path(inspect.getfile(kind)).parent) for kind in kinds})

    def restless(frame: FrameType, _: str, __: Any) -> None:
        if frame.f_code.co_filename.startswith(own):
            time.sleep(0)

    usual = threading.getprofile()
    threading.setprofile(restless)
    try:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return [one.result() for one in [pool.submit(call) for call in calls]]
    finally:
        threading.setprofile(usual)
