"""``op-core products export | list``: products and stock, sent to Order Protection, and those that are left out."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName
from op_core.cli.left_out import Left, LeftState, print_left, show_left

if TYPE_CHECKING:
    from op_core.core import Core

__all__ = ["export", "list_"]


def export(
    store: StoreName,
    full: Annotated[
        bool, typer.Option("--full", help="Begin with the first page, and send again what was refused.")
    ] = False,
    resend: Annotated[
        bool, typer.Option("--resend", help="Forget what was sent, and send every product again: it was lost there.")
    ] = False,
    gone: Annotated[
        bool, typer.Option("--gone", help="More than half of the products are really gone: say so there.")
    ] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Send products and stock that are new or changed; an export that was stopped goes on where it was."""
    import attrs

    from op_core.cli.opened import opened, work_of

    title = f"exporting products of {store}"
    with opened(config, quiet=True) as core, output.bar(title) as step:
        work = work_of(core, store)
        sent = core.export_products(
            store, full=full, resend=resend, gone=gone, progress=lambda told: step(title, told.exported.seen, None)
        )
        left = _left(core, work.desk.store.id)
    counts = attrs.asdict(sent)
    if json:
        output.as_json({"counts": counts, "not_exported": left})
    else:
        output.facts((name.replace("_", " "), count) for name, count in counts.items() if count or name == "seen")
        print_left(left, f"products list {store}")
        if sent.missing:
            output.say(f"{sent.missing} missing in what the shop gives, and nobody was told: {_why(sent.seen, store)}")
    if sent.refused or sent.missing:
        raise typer.Exit(1)


def _why(seen: int, store: str) -> str:
    if not seen:
        return "a shop that gives no product at all has a fault"
    return f"that is most of them. If they are really gone, say so: op-core products export {store} --gone"


def _left(core: Core, store_id: str) -> Left:
    """Return every product that Order Protection does not have as the shop has it."""
    from op_core.ledger import products

    names = ("product_id", "variant_id", "state", "reason")
    return [{name: getattr(row, name) for name in names} for row in core.ledger.read(products.states, store_id)]


def list_(store: StoreName, state: LeftState = None, config: Config = None, json: Json = False) -> None:
    """List the products that Order Protection does not have as the shop has them, with the reason."""
    show_left(_left, ("product", "variant", "state", "reason"), store, state, config, json=json)
