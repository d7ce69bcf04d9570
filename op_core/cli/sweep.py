"""``op-core sweep``: what Order Protection says of claims, held against what the ledger knows."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName

__all__ = ["sweep"]

_COLUMNS = ("order", "claim", "what", "here", "at Order Protection", "since")


def sweep(
    store: StoreName,
    days: Annotated[
        int | None, typer.Option("--days", min=1, max=365, help="How far back. Else as sweep.days says.")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Read the claims of the last days back, hold what was never delivered, and list what differs."""
    import attrs

    from op_core.cli.opened import opened, work_of
    from op_core.ledger import actions, differences

    title = f"asking for the claims of {store}"
    with opened(config, quiet=True) as core, output.bar(title) as step:
        store_id = work_of(core, store).desk.store.id
        swept = core.sweep(store, days=days, progress=lambda told: step(title, told.orders, None))
        rows = core.ledger.read(differences.listing, store_id)
        held = [
            one.id
            for one in core.ledger.read(actions.listing, store_id, "held")
            if any(found["code"] == "never_delivered" for found in one.holds)
        ]
    counts = attrs.asdict(swept)
    shown = [
        {name: getattr(row, name) for name in ("order_id", "claim_id", "what", "ours", "theirs", "first_at")}
        for row in rows
    ]
    if json:
        output.as_json({"counts": counts, "never_delivered": held, "differences": shown})
    else:
        output.facts((name.replace("_", " "), count) for name, count in counts.items() if count or name == "orders")
        if shown:
            output.table(_COLUMNS, (list(one.values()) for one in shown), "told differently")
        if held:
            output.say(f"\nnever delivered: {', '.join(map(str, held))}; each: op-core actions show ID")
    if held or shown or swept.unreadable:
        raise typer.Exit(1)
