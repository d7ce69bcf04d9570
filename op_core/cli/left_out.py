"""What an export left out: counted with its reasons, and listed."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from op_core.cli import output
from op_core.cli.asked import one_of

if TYPE_CHECKING:
    from op_core.core import Core

__all__ = ["Left", "LeftState", "print_left", "show_left"]

_MEANS = {
    "refused": "not taken by Order Protection",
    "not_exportable": "not sent, as they lack what Order Protection needs",
    "not_sendable": "sent before, and changed in what no update can carry",
}
_SHOWN = 3  # reasons

Left: TypeAlias = list[dict[str, Any]]  # ids, state and reason of each
LeftState: TypeAlias = Annotated[str | None, typer.Option("--state", help=f"Only these: {', '.join(_MEANS)}.")]


def print_left(left: Left, listed_by: str) -> None:
    """Say how many are left out, for which reasons, and by which command they are listed."""
    for state, means in _MEANS.items():
        reasons = Counter(str(one["reason"]) for one in left if one["state"] == state)
        if not reasons:
            continue
        shown = "; ".join(f"{reason} ({count})" for reason, count in reasons.most_common(_SHOWN))
        more = f"; and {len(reasons) - _SHOWN} other reasons" if len(reasons) > _SHOWN else ""
        output.say(f"{reasons.total()} {state}, {means}: {shown}{more}")
        output.say(f"  they are listed by: op-core {listed_by} --state {state}")


def show_left(
    read: Callable[[Core, str], Left],
    columns: Sequence[str],
    store: str,
    state: str | None,
    config: Path | None,
    *,
    json: bool,
) -> None:
    """List what *read* finds left out of a store."""
    from op_core.cli.opened import opened, work_of

    if state is not None:
        one_of("state", state, _MEANS)
    with opened(config, quiet=True) as core:
        left = read(core, work_of(core, store).desk.store.id)
    shown = [one for one in left if state in (None, one["state"])]
    if json:
        output.as_json(shown)
    else:
        output.table(columns, (list(one.values()) for one in shown))
