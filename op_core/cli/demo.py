"""``op-core demo``: a small shop and a local Order Protection, the whole way round."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Json, command, needs_server

__all__ = ["demo"]

_WORDS = {
    "orders_exported": "orders that Order Protection knows",
    "fulfillments_exported": "parcels that it knows",
    "products_exported": "products and variants whose stock it knows",
    "claims": "claims that customers filed",
    "deliveries": "webhooks that arrived, many of them several times",
    "reships": "replacements sent",
    "refunds": "refunds given",
    "store_credits": "store credits given",
    "protection_changes": "premiums billed or given back",
    "notes": "notes put on orders",
    "reported": "outcomes told to Order Protection",
    "no_route": "outcomes that no documented call can tell",
    "held": "decisions that wait for you",
    "quarantined": "webhooks that cannot be read, kept",
    "doubled": "things done twice",
    "lost": "things lost",
}


def demo(
    directory: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Keep shop, ledger and op.toml there, to look around.")
    ] = None,
    json: Json = False,
) -> None:
    """Run claims from end to end, with every webhook repeated and out of order, then count what became of them."""
    with needs_server("op-core demo"):
        from op_core.demo.run import run
    with output.bar("demo") as step:
        ended = run(directory=directory, progress=step)
    if json:
        output.as_json({"ok": ended.ok, **ended.counts, "problems": list(ended.problems)})
    else:
        output.table(("", "how many"), ((_WORDS.get(name, name), count) for name, count in ended.counts.items()))
        for problem in ended.problems:
            output.say(problem)
        output.say("Nothing was lost and nothing was done twice." if ended.ok else "This is not as it must be.")
        if directory is not None:
            output.say(f"Look around: {command('actions list --state held', directory / 'op.toml')}")
    if not ended.ok:
        raise typer.Exit(1)
