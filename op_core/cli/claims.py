"""``op-core claims list | show | file``: what Order Protection says of claims, and claims filed from here."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, Reveal, StoreName, WrongUse, one_of

if TYPE_CHECKING:
    from op_core.core import Core
    from op_core.order_protection.answers import ReadClaim
    from op_core.runners.embedded import Work

__all__ = ["file", "list_", "show"]

OrderId = Annotated[str, typer.Option("--order", metavar="ID", help="The shop's id of the order.")]
Stopped: TypeAlias = tuple[str | None, Exception | None]  # the cursor, and what failed
_PAGE = 50  # claims; less where less is asked for


def list_(
    store: StoreName,
    order: Annotated[
        str | None, typer.Option("--order", metavar="ID", help="Only those of this order, with all that is known.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Stop after so many. Else: all.")] = None,
    cursor: Annotated[
        str | None, typer.Option("--cursor", help="Go on where an earlier list stopped; it said where.")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """List all claims of a store, or those of an order, as Order Protection has them."""
    from op_core.cli.opened import opened, work_of

    if order is not None and cursor is not None:
        raise WrongUse("--cursor belongs to the list of all claims: leave --order out")
    with opened(config, quiet=True) as core:
        work = work_of(core, store)
        stopped: Stopped | None = None
        if order is None:
            claims, stopped = _all(work, store, limit, cursor)
        else:
            claims = core.claims(store, order)[:limit]
        rows = [_row(core, work, claim) for claim in claims]
    if json:
        output.as_json(rows)
    else:
        _print(rows)
    if stopped is None:
        return
    at, failed = stopped
    again = f"op-core claims list {store}" + (f" --cursor {shlex.quote(at)}" if at else "")
    if failed is None:
        output.note(f"there are more; go on with {again}")
    else:
        failed.add_note(f"What was read is shown; go on with {again}")
        raise failed


def _all(work: Work, store: str, limit: int | None, cursor: str | None) -> tuple[list[ReadClaim], Stopped | None]:
    """Return claims, and where and by what the list was stopped, if it was."""
    from op_core.errors import WireError

    title = f"reading claims of {store}"
    listing = work.exporter.api.list_claims(min(limit or _PAGE, _PAGE), cursor)
    claims: list[ReadClaim] = []
    with output.bar(title) as step:
        try:
            for claim in listing:
                if len(claims) == limit:
                    return claims, (listing.cursor, None)
                claims.append(claim)
                step(title, len(claims), listing.total)
        except WireError as error:
            return claims, (listing.cursor, error)
    return claims, None


def _row(core: Core, work: Work, claim: ReadClaim) -> dict[str, Any]:
    from op_core.cli.claim_view import claim_of, ledger_of

    return {**claim_of(claim, reveal=False), "ledger": ledger_of(core, work, claim.id)}


def _print(rows: list[dict[str, Any]]) -> None:
    columns = ("claim", "order", "state", "type", "requested", "decided", "filed", "our actions")
    output.table(
        columns,
        (
            (
                one["id"],
                one["order_id"],
                one["state"],
                one["type"],
                one["requested"],
                ", ".join(str(resolution["type"]) for resolution in one["resolutions"]),
                one["created_at"],
                ", ".join(f"{action['verb']} {action['state']}" for action in one["ledger"]["actions"]),
            )
            for one in rows
        ),
    )


def show(
    store: StoreName,
    claim_id: Annotated[str, typer.Argument(metavar="CLAIM", help="Id of the claim.")],
    order: OrderId,
    config: Config = None,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """Show one claim of an order: what Order Protection says, and what the ledger has."""
    from op_core.cli.claim_view import claim_of, ledger_of, print_claim, print_ledger
    from op_core.cli.opened import opened, work_of

    with opened(config, quiet=True) as core:
        work = work_of(core, store)
        listed = {str(claim.id): claim for claim in core.claims(store, order)}
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
            print_claim(claim)
        print_ledger(ours)
    if claim is None:
        raise typer.Exit(1)


def file(
    store: StoreName,
    path: Annotated[
        Path, typer.Option("--file", metavar="FILE", help="The claim as JSON, in the form of its page; - reads stdin.")
    ],
    order: Annotated[
        str | None, typer.Option("--order", metavar="ID", help="The shop's id of the order that it is about.")
    ] = None,
    offline: Annotated[
        bool, typer.Option("--offline", help="About a sale of another channel, which is no order there.")
    ] = False,
    key: Annotated[
        str | None,
        typer.Option("--key", help="It is filed once under it, such as a ticket's number. Else: made of the content."),
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """File a claim, once: a repeat sends nothing and prints the first result."""
    import attrs

    from op_core.cli.claim_view import claim_body
    from op_core.cli.opened import opened, work_of
    from op_core.errors import NotSendable

    if (order is None) != offline:
        raise WrongUse("say either --order ID, or --offline for a sale that is no order of the online store")
    claim = claim_body(path)
    with opened(config, quiet=True) as core:
        work_of(core, store)
        try:
            if order is None:
                filed = core.file_offline_claim(store, claim, key=key)
            else:
                filed = core.file_claim(store, order, claim, key=key)
        except NotSendable as error:
            raise WrongUse(str(error)) from None
    said = attrs.asdict(filed)
    if json:
        output.as_json(said)
    else:
        output.facts((name.replace("_", " "), value) for name, value in said.items())
