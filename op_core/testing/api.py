"""Order Protection's API in memory, for tests of the claim logic: it knows what it is told, and fails as it is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from op_core.errors import AlreadyThere, NotFoundThere
from op_core.order_protection.answers import ReadClaim, ReadOrder
from op_core.order_protection.messages import Request, Response
from op_core.order_protection.schema import CreateOrder, UpdateOrder

__all__ = ["Lost", "ScriptedApi"]

T = TypeVar("T")


@attrs.frozen
class Lost:
    """The call takes effect, then this is raised in the place of its answer."""

    error: Exception


@attrs.define(eq=False)
class ScriptedApi:
    """
    What `op_core.claims.desk.Api` asks for.

    Attributes:
        claims: Order id to claim id to state, as the API lists them; an order that is not named is 404.
        facts: Claim id to what else the API says of it, by the names of page CLM-O.
        orders: Order id to the API's answer for it (page ORD-G); one that is neither named nor posted is 404.
        posted: Orders that were created, in order; a second one of the same id is 409.
        put: Updates of orders by order id, in order; one of an order that was never posted is 404.
        sent: Every other request: the reports.
        faults: Method name to what its next calls meet, in turn: None, an error raised instead, or a `Lost` one.
        calls: Method names in the order of the calls.
        asked: Ids of the orders whose claims were asked for, in turn.
    """

    claims: dict[str, dict[str, str]] = attrs.field(factory=dict)
    facts: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    orders: dict[str, dict[str, Any]] = attrs.field(factory=dict)
    posted: list[CreateOrder] = attrs.field(factory=list)
    put: list[tuple[str, UpdateOrder]] = attrs.field(factory=list)
    sent: list[Request] = attrs.field(factory=list)
    faults: dict[str, list[Exception | Lost | None]] = attrs.field(factory=dict)
    calls: list[str] = attrs.field(factory=list)
    asked: list[str] = attrs.field(factory=list)

    def list_claim(self, claim_id: str, order_id: str = "1001", state: str = "APPROVED", **facts: Any) -> None:
        """List a claim for an order from now on; *facts* by the names of page CLM-O."""
        self.claims.setdefault(order_id, {})[claim_id] = state
        if facts:
            self.facts[claim_id] = facts

    def _call(self, name: str, effect: Callable[[], T]) -> T:
        self.calls.append(name)
        script = self.faults.get(name)
        fault = script.pop(0) if script else None
        if isinstance(fault, Exception):
            raise fault
        result = effect()
        if isinstance(fault, Lost):
            raise fault.error
        return result

    def claims_of_order(self, order_id: str) -> list[ReadClaim]:
        """Return the claims that are listed for the order."""
        self.asked.append(order_id)

        def effect() -> list[ReadClaim]:
            if order_id not in self.claims:
                raise NotFoundThere("no such order", status=404)
            return [
                ReadClaim.model_validate({**self.facts.get(claim_id, {}), "id": claim_id, "claimState": state})
                for claim_id, state in self.claims[order_id].items()
            ]

        return self._call("claims_of_order", effect)

    def get_order(self, order_id: str) -> ReadOrder:
        """Return what *orders* says of it, or the ids under which it was posted."""

        def effect() -> ReadOrder:
            posted = {
                one.source_order_id: {
                    "sourceOrderId": one.source_order_id,
                    "originalSourceOrderId": one.original_source_order_number,
                }
                for one in self.posted
            }
            there = posted | self.orders
            if order_id not in there:
                raise NotFoundThere("no such order", status=404)
            return ReadOrder.model_validate(there[order_id])

        return self._call("get_order", effect)

    def create_order(self, order: CreateOrder) -> None:
        """Take an order, once."""

        def effect() -> None:
            if any(one.source_order_id == order.source_order_id for one in self.posted):
                raise AlreadyThere("there already", status=409)
            self.posted.append(order)

        self._call("create_order", effect)

    def update_order(self, order_id: str, changes: UpdateOrder) -> None:
        """Take changes of an order that was posted."""

        def effect() -> None:
            if all(one.source_order_id != order_id for one in self.posted):
                raise NotFoundThere("no such order", status=404)
            self.put.append((order_id, changes))

        self._call("update_order", effect)

    def send(self, request: Request) -> Response:
        """Take a report."""

        def effect() -> Response:
            self.sent.append(request)
            return Response(status=200, body=b'{"ok": true}')

        return self._call("send", effect)
