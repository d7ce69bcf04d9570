"""
The ASGI face: ``POST /webhooks/{store}``, and nothing else. No framework: a router costs more than the rest of it.

Mount it in any ASGI app, or run it by itself: ``uvicorn --factory myshop:app`` with ``app = op_core.load(…).asgi``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote

from op_core.webhooks.receive import Answer, Receiver, Rejected, announced, check_size

__all__ = ["asgi_app"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_PREFIX = "/webhooks/"


def asgi_app(receiver: Receiver, *, patience: float = 10.0) -> App:
    """
    Return the app.

    Args:
        receiver: The door.
        patience: Seconds for a whole body to arrive, however steadily it drips; then 408.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _lifespan(receive, send)
        elif scope["type"] == "http":
            await _answer(send, await _handle(receiver, scope, receive, patience))

    return app


async def _handle(receiver: Receiver, scope: Scope, receive: Receive, patience: float) -> Answer:
    path = scope["path"]
    root = scope.get("root_path", "")
    if root and path.startswith(root):
        path = path[len(root) :]
    if not path.startswith(_PREFIX):
        return Answer(404, "no such page; webhooks go to /webhooks/{store}")
    try:
        store_id = receiver.admit(unquote(path[len(_PREFIX) :]), scope["headers"])
        if scope["method"] != "POST":
            return Answer(405, "webhooks are POSTed")
        announced(next((value for name, value in scope["headers"] if name == b"content-length"), b"").decode("latin-1"))
        async with asyncio.timeout(patience):
            body = await _body(receive)
    except Rejected as rejected:
        return rejected.answer
    except TimeoutError:
        return Answer(408, "the body did not arrive in time")
    if body is None:
        return Answer(400, "the body broke off")
    return await receiver.keep(store_id, body)


async def _body(receive: Receive) -> bytes | None:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        part = message.get("body", b"")
        size += len(part)
        check_size(size)
        parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts)


async def _answer(send: Send, answer: Answer) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(answer.body)).encode())]
    if answer.status in (408, 413):
        headers.append((b"connection", b"close"))  # the rest of the body is not read
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
