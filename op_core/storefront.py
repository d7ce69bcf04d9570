"""
One connected store: a typed method for each hook. Nothing else in op-core touches ``pm.hook``.

A question that fails becomes `ShopUnavailable`; a call that changes the shop always ends in an `Outcome`, or in
`NotSent` or `NotSupported`. Texts of foreign exceptions are dropped: they may hold personal data.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any, TypeVar

import attrs
import pluggy

from op_core import plugins
from op_core.calls import Calls, OutOfTime
from op_core.capabilities import Capability, Support
from op_core.errors import (
    ContractBroken,
    NotSent,
    NotSupported,
    OrderNotFound,
    Refused,
    SettingsError,
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
    ProductPage,
    Stock,
)
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

_SAYS_HOW_MONEY_MOVED = ("refund", "charge_protection", "refund_protection")


@attrs.define(eq=False)
class Storefront:
    """
    One store's shop, as op-core sees it.

    Args:
        name: The store's name in the settings.
        manager: Holds exactly one adapter, and observers.
        capabilities: What the adapter says it can do.
        deadline: Seconds that one call may take.
    """

    name: str
    manager: pluggy.PluginManager = attrs.field(repr=False)
    capabilities: Mapping[str, Capability] = attrs.field(repr=False)
    deadline: float = 30.0
    calls: Calls = attrs.field(factory=Calls, repr=False)
    on_close: Callable[[], None] | None = attrs.field(default=None, repr=False)

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
        close = getattr(adapter, "close", None)
        return cls(name, manager, capabilities, deadline, Calls(calls), close)

    # --- Reading -------------------------------------------------------------------------------------------------

    def export_orders(self, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
        """Return one page of orders; see ``op_export_orders``."""
        return self._ask("op_export_orders", ExportOrdersRequest(self.name, since, cursor, limit), OrderPage)

    def get_order(self, order_id: str) -> Order:
        """Return the order as it is now. Raises `OrderNotFound`, `NotSupported`, `ShopUnavailable`."""
        order = self._ask("op_get_order", GetOrderRequest(self.name, order_id), Order)
        if order.id != order_id:
            raise ContractBroken("op_get_order answered another order than the one asked for")
        return order

    def lookup_fulfillments(self, order_ids: tuple[str, ...]) -> Fulfillments:
        """Return the fulfillments of these orders, by order id."""
        return self._ask("op_lookup_fulfillments", LookupFulfillmentsRequest(self.name, order_ids), Mapping)

    def check_stock(self, order: Order, lines: tuple[LineQuantity, ...]) -> tuple[Stock, ...]:
        """Return what can be sent now of these lines."""
        return self._ask("op_check_stock", CheckStockRequest(self.name, order, lines), tuple)

    def export_products(self, since: datetime | None, cursor: str | None, limit: int) -> ProductPage:
        """Return one page of products; see ``op_export_products``."""
        return self._ask("op_export_products", ExportProductsRequest(self.name, since, cursor, limit), ProductPage)

    # --- Changing ------------------------------------------------------------------------------------------------

    def act(self, verb: str, request: Effect, late: Late | None = None) -> Outcome:
        """
        Make one effect: ``op_create_reship``, ``op_issue_refund`` and their kin, by *verb*.

        Args:
            verb: One of `EFFECTS`.
            request: What the hook is given.
            late: Told the outcome if it comes after the deadline; until then the outcome is ``unknown``.

        Raises:
            NotSent: It surely never reached the shop.
            NotSupported: The shop cannot do it.
        """
        hook = EFFECTS[verb]
        self._usable(hook)

        def told(future: Future[Any]) -> None:
            if late is not None:
                outcome = self._outcome(verb, hook, future.result)
                if isinstance(outcome, Outcome):
                    late(outcome)

        crash_point(f"{verb}:before")
        outcome = self._outcome(verb, hook, lambda: self._run(hook, request, name=request.reference, late=told))
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
        return _checked(verb, hook, answer)

    def find(self, verb: str, request: FindRequest) -> Found | NotFound | CannotTell:
        """
        Ask whether the shop holds an effect under our reference.

        Raises:
            ShopUnavailable: It did not answer; ask again later.
        """
        hook = QUESTIONS[verb]
        try:
            answer: Found | NotFound | CannotTell = self._ask(
                hook, request, (Found, NotFound, CannotTell), name=request.reference
            )
        except NotSupported as error:
            return CannotTell(error.reason)
        except ContractBroken as error:
            return CannotTell(str(error))
        if isinstance(answer, Found) and any(
            one.state == "done" and one.money is None and verb in _SAYS_HOW_MONEY_MOVED
            for one in (answer.outcome, *answer.others)
        ):
            return CannotTell(f"{hook} does not say how the money moved: moved, queued or booked")
        return answer

    # --- Observing -----------------------------------------------------------------------------------------------

    def review(self, request: ReviewPlanRequest) -> tuple[Hold, ...]:
        """Return every reviewer's hold. A reviewer that fails holds."""
        holds: list[Hold] = []
        for implementation in self.manager.hook.op_review_plan.get_hookimpls():
            actor = implementation.plugin_name
            try:
                answer = self.calls.run(_bound(implementation, request), self.deadline, name=f"review {actor}")
            except Exception as error:  # noqa: BLE001 - a reviewer that cannot answer has not agreed
                holds.append(Hold(f"the reviewer failed: {where(error)}", actor))
                continue
            if isinstance(answer, Hold):
                holds.append(answer if answer.actor else attrs.evolve(answer, actor=actor))
            elif answer is not None:
                holds.append(Hold(f"the reviewer answered {type(answer).__name__}, expected Hold or None", actor))
        return tuple(holds)

    def event(self, request: EventRequest) -> None:
        """Tell every observer. One that fails is logged and changes nothing."""
        for implementation in self.manager.hook.op_event.get_hookimpls():
            try:
                self.calls.run(
                    _bound(implementation, request), self.deadline, name=f"event {implementation.plugin_name}"
                )
            except Exception as error:  # noqa: BLE001 - an observer never stops a claim
                log.warning("observer %s of store %s failed: %s", implementation.plugin_name, self.name, where(error))

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

    def _run(self, hook: str, request: Any, *, name: str, late: Callable[[Future[Any]], None] | None = None) -> Any:
        caller = getattr(self.manager.hook, hook)
        return self.calls.run(lambda: caller(request=request), self.deadline, name=name, late=late)

    def _ask(self, hook: str, request: Any, expected: type[T] | tuple[type[Any], ...], name: str = "") -> T:
        self._usable(hook)
        crash_point("ask:before")
        try:
            answer = self._run(hook, request, name=name or hook)
        except (OrderNotFound, NotSupported, ContractBroken):
            raise
        except (NotSent, OutOfTime, ShopUnavailable) as error:
            raise ShopUnavailable(f"{hook}: {error}") from None
        except Exception as error:  # noqa: BLE001 - a shop may fail in any way
            log.warning("%s of store %s failed: %s", hook, self.name, where(error))
            raise ShopUnavailable(f"{hook} failed: {where(error)}") from None
        crash_point("ask:after")
        if not isinstance(answer, expected):
            raise ContractBroken(f"{hook} answered {type(answer).__name__}")
        return answer

    def close(self) -> None:
        """Let the adapter close what it holds."""
        if self.on_close is not None:
            self.on_close()


def _checked(verb: str, hook: str, answer: Any) -> Outcome:
    """Trust an answer only if it is all that the hook promises: anything else may have happened."""
    if not isinstance(answer, Outcome):
        return Outcome("unknown", reason=f"{hook} answered {type(answer).__name__}, expected Outcome")
    if answer.state == "done" and answer.money is None and verb in _SAYS_HOW_MONEY_MOVED:
        return Outcome("unknown", reason=f"{hook} does not say how the money moved: moved, queued or booked")
    return answer


def _bound(implementation: Any, request: Any) -> Callable[[], Any]:
    arguments = [request] if "request" in implementation.argnames else []
    return lambda: implementation.function(*arguments)
