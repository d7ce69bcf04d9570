"""``op-core actions approve | decline | retry | record``: what a person decides."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from op_core.cli import output
from op_core.cli.actions import ActionId
from op_core.cli.asked import Config, Json, Who, WrongUse

if TYPE_CHECKING:
    from op_core.core import Core
    from op_core.ledger.actions import Action
    from op_core.money import Money

__all__ = ["approve", "decline", "record", "retry"]


def _decided(config: Path | None, action_id: int, decide: Callable[[Core], Action], *, json: bool) -> None:
    from op_core.cli.action_view import row
    from op_core.cli.opened import find_action, opened

    with opened(config, quiet=True) as core:
        find_action(core, action_id)
        after = row(core, decide(core))
        parked = core.parked.get(after["store"])
    if json:
        output.as_json(after)
    else:
        output.say(f"action {after['id']} ({after['key']}) is {after['state']}")
        if after["state"] == "due" and after["money_words"]:
            output.say(f"money: {after['money_words']}")
    if after["state"] == "due":
        mend = f"store {after['store']} is parked: mend it first ({parked}); then " if parked else ""
        output.note(f"{mend}`op-core run` or `op-core serve` acts on it")


def approve(
    action_id: ActionId,
    plan: Annotated[
        str | None, typer.Option("--plan", metavar="HASH", help="Act only if this is still the plan, as `show` says.")
    ] = None,
    who: Who = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Let a held action act, once, past the holds that `show` shows."""
    _decided(config, action_id, lambda core: core.approve(action_id, plan=plan, who=who), json=json)


def decline(
    action_id: ActionId,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why. It is written down.")],
    who: Who = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """End an action that has not begun, for good."""
    if not reason.strip():
        raise WrongUse("--reason is empty: say why it is declined")
    _decided(config, action_id, lambda core: core.decline(action_id, reason=reason, who=who), json=json)


def retry(action_id: ActionId, who: Who = None, config: Config = None, json: Json = False) -> None:
    """Try anew what the shop refused, or what is held for something that was mended since."""
    _decided(config, action_id, lambda core: core.retry(action_id, who=who), json=json)


def record(
    action_id: ActionId,
    done: Annotated[
        str | None, typer.Option("--done", metavar="SHOP_ID", help="It was done; the shop's id of what was made.")
    ] = None,
    not_done: Annotated[bool, typer.Option("--not-done", help="It was surely not done.")] = False,
    amount: Annotated[
        str | None,
        typer.Option("--amount", metavar="AMOUNT", help='How much was given, such as "20.00 USD", if nobody said.'),
    ] = None,
    who: Who = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Take your word for what happened in the shop."""
    if (done is None) is not not_done or done == "":
        raise WrongUse("say one of the two: --done SHOP_ID, or --not-done")
    given = None if amount is None else _money(amount)
    _decided(config, action_id, lambda core: core.record(action_id, done=done, amount=given, who=who), json=json)


def _money(said: str) -> Money:
    from op_core.money import Money

    number, _, currency = said.strip().partition(" ")
    try:
        return Money(number, currency.strip().upper())
    except ValueError:
        raise WrongUse(f'--amount {said!r}: expected an amount and its currency, such as "20.00 USD"') from None
