"""
A proxy between a client and its database, over real sockets: a COMMIT, or the answer to it, is lost, late or repeated.

    with CommitProxy(url, lambda said: "drop after" if b"OP-1" in said else None) as proxy:
        adapter = … proxy.url …

It knows PostgreSQL, and MariaDB or MySQL, without TLS.
"""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Literal, Self, TypeAlias

import attrs
from sqlalchemy.engine import URL, make_url

__all__ = ["CommitFault", "CommitProxy"]

CommitFault: TypeAlias = Literal["drop before", "drop after", "late commit", "late answer", "twice"]
"""
What becomes of one COMMIT.

- ``drop before``: the database never sees it, and the connection ends
- ``drop after``: the database takes it, and the connection ends without an answer
- ``late commit``: it is on its way, and reaches the database only when `CommitProxy.release` is called
- ``late answer``: the database takes it at once, and its answer waits for `CommitProxy.release`
- ``twice``: the database takes it, and its answer comes two times
"""
_LONGEST = 60  # seconds that the database may take
_PIECE = 65536
_POSTGRES = (b"Q\0\0\0\x0bCOMMIT\0", b"Q\0\0\0\rROLLBACK\0")  # simple queries, as libpq's
_MYSQL = (b"\x07\0\0\0\x03COMMIT", b"\x09\0\0\0\x03ROLLBACK")  # COM_QUERY


@attrs.define(eq=False)
class CommitProxy:
    """
    Use it as a context; it listens on a free port of 127.0.0.1.

    Attributes:
        database: The database's own URL.
        fault: Given all that the client said in the transaction, as it went over the wire; None: the COMMIT passes.
        passed: Every COMMIT, as what was said before it and what became of it, in order.
    """

    database: str = attrs.field(repr=False)
    fault: Callable[[bytes], CommitFault | None]
    passed: list[tuple[bytes, CommitFault | None]] = attrs.field(factory=list, init=False, repr=False)
    _released: threading.Event = attrs.field(factory=threading.Event, init=False)
    _open: set[socket.socket] = attrs.field(factory=set, init=False, repr=False)
    _server: socketserver.ThreadingTCPServer = attrs.field(init=False, repr=False)
    _thread: threading.Thread = attrs.field(init=False, repr=False)

    @property
    def url(self) -> str:
        """The database's URL, by way of the proxy."""
        query = {"sslmode": "disable", "gssencmode": "disable"} if self._is_postgres else {}
        at = self._url.set(host="127.0.0.1", port=self._server.server_address[1], query=query)
        return at.render_as_string(hide_password=False)

    @property
    def _url(self) -> URL:
        return make_url(self.database)

    @property
    def _is_postgres(self) -> bool:
        return self._url.get_backend_name() == "postgresql"

    def release(self) -> None:
        """Let what is late go on."""
        self._released.set()

    def __enter__(self) -> Self:
        """Listen."""
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                proxy.serve(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads, self._server.block_on_close = True, False
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), name="op-core commit proxy", daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End every connection, and let what is late go."""
        self.release()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        for each in list(self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def serve(self, client: socket.socket) -> None:
        """Stand between a client and the database until one of them ends."""
        with suppress(OSError), self._connected() as database:  # an error: one of the two is gone
            for each in (client, database):
                self._open.add(each)
            try:
                self._pass_on(client, database)
            finally:
                for each in (client, database):
                    self._open.discard(each)

    def _pass_on(self, client: socket.socket, database: socket.socket) -> None:
        """Hand on what either says, until one of them ends or the connection is to be cut."""
        said = b""
        commit, rollback = _POSTGRES if self._is_postgres else _MYSQL
        with selectors.DefaultSelector() as waiting:
            for each in (client, database):
                waiting.register(each, selectors.EVENT_READ)
            while True:
                for key, _ in waiting.select():
                    piece = key.fileobj.recv(_PIECE)  # type: ignore[union-attr]  # it is one of the two sockets
                    if not piece:
                        return
                    if key.fileobj is database:
                        client.sendall(piece)
                        continue
                    said += piece
                    if not piece.endswith(commit):
                        database.sendall(piece)
                        said = b"" if piece.endswith(rollback) else said
                        continue
                    # Whoever commits waits for the answer: nothing else is under way on this connection.
                    if not self._commit(client, database, piece, said):
                        return
                    said = b""

    def _commit(self, client: socket.socket, database: socket.socket, piece: bytes, said: bytes) -> bool:
        """Have it committed, or not, and tell whether the connection goes on."""
        fault = self.fault(said)
        self.passed.append((said, fault))
        if fault == "drop before":
            return False
        if fault == "late commit":
            self._released.wait(_LONGEST)
        database.sendall(piece)
        answer = self._answer(database)
        if fault == "drop after":
            return False
        if fault == "late answer":
            self._released.wait(_LONGEST)
        client.sendall(answer * 2 if fault == "twice" else answer)
        return True

    def _answer(self, database: socket.socket) -> bytes:
        answer = b""
        while not self._whole(answer):
            piece = database.recv(_PIECE)
            if not piece:
                raise ConnectionError
            answer += piece
        return answer

    def _whole(self, answer: bytes) -> bool:
        if self._is_postgres:
            return answer.endswith(b"Z\0\0\0\x05I")
        return len(answer) >= 4 + int.from_bytes(answer[:3], "little") > 4  # noqa: PLR2004 - a packet's own header

    def _connected(self) -> socket.socket:
        url = self._url
        if self._is_postgres:
            host, port = str(url.query.get("host") or url.host or "localhost"), url.port or 5432
            path = f"{host}/.s.PGSQL.{port}" if host.startswith("/") else None
        else:
            host, port = url.host or "localhost", url.port or 3306
            path = str(url.query["unix_socket"]) if "unix_socket" in url.query else None
        if path is None:
            return socket.create_connection((host, port), _LONGEST)
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(_LONGEST)
        made.connect(path)
        return made
