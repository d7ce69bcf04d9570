"""``op-core actions list | show | explain``: what is owed to the shop, and why."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import Annotated, Any

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, Reveal, one_of

__all__ = ["ActionId", "explain", "list_", "print_holds", "show"]

ActionId = Annotated[int, typer.Argument(metavar="ID", help="Number of the action, as `actions list` shows it.")]
_COLUMNS = ("id", "store", "state", "verb", "amount", "order_id", "claim_id", "why")


def list_(
    store: Annotated[str | None, typer.Argument(metavar="[STORE]", help="Only those of this store.")] = None,
    state: Annotated[
        str | None, typer.Option("--state", help="Only these: held (all that wait for a person), due, done …")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Show so many, the newest.")] = 100,
    config: Config = None,
    json: Json = False,
) -> None:
    """List actions: every effect that is owed, and what became of it."""
    from op_core.claims.states import TRANSITIONS
    from op_core.cli.action_view import row
    from op_core.cli.opened import opened, store_id
    from op_core.ledger import actions

    if state is not None:
        one_of("state", state, TRANSITIONS)
    with opened(config, quiet=store is not None) as core:
        found = core.ledger.read(actions.listing, store_id(core, store), state)
        rows = [row(core, action) for action in found[-limit:]]
    if len(found) > limit:
        output.note(f"{len(found) - limit} older ones are not shown; --limit shows more")
    if json:
        return output.as_json(rows)
    return output.table(
        [name.removesuffix("_id") for name in _COLUMNS],
        ([_amount(one) if name == "amount" else one[name] for name in _COLUMNS] for one in rows),
    )


def _amount(one: dict[str, Any]) -> str | None:
    return output.amount(one["amount"], one["currency"])


def show(action_id: ActionId, config: Config = None, json: Json = False, reveal: Reveal = False) -> None:
    """Show one action: what it does, why it waits, what was tried, decided and reported."""
    from op_core.cli.action_view import detail
    from op_core.cli.opened import find_action, opened

    with opened(config) as core:
        known = detail(core, find_action(core, action_id), reveal=reveal)
    if json:
        return output.as_json(known)
    return _print(known)


def _print(known: dict[str, Any]) -> None:
    units = ", ".join(f"{line['quantity']} of {line['line_id']}" for line in known["lines"])
    address = ", ".join(part for part in (known["address"] or {}).values() if part)
    part = "{} of {}".format(*known["part"]) if known["part"] else None
    shown = [
        ("action", f"{known['id']} ({known['key']})"),
        ("store", known["store"]),
        ("state", known["state"] + (", waits for a person" if known["needs_person"] else "")),
        ("waits", known["waits"]),
        ("does", known["does"]),
        ("plan", known["plan"][:12]),
        ("reference", known["reference"]),
        ("claim", known["claim_id"]),
        ("amount", _amount(known)),
        ("decided as", known["from"]),
        ("owed in all", known["owed"]),
        ("equals", _readings(known["readings"])),
        ("part", part),
        ("given before", known["given_before"]),
        ("lines", units),
        ("list value", known["list_value"]),
        ("address", address),
        ("text", known["text"]),
        ("shop's id", known["shop_id"]),
        ("shop's order", known["shop_order_id"]),
        ("money", known["money_words"]),
        ("reason", known["reason"]),
        ("approved past", ", ".join(known["passed"])),
        ("delivery", known["delivery_id"]),
        ("planned", known["planned_at"]),
        ("begun", known["begun_at"]),
        ("not before", known["not_before"]),
        ("settled", known["settled_at"]),
        ("approve", known["approve"]),
    ]
    output.facts((name, value) for name, value in shown if value not in (None, ""))
    print_holds(known["holds"])
    if known["rivals"]:
        rivals = ((one["id"], one["state"], one["verb"], _amount(one)) for one in known["rivals"])
        output.table(("id", "state", "verb", "amount"), rivals, "rivals")
    for name, columns in (("attempts", ("at", "result", "reason")), ("decisions", ("at", "who", "what", "reason"))):
        if known[name]:
            output.table(columns, ([one[column] for column in columns] for one in known[name]), name)
    if known["report"]:
        output.facts(((name, value) for name, value in known["report"].items() if value is not None), "report")


def _readings(names: list[str]) -> str | None:
    more = f", and {len(names) - 1} other readings" if len(names) > 1 else ""
    return f"{names[0]}{more}" if names else None


def print_holds(holds: list[dict[str, Any]]) -> None:
    """Print why a person is asked."""
    if holds:
        rows = [(one["code"], one["reason"], one["meaning"], one["approvable"]) for one in holds]
        output.table(("hold", "found", "that is", "approvable"), rows, "holds")


def explain(action_id: ActionId, config: Config = None, json: Json = False, reveal: Reveal = False) -> None:
    """Explain an action, from the bytes of its delivery to each cent."""
    from op_core.cli.explanation import explained, print_explained
    from op_core.cli.opened import find_action, opened

    with opened(config) as core:
        known = explained(core, find_action(core, action_id), reveal=reveal)
    if json:
        return output.as_json(known)
    return print_explained(known)
