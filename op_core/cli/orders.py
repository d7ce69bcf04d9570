"""``op-core orders export | list``: orders and parcels, sent to Order Protection, and those that are left out."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName, WrongUse
from op_core.cli.left_out import Left, LeftState, print_left, show_left

if TYPE_CHECKING:
    from op_core.core import Core
    from op_core.export import Exported, Exporter

__all__ = ["export", "list_"]


def export(
    store: StoreName,
    full: Annotated[bool, typer.Option("--full", help="Begin with the first order again; equal ones are skipped.")] = (
        False
    ),
    resend: Annotated[
        bool, typer.Option("--resend", help="Forget what was sent, and send every order again: it was lost there.")
    ] = False,
    order: Annotated[
        list[str] | None, typer.Option("--order", metavar="ID", help="Only this order; may be repeated.")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Send what is new or changed; an export that was stopped goes on where it was."""
    import attrs

    from op_core.cli.opened import opened, work_of

    if order and (full or resend):
        raise WrongUse("--order names orders, --full and --resend mean all: say one of them")
    title = f"exporting orders of {store}"
    failed: dict[str, str] = {}
    with opened(config, quiet=True) as core, output.bar(title) as step:
        work = work_of(core, store)
        if order:
            sent, failed = _named(work.exporter, order, lambda seen: step(title, seen, len(order)))
        else:
            sent = core.export(
                store, full=full, resend=resend, progress=lambda told: step(title, told.exported.seen, None)
            )
        counts = attrs.asdict(sent)
        left = [one for one in _left(core, work.desk.store.id) if not order or one["order_id"] in order]
    if json:
        output.as_json({"counts": counts, "not_exported": left, "failed": failed})
    else:
        output.facts((name.replace("_", " "), count) for name, count in counts.items() if count or name == "seen")
        for order_id, reason in failed.items():
            output.say(f"order {order_id} failed: {reason}")
        print_left(left, f"orders list {store}")
    if counts["failed"] or counts["refused"]:
        raise typer.Exit(1)


def _named(
    exporter: Exporter, order_ids: Iterable[str], step: Callable[[int], None]
) -> tuple[Exported, dict[str, str]]:
    """Send these orders one by one; return the counts, and for each that failed why."""
    from op_core.errors import ContractBroken, ShopUnavailable, WireError
    from op_core.export import Exported

    total, failed = Exported(), {}
    for seen, order_id in enumerate(dict.fromkeys(order_ids), 1):
        try:
            sent = exporter.orders([order_id])
            if sent.failed:
                failed[order_id] = "the shop has no order of this id"
        except (ShopUnavailable, ContractBroken, WireError) as error:
            sent = Exported(failed=1)
            failed[order_id] = str(error)
        total += sent
        step(seen)
    return total, failed


def _left(core: Core, store_id: str) -> Left:
    """Return every order and parcel that Order Protection does not have as the shop has it."""
    from op_core.ledger import exports

    orders = core.ledger.read(exports.states, store_id)
    return [
        {"order_id": row.order_id, "fulfillment_id": None, "state": row.state, "reason": row.reason} for row in orders
    ] + [
        {name: getattr(row, name) for name in ("order_id", "fulfillment_id", "state", "reason")}
        for row in core.ledger.read(exports.fulfillment_states, store_id)
    ]


def list_(store: StoreName, state: LeftState = None, config: Config = None, json: Json = False) -> None:
    """List the orders and parcels that Order Protection does not have as the shop has them, with the reason."""
    show_left(_left, ("order", "parcel", "state", "reason"), store, state, config, json=json)
