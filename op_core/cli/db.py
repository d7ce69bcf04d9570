"""``op-core db upgrade | recovering | install``: the ledger's own, and what an adapter needs in its shop."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName, WrongUse
from op_core.errors import LedgerError, SettingsError

__all__ = ["install", "recovering", "upgrade"]


def upgrade(config: Config = None, json: Json = False) -> None:
    """Bring the ledger's tables up to date. Stop what runs first, and keep a backup."""
    from op_core.ledger import Ledger
    from op_core.settings import load_settings

    settings = load_settings(config)
    try:
        ledger = Ledger.open(settings.ledger.url, upgrade=True)
    except LedgerError as error:
        raise SettingsError(str(error)) from None
    try:
        version = ledger.schema_version()
    finally:
        ledger.close()
    if json:
        return output.as_json({"schema": version})
    return output.say(f"the ledger's schema is {version}, which is the newest")


def recovering(
    off: Annotated[bool, typer.Option("--off", help="Back to usual.")] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """After a restore of an older ledger: look every action up in the shop before it may call."""
    from op_core.cli.opened import opened
    from op_core.ledger import stores

    with opened(config) as core:
        value = None if off else core.ledger.now().isoformat()
        core.ledger.write(stores.set_fact, "recovering", value)
    if json:
        return output.as_json({"recovering": not off})
    if off:
        return output.say("actions call the shop as usual")
    return output.say("every action is looked up in the shop before it may call; `op-core db recovering --off` ends it")


def install(store: StoreName, config: Config = None, json: Json = False) -> None:
    """Make what a store's adapter needs in its shop, such as a table of references. What is there is left alone."""
    from op_core.cli.opened import opened, work_of
    from op_core.errors import NotSupported, OpCoreError, ShopUnavailable
    from op_core.faults import where

    made: list[str] = []
    with opened(config, quiet=True) as core:
        shop = work_of(core, store).desk.shop
        try:
            with output.bar(f"installing in the shop of {store}") as step:
                for line in shop.install():
                    made.append(line)
                    step(line, len(made), None)
                    if not json:
                        output.say(line)
        except NotSupported as error:
            raise WrongUse(str(error)) from None
        except OpCoreError:
            raise
        except Exception as error:  # noqa: BLE001 - an adapter may fail in any way; its text may hold a secret
            raise ShopUnavailable(f"install of store {store} failed: {where(error)}") from None
    if json:
        return output.as_json({"made": made})
    if not made:
        output.say(f"all that store {store} needs in its shop is there")
    return None
