"""
Fingerprints: each delivery and each answer has a shape, and one that never came before is kept, and told once.

What is new is relative to what the pages show and to what a person accepted (`learn`).
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

import attrs
import sqlalchemy as sa

from op_core.errors import Unreadable
from op_core.ledger import Ledger, shapes
from op_core.ledger.deliveries import Delivery
from op_core.ledger.shapes import SeenShape
from op_core.order_protection.dialects.kinds import UNKNOWN, kind_of
from op_core.order_protection.documented import documented
from op_core.order_protection.jsonmoney import loads
from op_core.order_protection.messages import Request, Response
from op_core.order_protection.shapes import Known, News, Shape, news_of, shape_of, shape_of_body
from op_core.requests import EventRequest
from op_core.settings import StoreSettings
from op_core.storefront import Storefront

__all__ = ["ERRORS", "Fingerprints", "known_of", "learn"]

log = logging.getLogger("op_core")
ERRORS = "errors"  # what the answers that are no success are together: no page shows their form (G-9)
_NOT_READ = ", not readable"
_MOST_KNOWN = 4_096  # shapes that one process remembers to have seen
_MOST_NEW = 200  # new shapes of one thing that wait for a person; more would be data in the place of keys
_MOST_KEPT = 1024 * 1024  # bytes of an answer
_FEW = 5  # things that a line of the log names
_SECRET = "/v1/oauth/"  # noqa: S105 - the routes whose answers hold tokens and are never kept


@attrs.define(eq=False)
class Fingerprints:
    """One store's. Safe to share between threads: what two see at once, the ledger takes once."""

    store: StoreSettings
    ledger: Ledger
    shop: Storefront
    _known: dict[tuple[str, str], int] = attrs.field(factory=dict, init=False, repr=False)

    def delivery(self, delivery: Delivery, body: bytes) -> str:
        """Return the hash of a delivery's shape; one that never came before is written down and told."""
        try:
            value = loads(body)
            what, shape = kind_of(value), shape_of(value)
        except Unreadable:
            what, shape = UNKNOWN, shape_of_body(body)
        self._look(what, shape, delivery=delivery)
        return shape.hash

    def answer(self, request: Request, response: Response, reason: str | None = None) -> int | None:
        """
        See an answer of the API; a new form, and one that could not be read, is kept. It never raises.

        Args:
            request: What was asked.
            response: What was answered.
            reason: Why it could not be read; None where it could.

        Returns:
            The number under which its form is kept.
        """
        try:
            is_success = 200 <= response.status < 300  # noqa: PLR2004 - the class of HTTP's successes
            what = f"{request.method} {request.route} ({request.page})" if is_success else ERRORS
            body = None if request.route.startswith(_SECRET) else response.body[:_MOST_KEPT]
            return self._look(what, shape_of_body(response.body), reason=reason, body=body)
        except Exception as error:  # noqa: BLE001 - a call must not fail because its answer could not be written down
            log.warning("store %s: an answer was not fingerprinted: %s", self.store.name, type(error).__name__)
            return None

    def _look(
        self,
        what: str,
        shape: Shape,
        *,
        reason: str | None = None,
        body: bytes | None = None,
        delivery: Delivery | None = None,
    ) -> int | None:
        called = what if reason is None else f"{what}{_NOT_READ}"
        known = self._known.get((called, shape.hash))
        if known is not None:
            return known
        row = self.ledger.read(shapes.find, self.store.id, called, shape.hash)
        if row is None:
            row, tell = self.ledger.write(self._write, called, shape, reason, body, delivery)
            if row is not None and tell:
                self._tell(row)
        if row is None:
            return None
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known[called, shape.hash] = row.id
        return row.id

    def _write(
        self,
        connection: sa.Connection,
        what: str,
        shape: Shape,
        reason: str | None,
        body: bytes | None,
        delivery: Delivery | None,
    ) -> tuple[SeenShape | None, bool]:
        """Write a form down, and say whether somebody should hear of it: once for each thing that is new."""
        news = news_of(shape, known_of(connection, self.store.id, what))
        is_new = bool(news) or reason is not None
        waiting = shapes.listing(connection, self.store.id, what, new=True) if is_new else []
        if len(waiting) >= _MOST_NEW:
            return None, False
        first = shapes.seen(
            connection,
            self.store.id,
            what,
            shape.hash,
            shape.paths,
            self.ledger.now(connection),
            news=attrs.asdict(news) if news else None,
            reason=reason,
            kept=body if is_new else None,
            body_sha256=None if delivery is None else delivery.body_sha256,
            delivery_id=None if delivery is None else delivery.id,
        )
        again = reason is None and any(_news(one) == news for one in waiting)
        return shapes.find(connection, self.store.id, what, shape.hash), first and is_new and not again

    def _tell(self, row: SeenShape) -> None:
        news = _news(row)
        words = [row.reason] if row.reason else news.words()
        more = f" and {len(words) - _FEW} more" if len(words) > _FEW else ""
        log.warning(
            "store %s: %s came in a new shape: %s%s; see `op-core wire show %d`",
            self.store.name,
            row.what,
            ", ".join(words[:_FEW]),
            more,
            row.id,
        )
        facts = {"what": row.what, "shape": row.shape, "added": list(news.added), "lacking": list(news.lacking)}
        self.shop.event(EventRequest(self.store.name, "wire.new_shape", self.ledger.now(), str(row.id), facts))


def _news(row: SeenShape) -> News:
    return News(**row.news) if row.news else News()


def known_of(connection: sa.Connection, store_id: str, what: str) -> Known:
    """Return what the pages show of a topic or an answer, and what a person accepted of it."""
    plain = what.removesuffix(_NOT_READ)
    known = documented(plain)
    for paths in shapes.learned(connection, store_id, plain):
        known = known.joined(paths)
    if plain != what:
        for paths in shapes.learned(connection, store_id, what):
            known = known.joined(paths)
    return known


def learn(connection: sa.Connection, ids: Sequence[int], now: datetime) -> int:
    """
    Accept forms: they are quiet from now on, and all that is in them is known.

    Returns:
        How many were not accepted before.
    """
    rows = [row for row in (shapes.get(connection, one) for one in ids) if row is not None]
    count = shapes.learn(connection, [row.id for row in rows], now)
    for store_id, plain in {(row.store_id, row.what.removesuffix(_NOT_READ)) for row in rows}:
        for what in (plain, f"{plain}{_NOT_READ}"):
            known = known_of(connection, store_id, what)
            for row in shapes.listing(connection, store_id, what, new=True):
                news = news_of(Shape(row.paths), known)
                shapes.put_news(connection, row.id, attrs.asdict(news) if news else None)
    return count
