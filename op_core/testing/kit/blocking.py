"""What blocks an event loop, seen while it happens: by the calls that a thread makes, not by a clock."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Awaitable
from types import FrameType
from typing import Any, TypeVar

__all__ = ["blocking"]

T = TypeVar("T")
_WAITS = {time.sleep, socket.getaddrinfo}
_SOCKET = {"accept", "connect", "recv", "recv_into", "recvfrom", "send", "sendall"}
_BY_NAME = {("Cursor", "execute"), ("Connection", "execute"), ("Connection", "commit")}  # of sqlite3
_CLIENTS = {("httpx/_client.py", "send"), ("requests/sessions.py", "send"), ("urllib/request.py", "urlopen")}


async def blocking(call: Awaitable[T], seen: list[str]) -> T:
    """
    Await *call*, and note everything that it waits for without awaiting it.

    Args:
        call: What a hook returned.
        seen: Where the names of what blocked are put: ``time.sleep``.
    """

    def look(frame: FrameType, event: str, what: Any) -> None:
        if event == "c_call" and _waits(what):
            seen.append(f"{getattr(what, '__qualname__', what)} in {frame.f_code.co_filename.rsplit('/', 1)[-1]}")
        elif event == "call" and frame.f_code.co_name in ("send", "urlopen"):
            place = frame.f_code
            if any(place.co_filename.endswith(file) and place.co_name == name for file, name in _CLIENTS) and not (
                place.co_flags & 0x80  # async def
            ):
                seen.append(f"{place.co_name} in {place.co_filename.rsplit('/', 1)[-1]}")

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        return await call
    finally:
        sys.setprofile(before)


def _waits(what: Any) -> bool:
    if what in _WAITS:
        return True
    owner = getattr(what, "__self__", None)
    if isinstance(owner, socket.socket):
        return what.__name__ in _SOCKET and owner.gettimeout() != 0
    return (type(owner).__name__, what.__name__) in _BY_NAME and type(owner).__module__ == "sqlite3"
