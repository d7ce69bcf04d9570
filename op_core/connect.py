"""Connecting one store: from its settings to a desk and an exporter."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from op_core import plugins
from op_core.claims.desk import Desk
from op_core.errors import SettingsError
from op_core.export import Exporter
from op_core.faults import where
from op_core.filing import Filer
from op_core.fingerprints import Fingerprints
from op_core.http import Manners
from op_core.ledger import Ledger, stores
from op_core.ledger.database import system_clock
from op_core.ledger.writer import Conflict
from op_core.order_protection.answers import ReadQuote
from op_core.order_protection.client import Client
from op_core.order_protection.listening import OnAnswer
from op_core.pricing import Prices
from op_core.runners.embedded import Work
from op_core.settings import StoreSettings, describe
from op_core.storefront import Storefront
from op_core.tokens import App, AppToken, FixedToken, TokenProvider
from op_core.tokens.asking import MANNERS

__all__ = ["connect", "introduce"]

# A call of the claim logic must end well within a lease; what fails is tried again by the ledger, not here.
_BRIEF = Manners(attempts=2, retry_for=10.0, longest_wait=5.0, read=15.0, whole=30.0)
# A customer waits at a checkout; what fails is not tried again there.
_AT_A_CHECKOUT = Manners(attempts=1, connect=2.0, read=3.0, whole=5.0)


def introduce(ledger: Ledger, store_id: str, name: str) -> None:
    """
    Write a store down at its first use.

    Raises:
        StoreParked: The ledger knows the name with another id.
    """
    if ledger.read(stores.known, store_id) != name:
        try:
            ledger.write(stores.introduce, store_id, name, ledger.now())
        except Conflict:  # another process starts at the same moment, and was first
            ledger.write(stores.introduce, store_id, name, ledger.now())


def connect(store: StoreSettings, directory: Path, ledger: Ledger) -> Work:
    """
    Make the adapter and all that works with it.

    Raises:
        SettingsError: Something of this store is wrong.
    """
    info = plugins.StoreInfo(store.name, store.id, directory)
    cls = plugins.find_adapters().get(store.adapter)
    registry = plugins.find_observers()
    try:
        settings = cls.Settings.model_validate(store.settings)
    except ValidationError as error:
        raise SettingsError(describe(error, f"stores.{store.name}.settings", cls.Settings)) from None
    try:
        adapter = cls(settings, info)
        observers = {name: registry.get(name)(info) for name in store.observers}
    except SettingsError:
        raise
    except Exception as error:  # noqa: BLE001 - an adapter may fail in any way, and parks its own store only
        raise SettingsError(f"the adapter {store.adapter!r} could not be made: {where(error)}") from None
    timing = store.timing
    shop = Storefront.of(
        store.name, adapter, observers=observers, deadline=timing.deadline.total_seconds(), calls=timing.calls
    )
    seen = Fingerprints(store, ledger, shop)
    tokens, app, end = _credentials(store, ledger, seen.answer)
    api = Client(store.api_url, tokens, manners=_BRIEF, dialect=store.wire, on_answer=seen.answer)
    bulk = Client(store.api_url, tokens, dialect=store.wire, on_answer=seen.answer)
    public = Client(store.api_url, manners=_AT_A_CHECKOUT, dialect=store.wire, on_answer=seen.answer)
    return Work(
        Desk(store, ledger, shop, api, random.random, seen),
        Exporter(store=store, ledger=ledger, shop=shop, api=bulk),
        (shop.close, api.close, bulk.close, public.close, end),
        tokens,
        app,
        prices=_prices(store, public, ledger),
        filer=Filer(store, ledger, shop, api),
    )


def _credentials(
    store: StoreSettings, ledger: Ledger, on_answer: OnAnswer
) -> tuple[TokenProvider, App | None, Callable[[], None]]:
    """Return what gives the store's token to all of its clients, the app that it is of, and what ends them."""
    if store.oauth is None:
        assert store.api_token is not None
        return FixedToken(store.api_token.get_secret_value()), None, lambda: None
    endpoint = Client(store.api_url, manners=MANNERS, on_answer=on_answer)
    token = AppToken(store, ledger, endpoint)
    return token, App(store, ledger, endpoint, token), endpoint.close


def _prices(store: StoreSettings, api: Client, ledger: Ledger) -> Prices:
    def ask(host: str, app_id: str | None, variant: str | None) -> ReadQuote:
        return api.quote(host, app_id=app_id, variant=variant)

    # How old a price is, is counted in this process: by its own clock, also where the ledger has another.
    return Prices(store.name, store.quote, store.wire.quote_borders, ask, ledger.clock or system_clock)
