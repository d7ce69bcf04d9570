"""``op-core sandbox``: a local Order Protection."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import signal
from pathlib import Path
from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import needs_server

__all__ = ["sandbox"]


def sandbox(
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="TCP port; 0 takes a free one.")] = 8700,
    host: Annotated[str, typer.Option("--host", help="Address to listen on; beyond this machine, set --token.")] = (
        "127.0.0.1"
    ),
    db: Annotated[Path | None, typer.Option("--db", metavar="FILE", help="Keep everything there. Else: forgotten.")] = (
        None
    ),
    token: Annotated[str | None, typer.Option("--token", help="The only token that is let in. Else any.")] = None,
) -> None:
    """Run a stand-in for Order Protection on this machine, until it is interrupted."""
    with needs_server("op-core sandbox"):
        from op_core.sandbox import run
    signal.signal(signal.SIGTERM, lambda *_: None)  # the server stops by itself; this keeps the exit code at 0
    run.serve(host, port, db=db, token=token, ready=lambda url: output.say(f"listening on {url}"))
