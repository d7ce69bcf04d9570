"""``op-core deliveries list | show | replay``: webhooks as they arrived."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, Reveal, StoreName, WrongUse, one_of
from op_core.errors import PersonError

__all__ = ["list_", "replay", "show"]

_STATES = ("received", "planned", "duplicate", "conflict", "quarantined", "erased")
_COLUMNS = ("id", "store", "received_at", "state", "topic", "claim_id", "order_id", "shape", "reason")


def list_(
    store: Annotated[str | None, typer.Argument(metavar="[STORE]", help="Only those of this store.")] = None,
    state: Annotated[str | None, typer.Option("--state", help=f"Only these: {', '.join(_STATES)}.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show so many, the newest.")] = 50,
    config: Config = None,
    json: Json = False,
) -> None:
    """List webhooks, the newest first."""
    from op_core.cli.delivery_view import row_of
    from op_core.cli.opened import opened, store_id
    from op_core.cli.wire_view import news_of_deliveries, short
    from op_core.ledger import deliveries

    if state is not None:
        one_of("state", state, _STATES)
    with opened(config, quiet=store is not None) as core:
        found = core.ledger.read(deliveries.listing, store_id(core, store), state, limit)
        news = news_of_deliveries(core, found)
        rows = [row_of(core, delivery, news[delivery.id]) for delivery in found]
    if json:
        return output.as_json(rows)
    columns = [name.removesuffix("_id").removesuffix("_at") for name in _COLUMNS]
    shown = ({**one, "shape": f"new: {short(one['news'])}" if one["news"] else None} for one in rows)
    return output.table(columns, ([one[name] for name in _COLUMNS] for one in shown))


def show(
    delivery_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the delivery.")],
    config: Config = None,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """Show one webhook, with its body."""
    from op_core.cli.delivery_view import body_of, row_of
    from op_core.cli.opened import find_delivery, opened

    with opened(config) as core:
        found = find_delivery(core, delivery_id)
        known = {**row_of(core, found), **body_of(core, found, reveal=reveal)}
    if json:
        return output.as_json(known)
    body = known.pop("body")
    known["news"] = "\n".join(known["news"]) or None
    output.facts((name, value) for name, value in known.items() if value is not None)
    if known["bytes"] is None:
        output.say(f"\nThe body is {body}.")
    elif body is None:
        output.say("\nThe body is no JSON that can be read; --reveal shows it as it came.")
    else:
        output.say("\n" + (body if isinstance(body, str) else output.pretty(body)))
    return None


def replay(
    store: StoreName,
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Only these. Else all.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Put quarantined webhooks back in line, after a mend; the next run takes them up."""
    from op_core.cli.opened import find_delivery, opened, store_id

    with opened(config, quiet=True) as core:
        permanent = store_id(core, store)
        for delivery_id in ids or ():
            found = find_delivery(core, delivery_id)
            if found.store_id != permanent:
                raise WrongUse(f"delivery {delivery_id} is not of store {store!r}")
            if found.state != "quarantined":
                raise PersonError(f"delivery {delivery_id} is {found.state}; only what is quarantined can be replayed")
        count = core.replay(store, ids or None)
    if json:
        return output.as_json({"replayed": count})
    then = "; `op-core run` or `op-core serve` takes them up" if count else ""
    return output.say(f"{count} back in line{then}")
