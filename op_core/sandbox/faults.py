"""What goes wrong on purpose, between the socket and the routes."""

from __future__ import annotations

import asyncio

import attrs
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from op_core.order_protection import jsonmoney
from op_core.sandbox.behaviour import Fault, Switchboard

__all__ = ["TRANSPORT", "Faults"]

TRANSPORT = "op_core.transport"  # where the server puts the connection, in the ASGI state


@attrs.frozen
class Faults:
    """Pass requests on, and let the faults of the switchboard befall those to ``/v1`` and ``/v2``."""

    _app: ASGIApp
    _switchboard: Switchboard

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, well or badly."""
        fault = None
        if scope["type"] == "http":
            fault = self._switchboard.next_fault(scope["method"], scope["raw_path"].decode("latin-1"))
        if fault is None:
            await self._app(scope, receive, send)
            return
        held: list[Message] = []

        async def hold(message: Message) -> None:
            held.append(message)

        if fault.after_acting:
            await self._app(scope, receive, hold)
        await _befall(fault, scope, receive, send)
        if fault.kind == "slow":
            for message in held:
                await send(message)
            if not held:
                await self._app(scope, receive, send)


async def _befall(fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
    if fault.kind == "slow":
        await asyncio.sleep(float(fault.seconds))
    elif fault.kind == "status":
        headers = {} if fault.retry_after is None else {"retry-after": str(fault.retry_after)}
        body = jsonmoney.dumps({"status": "error", "message": "a fault of the sandbox, as it was asked", "field": None})
        await Response(body, fault.status, headers, "application/json")(scope, receive, send)
    else:
        transport = scope.get("state", {}).get(TRANSPORT)
        if transport is None:
            raise RuntimeError("this server cannot drop a connection: run the sandbox with Sandbox or serve")
        transport.abort()
        while (await receive())["type"] != "http.disconnect":
            pass
