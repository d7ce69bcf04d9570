"""
Webhooks on their way out (page DEV-WH): POST, ``x-webhook-secret``, 200 within 5 seconds or again later.

The pages give no schedule of retries (G-7); the one here is short enough to watch. It is sent with the standard
library, so that the sandbox shares no HTTP code with what it tests.
"""

from __future__ import annotations

import heapq
import http.client
import itertools
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias
from urllib.parse import urlsplit

import attrs

from op_core.order_protection import jsonmoney
from op_core.sandbox.answers import Document, Refusal, now
from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.orders import new_id
from op_core.sandbox.payloads import spelled
from op_core.sandbox.store import Store

__all__ = ["BACKOFF", "Post", "Sender", "post"]

Post: TypeAlias = Callable[[str, dict[str, str], bytes], int]  # url, headers, body; returns the status
BACKOFF = (1.0, 5.0, 30.0, 120.0)  # seconds before each further attempt; after the last, the delivery has failed
_TIMEOUT = 5  # seconds, page DEV-WH


def post(url: str, headers: dict[str, str], body: bytes, seconds: float = _TIMEOUT) -> int:
    """Send one request and return its status; `OSError` after a silence of *seconds*. No redirect is followed."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=seconds)
    try:
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


@attrs.define(eq=False)
class Sender:
    """
    Deliveries, one after the other, each attempt recorded. A thread starts with the first one.

    Args:
        store: Keeps targets (``webhook``) and deliveries; what was waiting when the process ended is sent by `resume`.
        switchboard: Dialect, duplicates, shuffle.
        post: Sends one request.
        backoff: Seconds before the second and each further attempt.
    """

    _store: Store
    _switchboard: Switchboard
    _post: Post = attrs.field(default=post, kw_only=True)
    _backoff: Sequence[float] = attrs.field(default=BACKOFF, kw_only=True)
    _due: list[tuple[float, int, str]] = attrs.field(init=False, factory=list)
    _turn: Iterator[int] = attrs.field(init=False, factory=itertools.count)
    _changed: threading.Condition = attrs.field(init=False, factory=threading.Condition)
    _busy: bool = attrs.field(init=False, default=False)
    _closed: bool = attrs.field(init=False, default=False)
    _thread: threading.Thread | None = attrs.field(init=False, default=None)

    def send(self, event: Document) -> list[str]:
        """Make the deliveries of an event, one per target and duplicate, and return their ids."""
        behaviour = self._switchboard.now
        payload = spelled(event, behaviour.dialect, behaviour.store_id)
        made = []
        with self._store.transaction():
            for target in self._store.all("webhook"):
                for _ in range(behaviour.duplicates):
                    delivery = {
                        "id": new_id("delivery"),
                        "event_id": event["id"],
                        "topic": event["topic"],
                        "url": target["url"],
                        "state": "waiting" if behaviour.shuffle is None else "held",
                        "attempts": [],
                        "payload": payload,
                    }
                    self._store.add("delivery", delivery["id"], delivery)
                    made.append(delivery["id"])
        if behaviour.shuffle is None:
            self._schedule(made)
        return made

    def flush(self, seed: int | None = None) -> int:
        """Send what is held, in an order drawn with *seed* (default: the seed of the switch); return how many."""
        if seed is None:
            seed = self._switchboard.now.shuffle
        with self._store.transaction():
            held = [delivery for delivery in self._store.all("delivery") if delivery["state"] == "held"]
            random.Random(seed).shuffle(held)  # noqa: S311 - an order to be repeated, not a secret
            for delivery in held:
                self._store.put("delivery", delivery["id"], delivery | {"state": "waiting"})
        self._schedule([delivery["id"] for delivery in held])
        return len(held)

    def resend(self, delivery_id: str) -> None:
        """Send a delivery once more, the same bytes under the same event id; 404 for an unknown one."""
        with self._store.transaction():
            delivery = self._store.get("delivery", delivery_id)
            if delivery is None:
                raise Refusal(404, "no delivery of this id")
            self._store.put("delivery", delivery_id, delivery | {"state": "waiting"})
        self._schedule([delivery_id])

    def resume(self) -> None:
        """Schedule what an earlier process left waiting."""
        waiting = [delivery["id"] for delivery in self._store.all("delivery") if delivery["state"] == "waiting"]
        self._schedule(waiting)

    def settle(self, seconds: float) -> bool:
        """Wait until nothing is due and nothing under way; False where that takes longer. Held ones do not count."""
        with self._changed:
            return self._changed.wait_for(lambda: self._closed or not (self._due or self._busy), seconds)

    def close(self) -> None:
        """End the thread, after the attempt under way."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _schedule(self, ids: Sequence[str], seconds: float = 0) -> None:
        with self._changed:
            for delivery_id in ids:
                heapq.heappush(self._due, (time.monotonic() + seconds, next(self._turn), delivery_id))
            if ids and self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name="op-sandbox-sender", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _run(self) -> None:
        while (delivery_id := self._next()) is not None:
            again = self._attempt(delivery_id)
            if again is not None:
                self._schedule([delivery_id], again)
            with self._changed:
                self._busy = False
                self._changed.notify_all()

    def _next(self) -> str | None:
        with self._changed:
            while not self._closed:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    self._busy = True
                    return heapq.heappop(self._due)[2]
                self._changed.wait(wait)
            return None

    def _attempt(self, delivery_id: str) -> float | None:
        """Try once, record it, and return the seconds until the next try, if there is one."""
        delivery = self._store.get("delivery", delivery_id)
        target = delivery and self._store.get("webhook", delivery["url"])
        if not delivery or not target:
            return None  # the request that made it was taken back, or its target is gone
        at, status, error = now(), None, None
        headers = {"content-type": "application/json", "x-webhook-secret": target["secret"]}
        try:
            status = self._post(target["url"], headers, jsonmoney.dumps(delivery["payload"]))
        except Exception as problem:  # noqa: BLE001 - whatever fails is recorded, and the next delivery goes on
            error = type(problem).__name__
        attempts = [*delivery["attempts"], {"at": at, "status": status, "error": error}]
        delivered = status == http.client.OK
        again = None if delivered or len(attempts) > len(self._backoff) else self._backoff[len(attempts) - 1]
        state = "delivered" if delivered else "failed" if again is None else "waiting"
        self._store.put("delivery", delivery_id, delivery | {"attempts": attempts, "state": state})
        return again
