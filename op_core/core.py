"""
The front of the library: everything that a shop's code calls.

    import op_core

    core = op_core.load("op.toml")
    core.order_changed("main", "1001")          # after a sale: remembered at once, sent by the next run
    answer = core.receive("main", headers, body)  # in any web framework; or mount core.asgi or core.wsgi
    core.run_once()                             # in a cron job; or run `op-core serve` beside the shop
"""

from __future__ import annotations

import asyncio
import getpass
import logging
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import attrs
import sqlalchemy as sa

from op_core.claims import people
from op_core.claims.sweep import Swept
from op_core.connect import connect, introduce
from op_core.errors import PersonError, SettingsError, StoreParked, UnknownStore
from op_core.export import Exported, ExportedProducts
from op_core.filing import Filed, Filer, OnlineClaim
from op_core.ledger import Ledger, actions, deliveries, exports, products, reports
from op_core.ledger.actions import Action
from op_core.ledger.database import Clock
from op_core.money import Money
from op_core.order_protection.answers import ReadClaim, ReadSession
from op_core.order_protection.schema import FileClaim, FileOfflineClaim
from op_core.pricing import Premium
from op_core.privacy import Forgotten, forget
from op_core.runners.embedded import Embedded, Summary, Work
from op_core.settings import Settings, load_settings
from op_core.tokens import App, AppStatus
from op_core.webhooks.asgi import App as AsgiApp
from op_core.webhooks.asgi import asgi_app
from op_core.webhooks.receive import Answer, Receiver
from op_core.webhooks.wsgi import App as WsgiApp
from op_core.webhooks.wsgi import wsgi_app

__all__ = ["Core", "load"]

log = logging.getLogger("op_core")
Headers = Mapping[str, str] | Iterable[tuple[str | bytes, str | bytes]]


def load(path: Path | str | None = None, *, clock: Clock | None = None) -> Core:
    """
    Read the settings, open the ledger and connect every store.

    Args:
        path: The settings; None takes the file of ``OP_CONFIG``, else ``op.toml`` in the working folder.
        clock: Gives the time, UTC; for tests.

    Raises:
        SettingsError: The file cannot be used. What is wrong inside one store only parks that store.
        LedgerError: The ledger cannot be used.
    """
    settings = load_settings(path)
    return Core.of(settings, Ledger.open(settings.ledger.url, clock=clock))


@attrs.define(eq=False)
class Core:
    """
    All stores of one ``op.toml``. Safe to share between threads.

    Attributes:
        parked: Name of each store that cannot work to the reason.
    """

    settings: Settings
    ledger: Ledger
    parked: Mapping[str, str]
    receiver: Receiver
    runner: Embedded

    @classmethod
    def of(cls, settings: Settings, ledger: Ledger) -> Self:
        """Connect the stores of *settings* to *ledger*."""
        parked = dict(settings.parked)
        closed: dict[str, str] = {}
        for name, store_id in settings.ids.items():
            try:
                introduce(ledger, store_id, name)
            except StoreParked as error:
                parked[name] = closed[name] = error.reason
        for name in {*settings.stores, *settings.parked}:
            if name not in settings.secrets or name not in settings.ids:
                closed.setdefault(name, "its id or its secrets cannot be read")
        works: dict[str, Work] = {}
        for name, store in settings.stores.items():
            if name in closed:
                continue
            try:
                works[name] = connect(store, settings.path.parent, ledger)
            except SettingsError as error:
                parked[name] = str(error)
        for name, reason in parked.items():
            log.warning("store %s is parked: %s", name, reason)
        runner = Embedded(works)
        receiver = Receiver(ledger, settings.ids, settings.secrets, closed, runner.wake)
        return cls(settings, ledger, parked, receiver, runner)

    def work(self, store: str) -> Work:
        """
        Return one store's desk and exporter.

        Raises:
            StoreParked: It cannot work; the text says why.
            UnknownStore: No store has that name; the text names the nearest.
        """
        if store in self.runner.stores:
            return self.runner.stores[store]
        if store in self.parked:
            raise StoreParked(store, self.parked[store])
        known = ", ".join(sorted({*self.runner.stores, *self.parked})) or "none"
        raise UnknownStore(f"no store is called {store!r} in {self.settings.path}; there are: {known}")

    def store_id(self, store: str) -> str:
        """Return a store's permanent id, also of a parked one whose id can be read."""
        if store in self.settings.ids:
            return self.settings.ids[store]
        return self.work(store).desk.store.id

    # --- What the shop calls -------------------------------------------------------------------------------------

    def order_changed(self, store: str, order_id: str) -> None:
        """
        Remember that an order is new or changed; the next run sends it. Quick and durable: no call leaves the process.

        Args:
            store: Name of the store in the settings.
            order_id: The shop's immutable id.

        Raises:
            UnknownStore: No store has that name.
            LedgerError: It could not be written down.
        """
        now = self.ledger.now()
        self.ledger.write(exports.mark_changed, self.store_id(store), str(order_id), now)
        self.runner.wake()

    def receive(self, store: str, headers: Headers, body: bytes) -> Answer:
        """
        Store one webhook. Answer the request with the returned status and body.

        Args:
            store: Name of the store, as in the path ``/webhooks/{store}``.
            headers: Of the request.
            body: As it came, byte for byte.
        """
        return self.receiver.receive(store, headers, body)

    async def areceive(self, store: str, headers: Headers, body: bytes) -> Answer:
        """Do what `receive` does, without blocking the event loop."""
        return await self.receiver.areceive(store, headers, body)

    def run_once(self, *stores: str) -> Summary:
        """Work until nothing is due, in all stores or in those named, and return what was done."""
        for store in stores:
            self.work(store)
        return self.runner.run_once(stores or None)

    async def arun_once(self, *stores: str) -> Summary:
        """Do what `run_once` does, in a thread."""
        return await asyncio.to_thread(self.run_once, *stores)

    def export(
        self,
        store: str,
        *,
        full: bool = False,
        resend: bool = False,
        progress: Callable[[Any], None] | None = None,
    ) -> Exported:
        """
        Send every order and fulfillment that changed since the last run; an interrupted run is resumed.

        Args:
            store: Name of the store.
            full: Read all orders again, from the first; what did not change is not sent.
            resend: Forget what was sent, and send all of it: for the day when Order Protection has lost it.
            progress: Called after each page.
        """
        work = self.work(store)
        if resend:
            self.ledger.write(exports.forget, work.desk.store.id)
        return work.exporter.run(full=full or resend, progress=progress)

    def export_products(
        self,
        store: str,
        *,
        full: bool = False,
        resend: bool = False,
        gone: bool = False,
        progress: Callable[[Any], None] | None = None,
    ) -> ExportedProducts:
        """
        Send every product, with its stock, that changed since it was sent; an interrupted run is resumed.

        Args:
            store: Name of the store.
            full: Begin with the first page in any case, and send again what was refused.
            resend: Forget what was sent, and send all of it: for the day when Order Protection has lost it.
            gone: Tell of products that the shop has no more, also where they are more than half of all.
            progress: Called after each page.
        """
        work = self.work(store)
        if resend:
            self.ledger.write(products.forget, work.desk.store.id)
        return work.exporter.products().run(full=full or resend, gone=gone, progress=progress)

    def sweep(self, store: str, *, days: int | None = None, progress: Callable[[Swept], None] | None = None) -> Swept:
        """
        Read claims back from Order Protection, and write down what its webhooks did not tell; no money moves.

        Args:
            store: Name of the store.
            days: How far back orders are looked at; None: as ``sweep.days`` says.
            progress: Called after each page of orders.
        """
        return self.work(store).sweeper.run(days=days, progress=progress)

    def quote(
        self, store: str, subtotal: Decimal | int | str, currency: str, rate: Decimal | int | str | None = None
    ) -> Premium:
        """Return what protection costs for a cart; see `op_core.pricing.Prices.quote`."""
        prices = self.work(store).prices
        assert prices is not None, "connect gives every store its prices"
        return prices.quote(subtotal, currency, rate)

    async def aquote(
        self, store: str, subtotal: Decimal | int | str, currency: str, rate: Decimal | int | str | None = None
    ) -> Premium:
        """Do what `quote` does, in a thread."""
        return await asyncio.to_thread(self.quote, store, subtotal, currency, rate)

    def file_claim(
        self, store: str, order_id: str, claim: OnlineClaim | FileClaim | Mapping[str, Any], *, key: str | None = None
    ) -> Filed:
        """File a claim about an order, once under its key; see `op_core.filing.Filer.online`."""
        return self._filer(store).online(str(order_id), claim, key)

    async def afile_claim(
        self, store: str, order_id: str, claim: OnlineClaim | FileClaim | Mapping[str, Any], *, key: str | None = None
    ) -> Filed:
        """Do what `file_claim` does, in a thread."""
        return await asyncio.to_thread(self.file_claim, store, order_id, claim, key=key)

    def file_offline_claim(
        self, store: str, claim: FileOfflineClaim | Mapping[str, Any], *, key: str | None = None
    ) -> Filed:
        """File a claim about a sale of another channel; see `op_core.filing.Filer.offline`."""
        return self._filer(store).offline(claim, key)

    async def afile_offline_claim(
        self, store: str, claim: FileOfflineClaim | Mapping[str, Any], *, key: str | None = None
    ) -> Filed:
        """Do what `file_offline_claim` does, in a thread."""
        return await asyncio.to_thread(self.file_offline_claim, store, claim, key=key)

    def _filer(self, store: str) -> Filer:
        filer = self.work(store).filer
        assert filer is not None, "connect gives every store a filer"
        return filer

    def claims(self, store: str, order_id: str) -> list[ReadClaim]:
        """
        Return the claims of an order: messages, resolutions, credits, documents and all that the API says.

        Raises:
            NotFoundThere: Order Protection does not know the order: it was not exported yet.
            WireError: It could not be asked.
        """
        return self._filer(store).api.claims_of_order(str(order_id))

    async def aclaims(self, store: str, order_id: str) -> list[ReadClaim]:
        """Do what `claims` does, in a thread."""
        return await asyncio.to_thread(self.claims, store, order_id)

    @property
    def asgi(self) -> AsgiApp:
        """The ASGI app that receives webhooks at ``/webhooks/{store}``."""
        return asgi_app(self.receiver)

    @property
    def wsgi(self) -> WsgiApp:
        """The WSGI app that receives webhooks at ``/webhooks/{store}``."""
        return wsgi_app(self.receiver)

    # --- The app whose token a store uses ------------------------------------------------------------------------

    def app(self, store: str) -> App:
        """
        Return a store's app.

        Raises:
            SettingsError: The store has an API token of its own.
        """
        app = self.work(store).app
        if app is None:
            raise SettingsError(
                f"stores.{store}: it has an api_token, expected a table oauth with the app's credentials"
            )
        return app

    def authorize(self, store: str) -> str:
        """Begin an app's installation: return the address where the merchant lets it in; see `App.authorize`."""
        return self.app(store).authorize()

    def authorized(self, store: str, query_or_body: str | bytes | Mapping[str, Any]) -> AppStatus:
        """End it with what came to the redirect address: its query, or the posted JSON; see `App.authorized`."""
        return self.app(store).authorized(query_or_body)

    def verify_session(self, store: str, session_token: str) -> ReadSession:
        """
        Return who sits in front of an embedded app, checked by Order Protection, never in the browser.

        A session token is good for 60 seconds and for one check; 30 checks a minute are taken from one address. See
        `App.verify_session` for what it raises.
        """
        return self.app(store).verify_session(session_token)

    # --- What a person decides -----------------------------------------------------------------------------------

    def approve(self, action_id: int, *, plan: str | None = None, who: str | None = None) -> Action:
        """Let a held action act, once; see `op_core.claims.people.approve`."""
        return self._decide(people.approve, action_id, who, plan=plan)

    def decline(self, action_id: int, *, reason: str, who: str | None = None) -> Action:
        """End an action that has not begun; see `op_core.claims.people.decline`."""
        return self._decide(people.decline, action_id, who, reason=reason)

    def record(
        self, action_id: int, *, done: str | None = None, amount: Money | None = None, who: str | None = None
    ) -> Action:
        """Take a person's word: *done* is the shop's id of what was made; see `op_core.claims.people.record`."""
        return self._decide(people.record, action_id, who, done=done, amount=amount)

    def retry(self, action_id: int, *, who: str | None = None) -> Action:
        """Call the shop again for what was refused or never sent; see `op_core.claims.people.retry`."""
        return self._decide(people.retry, action_id, who)

    def _decide(self, decision: Callable[..., Action], action_id: int, who: str | None, **said: Any) -> Action:
        def write(connection: sa.Connection) -> Action:
            return decision(connection, action_id, who=who or _somebody(), now=self.ledger.now(connection), **said)

        action = self.ledger.read(actions.get, action_id)
        if action is not None and action.store_id in {work.desk.store.id for work in self.runner.stores.values()}:
            live = {name for work in self.runner.stores.values() for name in work.desk.shop.calls.live}
            if action.reference in live:
                raise PersonError(f"action {action_id} is being called right now; wait for its outcome")
        after = self.ledger.write(write)
        self.runner.wake()
        return after

    def forget(self, store: str, order_id: str, *, unread: Collection[int] = ()) -> Forgotten:
        """
        Erase what the ledger holds about an order's customer, and send nothing of the order any more.

        What was done stays, with units, amounts and references; the shop and Order Protection keep their own data.

        Args:
            store: Name of the store.
            order_id: The shop's id of the order.
            unread: Webhooks to give up, which name the order and which nobody could read.

        Raises:
            PersonError: Something about the order is not over; nothing was erased.
        """
        now, permanent = self.ledger.now(), self.store_id(store)
        erased = self.ledger.write(forget, permanent, str(order_id), now, unread=unread)
        if not self.ledger.wipe():
            log.warning("the files of the ledger hold what was erased until its other users let go of it")
        return erased

    def replay(self, store: str, ids: Iterable[int] | None = None) -> int:
        """Put quarantined deliveries back in line, after a mend, and return how many."""
        count = self.ledger.write(deliveries.replay, self.store_id(store), None if ids is None else list(ids))
        self.runner.wake()
        return count

    def report_again(self, store: str, since: Any) -> int:
        """Put reports back in line that had no route or failed, if they were made since a time (UTC)."""
        return self.ledger.write(reports.again, self.store_id(store), since)

    def close(self) -> None:
        """End what runs and close what is open."""
        self.runner.stop()
        for work in self.runner.stores.values():
            for close in work.closing:
                close()
        self.ledger.close()

    def __enter__(self) -> Self:
        """Use it as a context manager."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close it."""
        self.close()


def _somebody() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"
