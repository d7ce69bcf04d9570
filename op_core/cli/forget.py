"""``op-core forget``: erase what the ledger holds about a customer."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName, WrongUse
from op_core.errors import PersonError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from op_core.core import Core
    from op_core.privacy import Forgotten, OfEmail

__all__ = ["forget"]


def forget(
    store: StoreName,
    order: Annotated[
        list[str] | None, typer.Option("--order", metavar="ID", help="The shop's id of an order; may be repeated.")
    ] = None,
    email: Annotated[
        str | None, typer.Option("--email", metavar="ADDRESS", help="All orders whose webhooks name it; - reads it.")
    ] = None,
    unread: Annotated[
        list[int] | None,
        typer.Option("--unread", metavar="ID", help="Erase this webhook too, that nobody could read; may be repeated."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Erase. Without it, it is only shown what would be.")] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """Erase the customer of an order from the ledger; what was done, and what it cost, stays."""
    from op_core.cli.opened import opened
    from op_core.privacy import OfEmail, look

    if bool(order) == (email is not None):
        raise WrongUse("say whose: --order ID, or --email ADDRESS")
    if email is not None and "@" not in (email := sys.stdin.readline().strip() if email == "-" else email):
        raise WrongUse("--email: found no @ in it, expected an e-mail address")
    with opened(config, quiet=True) as core:
        permanent = core.store_id(store)
        where = OfEmail() if email is None else _search(core, permanent, email)
        seen = [core.ledger.read(look, permanent, one) for one in dict.fromkeys(order or where.orders)]
        failed: dict[str, str] = {}
        if yes:
            seen = [_erased(core, store, one, failed, unread or []) for one in seen]
    empty = [one.order_id for one in seen if one.is_empty and not one.erased]
    if json:
        output.as_json({"orders": _rows(seen, failed), **({} if email is None else {"search": _found(where)})})
    else:
        _show(seen, failed, where if email is not None else None)
        if not yes and len(empty) < len(seen):
            output.say("\nNothing is erased yet: add --yes to erase it.")
    if failed or (order and len(empty) == len(seen)):
        raise typer.Exit(1)


def _search(core: Core, store_id: str, email: str) -> OfEmail:
    from op_core.privacy import orders_of

    with output.bar("looking through webhooks") as step:
        return orders_of(core.ledger, store_id, email, lambda looked: step("looking through webhooks", looked, None))


def _erased(core: Core, store: str, seen: Forgotten, failed: dict[str, str], unread: list[int]) -> Forgotten:
    if seen.is_empty:
        return seen
    try:
        return core.forget(store, seen.order_id, unread=unread)
    except PersonError as error:
        failed[seen.order_id] = str(error)
        return seen


def _rows(seen: Sequence[Forgotten], failed: dict[str, str]) -> list[dict[str, Any]]:
    import attrs

    return [{**attrs.asdict(one), "failed": failed.get(one.order_id)} for one in seen]


def _found(where: OfEmail) -> dict[str, Any]:
    import attrs

    return {name: value for name, value in attrs.asdict(where).items() if name != "orders"}


def _show(seen: Sequence[Forgotten], failed: dict[str, str], where: OfEmail | None) -> None:
    for one in seen:
        output.facts(
            (
                ("state", "erased" if one.erased else "nothing is known of it" if one.is_empty else "known"),
                ("claims", ", ".join(one.claims)),
                ("webhooks", one.webhooks),
                ("unread webhooks that name it", ", ".join(map(str, one.unread))),
                ("actions, which stay", ", ".join(map(str, one.actions))),
                ("replacements, orders of their own", ", ".join(one.replacements)),
                ("not over", "\n".join(one.open)),
            ),
            title=f"order {one.order_id}",
        )
    for order_id, reason in failed.items():
        output.say(f"\nnot erased: order {order_id}{reason.partition(order_id)[2]}")
    if where is not None:
        output.facts(
            (
                ("webhooks looked at", where.looked),
                ("of these without a body", where.gone),
                ("orders that name it inside a text", ", ".join(where.mentioned)),
                ("webhooks with it, of no known order", ", ".join(map(str, where.unnamed))),
            ),
            title="the search",
        )
