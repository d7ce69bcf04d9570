"""
One connected store: a typed method for each hook. Nothing else in op-core touches ``pm.hook``.

A question that fails becomes `ShopUnavailable`; a call that changes the shop always ends in an `Outcome`, or in
`NotSent` or `NotSupported`. Either may be `ShopAway`: then nobody calls this shop until its pause is over. Texts of
foreign exceptions are dropped: they may hold personal data.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar

import attrs
import pluggy

from op_core import plugins, promises
from op_core.absence import Absence
from op_core.calls import Calls, OutOfTime
from op_core.capabilities import Capability, Support
from op_core.errors import (
    ContractBroken,
    NotSent,
    NotSupported,
    OrderNotFound,
    Refused,
    SettingsError,
    ShopAway,
    ShopUnavailable,
)
from op_core.faults import where
from op_core.hooks import ADDRESSED, EFFECTS, QUESTIONS
from op_core.models import (
    CannotTell,
    Found,
    Fulfillments,
    Hold,
    LineQuantity,
    NotFound,
    Order,
    OrderPage,
    Outcome,
    Product,
    ProductPage,
    Stock,
    UnreadableOrder,
)
from op_core.observing import Observers
from op_core.proofs import Installs, Proof, Proves
from op_core.requests import (
    CheckStockRequest,
    Effect,
    EventRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    FindRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
    ReviewPlanRequest,
)
from op_core.testing.crash import crash_point

__all__ = ["Late", "Storefront"]

T = TypeVar("T")
Late = Callable[[Outcome], None]
log = logging.getLogger("op_core")


@attrs.define(eq=False)
class Storefront:
    """
    One store's shop, as op-core sees it.

    Args:
        name: The store's name in the settings.
        manager: Holds exactly one adapter, and observers.
        capabilities: What the adapter says it can do.
        observers: Whoever reviews its plans and hears of its events.
        deadline: Seconds that one call may take.
        calls: The calls of the adapter's addressed hooks.
        adapter: What is asked besides its hooks.
        absence: Whether the shop is away.
    """

    name: str
    manager: pluggy.PluginManager = attrs.field(repr=False)
    capabilities: Mapping[str, Capability] = attrs.field(repr=False)
    observers: Observers = attrs.field(repr=False)
    deadline: float = 30.0
    calls: Calls = attrs.field(factory=Calls, repr=False)
    adapter: Any = attrs.field(default=None, repr=False)
    absence: Absence = attrs.field(factory=Absence, repr=False)

    @classmethod
    def of(cls, name: str, adapter: Any, *, observers: Mapping[str, object] | None = None, deadline: float = 30.0,
           calls: int = 4) -> Storefront:  # fmt: skip
        """
        Connect an adapter's instance.

        Raises:
            SettingsError: A hook is unknown, or implemented where it may not be.
        """
        manager = plugins.register(adapter, observers or {})
        capabilities = getattr(adapter, "capabilities", {})
        if not isinstance(capabilities, Mapping):
            raise SettingsError(f"the adapter's capabilities are a mapping, found {type(capabilities).__name__}")
        of_the_shop = Calls(calls)
        observing = Observers.of(name, manager, deadline, calls, of_the_shop.loop)
        return cls(name, manager, capabilities, observing, deadline, of_the_shop, adapter)

    # --- Reading -------------------------------------------------------------------------------------------------

    def export_orders(self, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
        """Return one page of orders; see ``op_export_orders``."""
        page = self._ask("op_export_orders", ExportOrdersRequest(self.name, since, cursor, limit), OrderPage)
        promises.all_are("op_export_orders", "the orders of a page", page.orders, Order)
        promises.all_are("op_export_orders", "the unreadable orders of a page", page.unreadable, UnreadableOrder)
        return page

    def get_order(self, order_id: str) -> Order:
        """Return the order as it is now. Raises `OrderNotFound`, `NotSupported`, `ShopUnavailable`."""
        order = self._ask("op_get_order", GetOrderRequest(self.name, order_id), Order)
        if order.id != order_id:
            raise ContractBroken("op_get_order answered another order than the one asked for")
        return order

    def lookup_fulfillments(self, order_ids: tuple[str, ...]) -> Fulfillments:
        """Return the fulfillments of these orders, by order id."""
        request = LookupFulfillmentsRequest(self.name, order_ids)
        found: Fulfillments = self._ask("op_lookup_fulfillments", request, Mapping)
        promises.fulfillments("op_lookup_fulfillments", found)
        return found

    def check_stock(self, order: Order, lines: tuple[LineQuantity, ...]) -> tuple[Stock, ...]:
        """Return what can be sent now of these lines."""
        found: tuple[Stock, ...] = self._ask("op_check_stock", CheckStockRequest(self.name, order, lines), tuple)
        promises.stock("op_check_stock", found)
        return found

    def export_products(self, since: datetime | None, cursor: str | None, limit: int) -> ProductPage:
        """Return one page of products; see ``op_export_products``."""
        page = self._ask("op_export_products", ExportProductsRequest(self.name, since, cursor, limit), ProductPage)
        promises.all_are("op_export_products", "the products of a page", page.products, Product)
        return page

    # --- Changing ------------------------------------------------------------------------------------------------

    def mark(self) -> float:
        """Return now, for the deadline of `act` to count from; take it before the intent is written down."""
        return self.calls.mark()

    def act(self, verb: str, request: Effect, late: Late | None = None, *, since: float | None = None) -> Outcome:
        """
        Make one effect: ``op_create_reship``, ``op_issue_refund`` and their kin, by *verb*.

        Args:
            verb: One of `EFFECTS`.
            request: What the hook is given.
            late: Told the outcome if it comes after the deadline; until then the outcome is ``unknown``.
            since: The `mark` from which the deadline counts. Whoever was held up since then, so that the lease on the
                action may be gone, does not call any more.

        Raises:
            NotSent: It surely never reached the shop; `ShopAway`: and no call will, for a while.
            NotSupported: The shop cannot do it.
        """
        hook = EFFECTS[verb]
        self._usable(hook)

        def told(future: Future[Any]) -> None:
            outcome = self._outcome(verb, hook, future.result)
            if late is not None and isinstance(outcome, Outcome):
                try:
                    late(outcome)
                except Exception as error:  # noqa: BLE001 - nobody waits here; the action stays unknown and is asked for
                    log.warning("a late outcome of %s of store %s was lost: %s", hook, self.name, where(error))

        crash_point(f"{verb}:before")
        outcome = self._outcome(verb, hook, lambda: self._run(hook, request, request.reference, told, since))
        crash_point(f"{verb}:after")
        if isinstance(outcome, Outcome):
            return outcome
        raise outcome

    def _outcome(self, verb: str, hook: str, call: Callable[[], Any]) -> Outcome | NotSent | NotSupported:
        try:
            answer = call()
        except (NotSent, NotSupported) as error:
            return error
        except Refused as error:
            return Outcome("refused", reason=error.reason)
        except OutOfTime as error:
            return Outcome("unknown", reason=str(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, it may have happened
            log.warning("%s of store %s failed: %s", hook, self.name, where(error))
            return Outcome("unknown", reason=f"{hook} failed: {where(error)}")
        return promises.outcome(verb, hook, answer, self.supports(hook).money)

    def find(self, verb: str, request: FindRequest) -> Found | NotFound | CannotTell:
        """
        Ask whether the shop holds an effect under our reference.

        Raises:
            ShopUnavailable: It did not answer; ask again later. `ShopAway`: it will not, for a while.
        """
        hook = QUESTIONS[verb]
        try:
            answer: Found | NotFound | CannotTell = self._ask(
                hook, request, (Found, NotFound, CannotTell), name=request.reference
            )
            promises.found(verb, hook, answer, self.supports(EFFECTS[verb]).money)
        except NotSupported as error:
            return CannotTell(error.reason)
        except ContractBroken as error:
            return CannotTell(str(error))
        return answer

    # --- Observing -----------------------------------------------------------------------------------------------

    def review(self, request: ReviewPlanRequest) -> tuple[Hold, ...]:
        """Return every reviewer's hold; see `Observers.review`."""
        return self.observers.review(request)

    def event(self, request: EventRequest) -> None:
        """Tell every observer; see `Observers.event`."""
        self.observers.event(request)

    # --- Besides the hooks ---------------------------------------------------------------------------------------

    def prove(self, *, writes: bool = False) -> Iterator[Proof]:
        """
        Yield what the adapter finds when it looks at itself and its shop; see `op_core.proofs.Proves`.

        Raises:
            NotSupported: It cannot, or with *writes* it cannot take back what it would make.
            ContractBroken: It yields something else than a `Proof`.
        """
        if not isinstance(self.adapter, Proves):
            raise NotSupported(f"the adapter of store {self.name} cannot prove anything: it has no method prove")
        for proof in self.adapter.prove(writes=writes):
            promises.answer("prove", proof, Proof)
            yield proof

    def install(self) -> Iterator[str]:
        """
        Yield a line for each thing that the adapter makes in the shop; see `op_core.proofs.Installs`.

        Raises:
            NotSupported: It needs nothing there.
            ContractBroken: It yields something else than a line.
        """
        if not isinstance(self.adapter, Installs):
            raise NotSupported(
                f"the adapter of store {self.name} needs nothing of its own in the shop: it has no method install"
            )
        for made in self.adapter.install():
            promises.answer("install", made, str)
            yield made

    # --- The seam ------------------------------------------------------------------------------------------------

    def supports(self, hook: str) -> Capability:
        """Return what the adapter says of *hook*, or what can be seen where it says nothing."""
        assert hook in ADDRESSED, hook
        implemented = bool(getattr(self.manager.hook, hook).get_hookimpls())
        if not implemented:
            said = self.capabilities.get(hook)
            reason = said.reason if said and said.reason else "the adapter does not implement it"
            return Capability(Support.UNSUPPORTED, reason)
        return self.capabilities.get(hook, Capability(Support.UNKNOWN, "the adapter says nothing about it"))

    def _usable(self, hook: str) -> None:
        capability = self.supports(hook)
        if capability.support in (Support.UNSUPPORTED, Support.NOT_YET):
            raise NotSupported(f"{hook} is {capability.support.value} by this shop: {capability.reason}")

    def _run(
        self,
        hook: str,
        request: Any,
        name: str,
        late: Callable[[Future[Any]], None] | None = None,
        since: float | None = None,
    ) -> Any:
        caller = getattr(self.manager.hook, hook)
        mark = self.absence.check()
        try:
            answer = self.calls.run(lambda: caller(request=request), self.deadline, name=name, late=late, since=since)
        except ShopAway as error:
            self.absence.begin(hook, error.reason, error.wait)
            raise
        except (OrderNotFound, Refused):  # no answer that was hoped for, and one of the shop
            self.absence.answered(hook, mark)
            raise
        self.absence.answered(hook, mark)
        return answer

    def _ask(self, hook: str, request: Any, expected: type[T] | tuple[type[Any], ...], name: str = "") -> T:
        self._usable(hook)
        crash_point("ask:before")
        try:
            answer: T = self._run(hook, request, name or hook)
        except (OrderNotFound, NotSupported, ContractBroken, ShopAway):
            raise
        except (NotSent, OutOfTime, ShopUnavailable) as error:
            raise ShopUnavailable(f"{hook}: {error}") from None
        except Exception as error:  # noqa: BLE001 - a shop may fail in any way
            log.warning("%s of store %s failed: %s", hook, self.name, where(error))
            raise ShopUnavailable(f"{hook} failed: {where(error)}") from None
        crash_point("ask:after")
        promises.answer(hook, answer, expected)
        return answer

    def close(self) -> None:
        """
        Let the adapter close what it holds, and end the event loops.

        A call that still hangs goes on, for it cannot be stopped; but nobody keeps its lease, so that it is
        ``unknown`` once that ends, and the shop is asked.
        """
        if left := sorted(name for name in self.calls.live if name.startswith("OP-")):
            log.warning("store %s is closed while these are called: %s; ask later", self.name, ", ".join(left))
        try:
            if (close := getattr(self.adapter, "close", None)) is not None:
                close()
        finally:
            self.calls.close()
            self.observers.close()
