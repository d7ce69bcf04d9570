"""The core, opened for one command, and the rows that a command names."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from op_core.cli import output
from op_core.cli.asked import WrongUse, one_of
from op_core.core import Core, load
from op_core.errors import LedgerError, SettingsError, UnknownStore
from op_core.ledger import actions, deliveries, stores
from op_core.ledger.actions import Action
from op_core.ledger.deliveries import Delivery
from op_core.runners.embedded import Work
from op_core.tokens import App

__all__ = [
    "app_of",
    "find_action",
    "find_delivery",
    "name_of",
    "opened",
    "parked_in_words",
    "parked_unsaid",
    "store_id",
    "waiting",
    "work_of",
]

log = logging.getLogger("op_core")
_MANY = 100_000  # webhooks, to count them


@contextmanager
def opened(config: Path | None, *, quiet: bool = False) -> Iterator[Core]:
    """
    Load the settings and open the ledger, say which stores are parked, and close everything at the end.

    Args:
        config: The settings.
        quiet: Say nothing of parked stores: the command is about one store, or says it itself.

    Raises:
        SettingsError: Either cannot be used.
    """
    with parked_unsaid():
        try:
            core = load(config)
        except LedgerError as error:
            raise SettingsError(str(error)) from None
    try:
        if not quiet:
            for name, reason in core.parked.items():
                output.note(f"store {name} is parked: {reason}")
        yield core
    finally:
        core.close()


@contextmanager
def parked_unsaid() -> Iterator[None]:
    """Keep out of the log that a store is parked: the command says it, once."""
    log.addFilter(_not_parked)
    try:
        yield
    finally:
        log.removeFilter(_not_parked)


def _not_parked(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("store %s is parked")


def waiting(core: Core, store: str) -> int:
    """Count the webhooks of a store that are stored and not planned yet; of one whose id nobody can read, none."""
    if store not in core.settings.ids:
        return 0
    return len(core.ledger.read(deliveries.listing, core.settings.ids[store], "received", _MANY))


def parked_in_words(core: Core, store: str, away: str | None = None) -> str:
    """Say why a store is parked, and what becomes of its webhooks meanwhile; *away*: why its shop is away."""
    closed = store in core.receiver.closed
    meanwhile = "answered with 503 until that is mended" if closed else "stored, and wait until that is mended"
    count = waiting(core, store)
    counted = f"; {count} {'waits' if count == 1 else 'wait'} now" if count else ""
    reason = core.parked[store] if away is None else away
    return f"{reason.rstrip('.')}. Its webhooks are {meanwhile}{counted}"


def work_of(core: Core, store: str) -> Work:
    """
    Return the work of one store.

    Raises:
        StoreParked: It cannot work; the text says why.
        UnknownStore: No store has that name; the text names the nearest.
    """
    try:
        one_of("store", store, {*core.runner.stores, *core.parked})
    except WrongUse as error:
        raise UnknownStore(f"{core.settings.path}: {error}") from None
    return core.work(store)


def app_of(core: Core, store: str) -> App:
    """
    Return the app of one store.

    Raises:
        SettingsError: The store has none, or as `work_of`.
    """
    work_of(core, store)
    return core.app(store)


def store_id(core: Core, store: str | None) -> str | None:
    """Return the permanent id of a store that works; None for all stores."""
    return None if store is None else work_of(core, store).desk.store.id


def name_of(core: Core, permanent: str) -> str:
    """Return the name under which a store is known: in the settings, else in the ledger, else its id."""
    for name, known in core.settings.ids.items():
        if known == permanent:
            return name
    return core.ledger.read(stores.known, permanent) or permanent


def find_action(core: Core, action_id: int) -> Action:
    """
    Return one action.

    Raises:
        WrongUse: There is none of that id; the text says which there are.
    """
    found = core.ledger.read(actions.get, action_id)
    if found is None:
        known = [action.id for action in core.ledger.read(actions.listing)]
        raise WrongUse(f"there is no action {action_id}; {_range(known)}")
    return found


def find_delivery(core: Core, delivery_id: int) -> Delivery:
    """
    Return one delivery.

    Raises:
        WrongUse: There is none of that id; the text says which there are.
    """
    found = core.ledger.read(deliveries.get, delivery_id)
    if found is None:
        newest = core.ledger.read(deliveries.listing, None, None, 1)
        raise WrongUse(f"there is no delivery {delivery_id}; {_range([one.id for one in newest])}")
    return found


def _range(ids: list[int]) -> str:
    return f"the newest is {max(ids)}" if ids else "the ledger has none yet"
