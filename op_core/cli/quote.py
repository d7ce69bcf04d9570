"""``op-core quote``: what protection costs for a cart."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName

__all__ = ["quote"]


def quote(
    store: StoreName,
    subtotal: Annotated[str, typer.Argument(metavar="SUBTOTAL", help="Of the goods, such as 120.50.")],
    currency: Annotated[str, typer.Argument(metavar="CURRENCY", help="Of the cart, such as EUR.")],
    rate: Annotated[
        str | None, typer.Option("--rate", metavar="RATE", help="Units of the currency for 1 USD. Not needed for USD.")
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Say what protection costs for a cart, by the store's public rules, or why nothing is offered."""
    from op_core.cli.opened import opened, work_of

    with opened(config, quiet=True) as core:
        work_of(core, store)
        premium = core.quote(store, subtotal, currency, rate)
    money = {"amount": premium.amount, "brand_amount": premium.brand_amount, "in_usd": premium.in_usd}
    rest = {
        "paid_by": premium.paid_by,
        "auto_add": premium.auto_add,
        "mandatory": premium.mandatory,
        "rule_id": premium.rule_id,
        "reason": premium.reason or None,
    }
    if json:
        amounts = {
            name: one and f"{one.rounded().amount if one.is_exact else one.amount:f}" for name, one in money.items()
        }
        said = {"offered": premium.offered, **amounts, "currency": currency, **rest}
        output.as_json({**said, "problems": list(premium.problems), "fetched_at": premium.fetched_at})
        return
    shown = {"offered": premium.offered, **money, **rest, "rules_read_at": premium.fetched_at}
    output.facts((name.replace("_", " "), value) for name, value in shown.items())
    for problem in premium.problems:
        output.note(f"Order Protection's rules: {problem}")
