"""The sandbox on a socket: in a thread for tests and the demo, or in the foreground for a person."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import attrs
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from op_core.errors import SettingsError
from op_core.sandbox.app import app_for
from op_core.sandbox.faults import TRANSPORT
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.oauth import Clock, utc_now
from op_core.sandbox.sender import BACKOFF, Post, post

__all__ = ["Sandbox", "serve"]


class _Droppable(H11Protocol):
    """Hand the connection to the application, so that a fault can close it without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


def _config(app: ASGIApp, **more: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        loop="asyncio",
        http=_Droppable,
        ws="none",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=1,
        **more,  # type: ignore[arg-type]  # log settings and address, by name
    )


def _opened(host: str, port: int, local: LocalOrderProtection) -> tuple[socket.socket, LocalOrderProtection]:
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        local.close()
        raise SettingsError(f"cannot listen on {host}, port {port} ({error}); expected a free port, or 0") from error
    # asyncio does this for sockets that name their protocol, which accepted ones do not: without it, each answer on a
    # connection that is kept waits 40 ms for the other side. Accepted sockets have it from this one.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener, local


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(
    host: str = "127.0.0.1",
    port: int = 8700,
    *,
    db: str | Path | None = None,
    token: str | None = None,
    ready: Callable[[str], None] | None = None,
) -> None:
    """
    Serve until interrupted.

    Args:
        host: Address to listen on. On anything but loopback, set a *token*.
        port: TCP port; 0 for a free one.
        db: A file that outlives the process, or None for memory.
        token: The only bearer token that is let in; None lets in any that is not empty.
        ready: Called with the URL as soon as requests are taken.

    Raises:
        SettingsError: The port or the file cannot be used.
    """
    listener, local = _opened(host, port, LocalOrderProtection(db=db))
    if ready is not None:
        ready(_url(listener))
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(_config(app_for(local, token))).run([listener])


@attrs.define(kw_only=True, eq=False)
class Sandbox:
    """
    A sandbox on a loopback port, in a thread of its own: ``with Sandbox() as sandbox: call(sandbox.url)``.

    Args:
        port: TCP port; 0 for a free one.
        db: A file that outlives the process, or None for memory.
        token: The only bearer token that is let in; None lets in any that is not empty.
        backoff: Seconds before the second and each further attempt to deliver a webhook.
        post: Sends one webhook.
        clock: Says when tokens end.

    Attributes:
        url: Where it listens, without a slash at the end.
        local: What stands behind the routes, for calls without HTTP.
    """

    _port: int = 0
    _db: str | Path | None = None
    _token: str | None = attrs.field(default=None, repr=False)
    _backoff: Sequence[float] = BACKOFF
    _post: Post = post
    _clock: Clock = utc_now
    url: str = attrs.field(init=False)
    local: LocalOrderProtection = attrs.field(init=False, repr=False)
    _server: uvicorn.Server = attrs.field(init=False, repr=False)
    _thread: threading.Thread = attrs.field(init=False, repr=False)

    def __enter__(self) -> Self:
        """Listen. A request that comes before the server is up waits in the socket's queue."""
        listener, self.local = _opened(
            "127.0.0.1",
            self._port,
            LocalOrderProtection(db=self._db, backoff=self._backoff, post=self._post, clock=self._clock),
        )
        self.url = _url(listener)
        self._server = uvicorn.Server(_config(app_for(self.local, self._token), log_config=None, access_log=False))
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="op-sandbox")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, end the sender, close the store, and wait for all of them."""
        self._server.should_exit = True
        self._thread.join()

    def settle(self, seconds: float = 10) -> bool:
        """Wait until no webhook is due or under way; False where that takes longer."""
        return self.local.sender.settle(seconds)
