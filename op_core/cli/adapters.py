"""``op-core adapters list``: which kinds of shop can be connected here."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import typer

from op_core.cli import output
from op_core.cli.asked import Json

__all__ = ["list_"]


def list_(json: Json = False) -> None:
    """List the adapters that are installed, where each comes from, and what is wrong with it."""
    from op_core.cli.installed import COLUMNS, installed_adapters

    rows = installed_adapters()
    if json:
        output.as_json(rows)
    else:
        output.table(COLUMNS, (list(one.values()) for one in rows))
    if any(one["broken"] for one in rows):
        raise typer.Exit(1)
