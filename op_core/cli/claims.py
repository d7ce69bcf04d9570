"""``op-core claims list | show``: what Order Protection says of claims, beside what the ledger has."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, Reveal, StoreName, WrongUse, one_of

__all__ = ["list_", "show"]

OrderId = Annotated[str, typer.Option("--order", metavar="ID", help="The shop's id of the order.")]
_LEFT_OUT = ("items", "resolutions", "messages", "ledger")


def list_(store: StoreName, order: OrderId, config: Config = None, json: Json = False) -> None:
    """List the claims of an order, as Order Protection has them."""
    from op_core.cli.claim_view import claim_of, ledger_of
    from op_core.cli.opened import opened, work_of

    with opened(config, quiet=True) as core:
        work = work_of(core, store)
        listed = work.exporter.api.claims_of_order(order)
        rows = [{**claim_of(claim, reveal=False), "ledger": ledger_of(core, work, claim.id)} for claim in listed]
    if json:
        return output.as_json(rows)
    shown = (
        (
            one["id"],
            one["state"],
            one["type"],
            one["requested"],
            ", ".join(str(resolution["type"]) for resolution in one["resolutions"]),
            one["created_at"],
            ", ".join(f"{action['verb']} {action['state']}" for action in one["ledger"]["actions"]),
        )
        for one in rows
    )
    return output.table(("claim", "state", "type", "requested", "decided", "filed", "our actions"), shown)


def show(
    store: StoreName,
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="Id of the claim.")],
    order: OrderId,
    config: Config = None,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """Show one claim of an order: what Order Protection says, and what the ledger has."""
    from op_core.cli.claim_view import claim_of, ledger_of
    from op_core.cli.opened import opened, work_of

    with opened(config, quiet=True) as core:
        work = work_of(core, store)
        listed = {str(claim.id): claim for claim in work.exporter.api.claims_of_order(order)}
        ours = ledger_of(core, work, claim_id)
    if claim_id not in listed and not ours["known"]:
        one_of(f"claim of order {order!r}", claim_id, listed)
        raise WrongUse(f"there is no claim {claim_id!r} of order {order!r}")
    claim = claim_of(listed[claim_id], reveal=reveal) if claim_id in listed else None
    if json:
        output.as_json({"claim": claim, "ledger": ours})
    else:
        if claim is None:
            output.say(f"Order Protection lists no claim {claim_id} for order {order}")
        else:
            output.facts(((name, value) for name, value in claim.items() if name not in _LEFT_OUT), "Order Protection")
            paid = [(one["type"], output.amount(one["paid"], one["currency"])) for one in claim["resolutions"]]
            if paid:
                output.table(("type", "paid"), paid, "resolutions")
            for name in ("items", "messages"):
                if claim[name]:
                    output.table(list(claim[name][0]), (list(one.values()) for one in claim[name]), name)
        rows = [
            (one["id"], one["verb"], one["state"], output.amount(one["amount"], one["currency"]), one["reference"])
            for one in ours["actions"]
        ]
        output.table(("action", "verb", "state", "amount", "reference"), rows, "the ledger")
    if claim is None:
        raise typer.Exit(1)
