"""
A claim is filed once under its key, whatever is repeated, lost, raced or killed.

The API has no keys that make a repeat safe, and answers no claim id (G-11). So the order's claims are read, the intent
is committed, and then the claim is posted. After a lost answer the order's claims say what became of it; an offline
claim has no order that could be asked.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Generic, Literal, TypeVar

import attrs

from op_core.errors import (
    AlreadyThere,
    Answered,
    FilingUnknown,
    KeyTaken,
    NotSendable,
    NotSupported,
    RateLimited,
    RequestNotSent,
    SettingsError,
    WireError,
)
from op_core.filing.doubts import under_way, unknown
from op_core.filing.forms import OnlineClaim, offline_body, online_body
from op_core.filing.keys import content_hash, key_of
from op_core.filing.traces import Api, New, claim_ids, new_claims
from op_core.ledger import Ledger, filings
from op_core.ledger.filings import Filing, Kind, State
from op_core.ledger.keyed import spellings
from op_core.ledger.writer import Conflict
from op_core.models import Fulfillment
from op_core.order_protection import endpoints
from op_core.order_protection.messages import Call
from op_core.order_protection.schema import FileClaim, FileOfflineClaim
from op_core.settings import StoreSettings
from op_core.storefront import Storefront
from op_core.testing.crash import crash_point

__all__ = ["Filed", "Filer"]

T = TypeVar("T")
_LONGEST = timedelta(minutes=3)  # an attempt is over by then: its calls are brief ones, see `connect` and `tokens`
_HELD_UP = timedelta(seconds=20)  # whoever was held up longer between intent and call does not call any more
_PATIENCE = 30.0  # seconds to wait for a thread of this process that files for the same order
_LANES = 64
_NEVER_SENT = (NotSendable, RateLimited, RequestNotSent)
_SAYS_NO = range(300, 500)
_MAY_HAVE_ACTED = (408, 409)  # of these: it gave up waiting; there is one already


@attrs.frozen(kw_only=True)
class Filed:
    """
    A claim that was filed.

    Attributes:
        state: ``filed``; whatever else became of a claim is raised.
        order_id: The shop's; of an offline claim the one that the API made up, under which its progress is asked.
        claim_id: None where the API does not show the claim yet, or several new ones.
        key: Filing again under it, with the same content, returns this and sends nothing.
        at: When it was filed, UTC.
    """

    state: Literal["filed"] = "filed"
    order_id: str | None
    claim_id: str | None
    key: str
    at: datetime


@attrs.frozen
class _Claim(Generic[T]):
    """
    What is to be filed.

    Attributes:
        call: Checks it against the shop's order and returns the call; asked only when it is about to be filed.
        order_of: Returns the id of the order that the answer names.
    """

    filing: Filing
    email: str | None = attrs.field(repr=False)
    call: Callable[[], Call[T]]
    order_of: Callable[[T], str | None]


@attrs.define(eq=False)
class Filer:
    """Files the claims of one store. Safe to share between threads; any number of processes may share the ledger."""

    store: StoreSettings
    ledger: Ledger
    shop: Storefront
    api: Api
    _lanes: tuple[threading.Lock, ...] = attrs.field(
        factory=lambda: tuple(threading.Lock() for _ in range(_LANES)), init=False, repr=False
    )

    def online(
        self, order_id: str, claim: OnlineClaim | FileClaim | Mapping[str, Any], key: str | None = None
    ) -> Filed:
        """
        File a claim about an order of the online store (page CLM-C).

        Args:
            order_id: The shop's id of the order.
            claim: What a support page knows; or the body of the page, as a model or as JSON data.
            key: It is filed once under it; best the number of the form or ticket. None: made of order and content.

        Raises:
            WrongArgument: The shop's order does not have what the claim is about, or the key cannot be one.
            KeyTaken: The key was used for a claim of other content.
            FilingUnderWay: Another call files it right now.
            FilingUnknown: It may have been filed; the text says what to do.
            OrderNotFound: The shop has no such order. `ShopUnavailable`: it cannot be asked.
            WireError: It was not filed. Mend what the text says, and file it again under the same key.
        """
        said = claim if isinstance(claim, OnlineClaim | FileClaim) else FileClaim.model_validate(dict(claim))

        def call() -> Call[None]:
            body = online_body(said, self.shop.get_order(order_id), self._parcels(order_id))
            return endpoints.file_claim(order_id, body, self.store.wire)

        filing = self._filing("online", order_id, content_hash(said), key)
        with self._alone(order_id, filing.key):
            return self._once(_Claim(filing, said.email, call, lambda _: order_id))

    def offline(self, claim: FileOfflineClaim | Mapping[str, Any], key: str | None = None) -> Filed:
        """
        File a claim about a sale of another channel (page CLM-F).

        Args:
            claim: The body of the page; `op_core.filing.forms.offline_body` says what may be left out.
            key: As in `online`.

        Raises:
            SettingsError: ``op_store_id`` is not set, and the page asks for it.
            FilingUnknown: It may have been filed, and no call can tell.
            WireError: It was not filed. The others are those of `online`.
        """
        if self.store.op_store_id is None:
            raise SettingsError(
                f"stores.{self.store.name}.op_store_id: missing; expected Order Protection's own id of the store: "
                "an offline claim names it (page CLM-F)"
            )
        body = offline_body(claim, self.store.op_store_id)
        filing = self._filing("offline", None, content_hash(body), key)
        with self._alone(filing.key, filing.key):
            return self._once(
                _Claim(
                    filing,
                    body.customer.email,
                    lambda: endpoints.file_offline_claim(body, self.store.wire),
                    lambda answer: answer.source_order_id,
                )
            )

    def _filing(self, kind: Kind, order_id: str | None, content: str, key: str | None) -> Filing:
        return Filing(
            store_id=self.store.id,
            key=key_of(key, (kind, order_id, content)),
            kind=kind,
            order_id=order_id,
            content_hash=content,
            begun_at=self.ledger.now(),
        )

    def _parcels(self, order_id: str) -> tuple[Fulfillment, ...] | None:
        try:
            return self.shop.lookup_fulfillments((order_id,)).get(order_id, ())
        except NotSupported:
            return None

    @contextmanager
    def _alone(self, lane: str, key: str) -> Iterator[None]:
        """Let one thread of this process file at a time in a lane; processes meet in the ledger."""
        lock = self._lanes[hash(lane) % _LANES]
        if not lock.acquire(timeout=_PATIENCE):
            raise under_way(key)
        try:
            yield
        finally:
            lock.release()

    # --- Once ------------------------------------------------------------------------------------------------------

    def _once(self, claim: _Claim[T]) -> Filed:
        before = self.ledger.read(filings.get, claim.filing.store_id, claim.filing.key)
        if before is not None and (filed := self._settled(claim, before)) is not None:
            return filed
        call = claim.call()
        order_id = claim.filing.order_id
        if before is not None and before.state != "refused":
            if (late := self._found(claim, before)) is not None:  # the shop took its time; look at the last moment
                return late
            known = before.known_claims
        else:
            known = () if order_id is None else claim_ids(self.api, order_id)
        begun = attrs.evolve(claim.filing, known_claims=known, begun_at=self.ledger.now())
        self._begin(before, begun)
        crash_point("filing:begun")
        try:
            if self.ledger.now() - begun.begun_at > _HELD_UP:
                raise RequestNotSent("the claim was held up for too long, and nothing was sent; file it again")
            answer = self.api.call(call)
        except WireError as error:
            return self._failed(claim, begun, error)
        crash_point("filing:posted")
        return self._named(claim, self._settle(begun, "filed", order_id=claim.order_of(answer)))

    def _settled(self, claim: _Claim[T], before: Filing) -> Filed | None:
        """Return what an earlier call filed; None where nothing was filed, so that it may be now."""
        key = before.key
        if before.state == "refused":
            return None
        said = self.ledger.read(spellings, claim.filing.content_hash)
        if before.kind != claim.filing.kind or before.content_hash not in said:
            raise KeyTaken(f"a claim of other content has the key {key!r}; file this one under a key of its own", key)
        if before.state == "filed":
            return self._named(claim, before)
        if before.state == "begun" and self.ledger.now() - before.begun_at <= _LONGEST:
            raise under_way(key)
        return self._found(claim, before)

    def _begin(self, before: Filing | None, begun: Filing) -> None:
        """Commit the intent, against whoever is about to do the same."""
        try:
            if before is None:
                self.ledger.write(filings.begin, begun)
            elif not self.ledger.write(filings.again, before, begun):
                raise under_way(begun.key)
        except Conflict:
            raise under_way(begun.key) from None

    def _failed(self, claim: _Claim[T], begun: Filing, error: WireError) -> Filed:
        """Return the claim if it was filed all the same, or raise what is known."""
        says_no = isinstance(error, Answered) and error.status in _SAYS_NO and error.status not in _MAY_HAVE_ACTED
        if says_no or isinstance(error, _NEVER_SENT):
            self._settle(begun, "refused", reason=str(error))
            raise error
        unsure = self._settle(begun, "unknown", reason=str(error))
        new = self._look(claim, unsure)
        if new is not None and new.claim_id is not None:
            return self._named(claim, self._settle(unsure, "filed", claim_id=new.claim_id))
        if isinstance(error, AlreadyThere):
            self._settle(unsure, "refused", reason=str(error))
            raise error
        raise self._doubt(unsure, new) from error

    def _found(self, claim: _Claim[T], before: Filing) -> Filed | None:
        """Return the claim that an earlier call filed, None if it surely filed none; raises `FilingUnknown`."""
        new = self._look(claim, before)
        if new is not None and new.claim_id is not None:
            return self._named(claim, self._settle(before, "filed", claim_id=new.claim_id))
        if new is None or new.count or self.ledger.now() < self._quiet(before):
            raise self._doubt(before, new)
        return None

    def _look(self, claim: _Claim[T], filing: Filing) -> New | None:
        """Ask which claims are new; None where nobody can tell now."""
        if filing.order_id is None:
            return None
        try:
            return new_claims(self.ledger, self.api, filing, filing.order_id, claim.email)
        except WireError:
            return None

    def _named(self, claim: _Claim[T], filing: Filing) -> Filed:
        """Return a claim that was filed, with its id if that shows."""
        if filing.claim_id is None:
            new = self._look(claim, filing)
            if new is not None and new.claim_id is not None:
                filing = attrs.evolve(filing, claim_id=new.claim_id)
                self.ledger.write(filings.learn, filing)
        at = filing.settled_at or filing.begun_at
        return Filed(order_id=filing.order_id, claim_id=filing.claim_id, key=filing.key, at=at)

    def _settle(self, filing: Filing, state: State, **said: Any) -> Filing:
        settled = attrs.evolve(filing, **{"state": state, "settled_at": self.ledger.now(), "reason": None, **said})
        self.ledger.write(filings.settle, settled)
        return settled

    def _quiet(self, filing: Filing) -> datetime:
        """Return from when on "no claim shows it" counts."""
        return filing.begun_at + max(self.store.timing.quiet_period, _LONGEST)

    def _doubt(self, filing: Filing, new: New | None) -> FilingUnknown:
        return unknown(filing, new, self.store.name, self._quiet(filing))
