"""Each case of the concurrency suite is killed by its own fault, with what would have happened in a shop."""

import asyncio
import inspect
import socket
import sqlite3
import threading
import time

import attrs
import httpx
import pytest

from op_core import hookimpl
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class _Broken(ModelShop):
    """
    A shop with one fault.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()


class _Async(_Broken):
    """It waits for the shop as `wait` does. This one is well: it lets others go on meanwhile."""

    async def wait(self):
        await asyncio.sleep(0)

    @hookimpl
    async def op_get_order(self, request):
        await self.wait()
        return ModelShop.op_get_order(self, request)


class _Sleeps(_Async):
    """It sleeps on the loop."""

    kills = "concurrency-blocks-no-loop"
    says = "op_get_order is async def and blocks its loop by sleep in"

    async def wait(self):
        time.sleep(0)  # noqa: ASYNC251 - this is the fault


class _Sockets(_Async):
    """It reads a socket on the loop."""

    kills = "concurrency-blocks-no-loop"
    says = "op_get_order is async def and blocks its loop by socket.sendall"

    async def wait(self):
        one, other = socket.socketpair()
        with one, other:
            one.sendall(b"?")
            other.recv(1)


class _Client(_Async):
    """It calls the shop by a client that is not async."""

    kills = "concurrency-blocks-no-loop"
    says = "op_get_order is async def and blocks its loop by send in _client.py"

    async def wait(self):
        with httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(200))) as client:
            client.get("http://shop.example")  # noqa: ASYNC212 - this is the fault


class _Database(_Async):
    """It asks a database on the loop."""

    kills = "concurrency-blocks-no-loop"
    says = "op_get_order is async def and blocks its loop by Connection.execute"

    async def wait(self):
        connection = sqlite3.connect(":memory:")
        connection.execute("SELECT 1")
        connection.close()


class _OneRequest(_Broken):
    """It keeps the request that it works at in itself."""

    kills = "concurrency-keeps-orders-apart"
    says = "one order's claim would be paid from another's"

    @hookimpl
    def op_get_order(self, request):
        first = vars(self).setdefault("asked", request) is request
        vars(self)["asked"] = request
        if len(self.orders) == 4:  # the first one is slow, and the second comes meanwhile
            second = vars(self).setdefault("second", threading.Event())
            second.wait(5) if first else second.set()
        return ModelShop.op_get_order(self, vars(self)["asked"] if first else request)


class _OneRequestForAMoment(_Broken):
    """It keeps the request that it works at in itself, and reads it a moment later."""

    kills = "concurrency-keeps-orders-apart"
    says = "one order's claim would be paid from another's"

    @hookimpl
    def op_get_order(self, request):
        state = vars(self)
        state["asked"] = request
        known = sorted(self.orders)
        return ModelShop.op_get_order(self, state["asked"]) if known else None


class _OnePlace(_Broken):
    """It keeps the place of the export in itself."""

    kills = "concurrency-keeps-exports-apart"
    says = "orders would be skipped while somebody exports one by hand"

    @hookimpl
    def op_export_orders(self, request):
        cursor = None if request.cursor is None else vars(self).get("place")
        page = ModelShop.op_export_orders(self, attrs.evolve(request, cursor=cursor))
        vars(self)["place"] = page.cursor
        return page


class _OneAmount(_Broken):
    """It keeps the amount of a refund in itself."""

    kills = "concurrency-refunds-each-once"
    says = "a customer would be refunded twice, or another's amount"

    @hookimpl
    def op_issue_refund(self, request):
        first = vars(self).setdefault("amount", request.amount)
        return ModelShop.op_issue_refund(self, attrs.evolve(request, amount=first))


FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.ConcurrencySuite, lambda: Model(shop=fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} == set(found)


def test_who_awaits_passes(failures):
    """A hook that is `async def` and awaits what it waits for is well."""
    assert {} == failures(kit.ConcurrencySuite, lambda: Model(shop=_Async))


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.ConcurrencySuite])} == {fault.kills for fault in FAULTS}
