"""``op-core orders export``: orders and parcels, sent to Order Protection."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import Annotated, Any

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName

__all__ = ["export"]


def export(
    store: StoreName,
    full: Annotated[bool, typer.Option("--full", help="Begin with the first order again; equal ones are skipped.")] = (
        False
    ),
    order: Annotated[
        list[str] | None, typer.Option("--order", metavar="ID", help="Only this order; may be repeated.")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Send what is new or changed; an export that was stopped goes on where it was."""
    import attrs

    from op_core.cli.opened import opened, work_of
    from op_core.ledger import exports

    with opened(config) as core, output.bar(f"exporting orders of {store}") as step:
        work = work_of(core, store)

        def told(progress: Any) -> None:
            step(f"exporting orders of {store}", progress.exported.seen, None)

        sent = work.exporter.orders(order) if order else core.export(store, full=full, progress=told)
        counts = attrs.asdict(sent)
        left = [
            {"order_id": row.order_id, "fulfillment_id": None, "state": row.state, "reason": row.reason}
            for row in core.ledger.read(exports.states, work.desk.store.id)
        ] + [
            {name: getattr(row, name) for name in ("order_id", "fulfillment_id", "state", "reason")}
            for row in core.ledger.read(exports.fulfillment_states, work.desk.store.id)
        ]
    if json:
        output.as_json({"counts": counts, "not_exported": left})
    else:
        output.facts((name.replace("_", " "), count) for name, count in counts.items() if count or name == "seen")
        if left:
            rows = [(one["order_id"], one["fulfillment_id"], one["state"], one["reason"]) for one in left]
            output.table(("order", "parcel", "state", "reason"), rows, "not exported as they are")
    if counts["failed"] or counts["refused"]:
        raise typer.Exit(1)
