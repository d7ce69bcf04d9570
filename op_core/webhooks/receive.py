"""
Receive one webhook: check who knocks, store the body as it came, then say 200.

The order of the checks is a promise: 404 for an unknown store, 401 for a wrong secret (before the body is read),
413 above 1 MiB, 200 once the COMMIT has returned, 503 only when the commit fails. What the body says is looked at
later, so that nothing that arrives is lost (page DEV-WH asks for 200 within 5 seconds).
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NoReturn

import attrs
import sqlalchemy as sa
from pydantic import SecretStr

from op_core.errors import LedgerError
from op_core.ledger import Ledger, deliveries
from op_core.testing.crash import crash_point

__all__ = ["MOST_BYTES", "Answer", "Receiver", "Rejected", "announced", "check_size", "secret_of"]

log = logging.getLogger("op_core")
MOST_BYTES = 1024 * 1024
_PAUSE = 60.0  # seconds between two warnings of one store
SECRET_HEADER = "x-webhook-secret"  # noqa: S105 - the name of the header, not a secret


@attrs.frozen
class Answer:
    """What to answer over HTTP: a status, and a short text for whoever reads the sender's log."""

    status: int
    text: str

    @property
    def body(self) -> bytes:
        """The text as bytes."""
        return self.text.encode()


class Rejected(Exception):
    """A webhook that is not let in; *answer* says how to say so."""

    def __init__(self, status: int, text: str) -> None:
        self.answer = Answer(status, text)
        super().__init__(text)


def secret_of(headers: Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]) -> bytes:
    """Return the secret that the sender shows, whatever the framework's kind of headers; empty where there is none."""
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    for name, value in pairs:
        plain = name.decode("latin-1") if isinstance(name, bytes) else name
        if plain.lower().replace("_", "-") == SECRET_HEADER:
            return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
    return b""


@attrs.define(eq=False)
class Receiver:
    """
    The door.

    Args:
        ledger: Where bodies are kept.
        ids: Name of each store to its permanent id. A store needs no working adapter to receive.
        secrets: Name of each store to its secrets; any of them opens, so that they can be rotated.
        closed: Stores that cannot store now, with the reason: their id is not the one that the ledger knows, or their
            id or secrets cannot be read.
        on_stored: Called after each commit, to wake whoever works.
    """

    ledger: Ledger
    ids: Mapping[str, str]
    secrets: Mapping[str, tuple[SecretStr, ...]] = attrs.field(repr=False)
    closed: Mapping[str, str] = attrs.field(factory=dict)
    on_stored: Callable[[], None] = lambda: None
    _wrong: dict[str, tuple[float, int]] = attrs.field(factory=dict, init=False, repr=False)

    def _count_wrong(self, store: str) -> None:
        """Say that somebody shows wrong secrets, at most once a minute: mistyped, or guessed at."""
        told, count = self._wrong.get(store, (float("-inf"), 0))
        now = time.monotonic()
        if now - told >= _PAUSE:
            log.warning("store %s: %d webhooks showed a wrong secret and were not let in", store, count + 1)
            self._wrong[store] = (now, 0)
        else:
            self._wrong[store] = (told, count + 1)

    def admit(self, store: str, headers: Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]) -> str:
        """
        Return the permanent id of the store if the sender may come in; the body is not needed for that.

        Raises:
            Rejected: 404 for an unknown store, 401 for a wrong secret, 503 for a closed store.
        """
        secrets = self.secrets.get(store)
        store_id = self.ids.get(store)
        if secrets is None or store_id is None:
            _reject(
                *((503, "the store is closed; try again later") if store in self.closed else (404, "no such store"))
            )
        shown = secret_of(headers)
        matches = [hmac.compare_digest(shown, secret.get_secret_value().encode()) for secret in secrets]
        if not any(matches):
            self._count_wrong(store)
            _reject(401, "the secret is wrong")
        if store in self.closed:
            _reject(503, "the store is closed; try again later")
        return store_id

    def receive(
        self, store: str, headers: Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]], body: bytes
    ) -> Answer:
        """
        Store one webhook and return what to answer. Never raises for what came from outside.

        Args:
            store: Name of the store, from the path.
            headers: Of the request; a mapping, or pairs of names and values.
            body: As it came, byte for byte.
        """
        try:
            store_id = self.admit(store, headers)
            check_size(len(body))
            crash_point("receive:before")
            self.ledger.write(_store, self.ledger, store_id, body)
        except Rejected as rejected:
            return rejected.answer
        except LedgerError:
            return _NOT_STORED
        crash_point("receive:after")
        self.on_stored()
        return _STORED

    async def areceive(
        self, store: str, headers: Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]], body: bytes
    ) -> Answer:
        """Do what `receive` does, without blocking the event loop."""
        try:
            store_id = self.admit(store, headers)
            check_size(len(body))
        except Rejected as rejected:
            return rejected.answer
        return await self.keep(store_id, body)

    async def keep(self, store_id: str, body: bytes) -> Answer:
        """Store the body of a sender that was let in."""
        crash_point("receive:before")
        try:
            await self.ledger.awrite(_store, self.ledger, store_id, body)
        except LedgerError:
            return _NOT_STORED
        crash_point("receive:after")
        self.on_stored()
        return _STORED


_STORED = Answer(200, "stored")
_NOT_STORED = Answer(503, "not stored; send it again")


def _store(connection: sa.Connection, ledger: Ledger, store_id: str, body: bytes) -> int:
    return deliveries.store(connection, store_id, body, ledger.now(connection))


def _reject(status: int, text: str) -> NoReturn:
    raise Rejected(status, text)


def announced(length: str) -> int:
    """
    Return the size that a ``Content-Length`` names; 0 where there is none.

    Raises:
        Rejected: 413, above 1 MiB; 400 for what is no number.
    """
    digits = length.strip().lstrip("0")
    if not (digits.isascii() and (digits.isdigit() or not digits)):
        _reject(400, "the Content-Length is no number")
    size = int(digits[:20] or 0)  # twenty digits are too many bytes already
    check_size(size)
    return size


def check_size(size: int) -> None:
    """
    Refuse a body that is too large.

    Raises:
        Rejected: 413, above 1 MiB.
    """
    if size > MOST_BYTES:
        _reject(413, "a body has at most 1 MiB")
