"""Serve an ASGI app on a loopback port, in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from op_core.errors import SettingsError

__all__ = ["listening"]


@contextmanager
def listening(app: Any, port: int = 0) -> Iterator[str]:
    """
    Serve *app* and yield its URL, without a slash at the end.

    Raises:
        SettingsError: The extra ``server`` is not installed.
    """
    try:
        import uvicorn  # noqa: PLC0415 - part of an extra
    except ModuleNotFoundError:
        raise SettingsError('serving needs uvicorn: install op-core with its extra "server"') from None
    listener = _opened(port)
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="op-core listening")
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _opened(port: int) -> socket.socket:
    """Return what listens. Sockets that it accepts have its option too: no answer waits 40 ms for the other side."""
    listener = socket.create_server(("127.0.0.1", port))
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
