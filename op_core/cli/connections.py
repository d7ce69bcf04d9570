"""What `op-core serve` allows a connection: files enough for many of them, and no endless silence in one."""

from __future__ import annotations

import asyncio
import sys

from uvicorn.protocols.http.auto import AutoHTTPProtocol

__all__ = ["MOST_OPEN", "impatient", "open_many"]

MOST_OPEN = 8192
"""Open files that the process asks for: each connection is one, and 1,024, the usual limit, is soon full."""


def open_many() -> None:
    """Raise this process's limit of open files to `MOST_OPEN`, or to what it may have."""
    if sys.platform == "win32":
        return  # no such limit there
    import resource  # noqa: PLC0415 - not on every platform

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_OPEN if hard == resource.RLIM_INFINITY else min(MOST_OPEN, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def impatient(seconds: float) -> type[asyncio.Protocol]:
    """
    Return the server's protocol, which ends a connection that sends no whole head of a request for so long.

    uvicorn bounds only the silence after an answer. Nothing bounds it before the first request, nor while a head comes
    letter by letter, nor when the body of a refused request goes on for ever. The body of one that was let in has a
    limit of its own, answered with 408.

    Args:
        seconds: From look to look: a connection ends at one that finds no request newer than the look before.
    """

    class Impatient(AutoHTTPProtocol):  # type: ignore[misc, valid-type]  # one of two classes, by what is installed
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self._seen = None
            self._next_look = self.loop.call_later(seconds, self._look)

        def connection_lost(self, exc: Exception | None) -> None:
            self._next_look.cancel()
            super().connection_lost(exc)

        def _look(self) -> None:
            answered = self.cycle is None or self.cycle.response_complete
            if answered and self.cycle is self._seen:
                self.transport.close()
                return
            self._seen = self.cycle
            self._next_look = self.loop.call_later(seconds, self._look)

    return Impatient
