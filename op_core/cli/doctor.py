"""``op-core doctor``: is everything well, and what is not."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, Reveal, one_of
from op_core.errors import UnknownStore

if TYPE_CHECKING:
    from op_core.cli.checks import Check

__all__ = ["doctor"]


def doctor(
    store: Annotated[str | None, typer.Argument(metavar="[STORE]", help="Only this store.")] = None,
    prove_writes: Annotated[
        bool, typer.Option("--prove-writes", help="Make each effect in the shop of STORE, and take it back at once.")
    ] = False,
    config: Config = None,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """Look at settings, ledger, shops and Order Protection, and say what is not well."""
    import attrs

    from op_core.cli.asked import WrongUse
    from op_core.cli.checks import capabilities_of, check_core, check_store
    from op_core.cli.installed import COLUMNS, installed_adapters
    from op_core.cli.masking import hidden
    from op_core.cli.opened import opened, work_of
    from op_core.cli.proved import must_prove_writes, proved

    if prove_writes and store is None:
        raise WrongUse("--prove-writes makes effects in one shop, and takes them back: name its STORE")
    with opened(config, quiet=True) as core:
        names = sorted({*core.runner.stores, *core.parked})
        if store is not None:
            try:
                names = [one_of("store", store, names)]
            except WrongUse as error:
                raise UnknownStore(f"{core.settings.path}: {error}") from None
        if prove_writes and store is not None:
            must_prove_writes(work_of(core, store).desk.shop)
            output.note(
                f"proving the writes of store {store}: each effect is made in its shop and taken back before anybody"
                " else can see it; other writers may have to wait for it meanwhile"
            )
        checks = list(check_core(core))
        with output.bar("looking") as step:
            for at, name in enumerate(names):
                step(f"looking at store {name}", at, len(names))
                checks += check_store(core, name)
                if name in core.runner.stores:
                    looked = partial(_looked, step, name)
                    checks += proved(core.work(name).desk.shop, looked, writes=prove_writes)
        able = {name: capabilities_of(core.runner.stores[name]) for name in names if name in core.runner.stores}
    installed = installed_adapters()
    well = all(check.state != "not well" for check in checks)
    if json:
        shown = [attrs.asdict(check) | {"private": hidden(check.private, reveal=reveal)} for check in checks]
        output.as_json({"well": well, "checks": shown, "adapters": installed, "capabilities": able})
    else:
        rows = (list(one.values()) for one in installed)
        output.table(COLUMNS, rows, "adapters")
        for name, hooks in able.items():
            # What it cannot do stands among the checks, with what that means.
            able_to = [one for one in hooks if one["support"] not in ("unsupported", "not yet")]
            rows = ([one["hook"], one["support"], _words(one["money"]), one["reason"]] for one in able_to)
            output.table(("hook", "support", "money", "reason"), rows, f"what {name} can do")
        said = ((check.state, check.store or "all", check.check, _found(check, reveal=reveal)) for check in checks)
        output.table(("", "store", "what", "found"), said, "checks")
        output.say("All is well." if well else "Not all is well: see above.")
    if not well:
        raise typer.Exit(1)


def _words(money: str | None) -> str | None:
    from op_core.cli.words import MONEY_TO_BE

    return None if money is None else f"{money}: {MONEY_TO_BE[money]}"


def _looked(step: output.Step, name: str, check: str) -> None:
    step(f"looking at store {name}: {check}", 0, None)


def _found(check: Check, *, reveal: bool) -> str:
    if not check.private:
        return check.said
    return f"{check.said}\n{check.private}" if reveal else f"{check.said}; --reveal shows more"
