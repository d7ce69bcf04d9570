"""What a command may be asked: the options that many share, and words made into values."""

from __future__ import annotations

import shlex
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from op_core.errors import OpCoreError, SettingsError

__all__ = [
    "Config",
    "Json",
    "Reveal",
    "StoreName",
    "Who",
    "WrongUse",
    "command",
    "needs_server",
    "one_of",
    "point_in_time",
]

Config: TypeAlias = Annotated[
    Path | None,
    typer.Option("--config", metavar="PATH", help="The settings. Else the file of OP_CONFIG, else op.toml here."),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON value.")]
Reveal: TypeAlias = Annotated[bool, typer.Option("--reveal", help="Show personal data, which is hidden else.")]
Who: TypeAlias = Annotated[str | None, typer.Option("--who", metavar="NAME", help="Who decides. Else whoever runs it.")]
StoreName: TypeAlias = Annotated[str, typer.Argument(metavar="STORE", help="Name of the store in the settings.")]


class WrongUse(OpCoreError):
    """The command was not asked as it can be. Nothing was done."""


def one_of(what: str, said: str, known: Iterable[str]) -> str:
    """
    Return *said* if it is known.

    Raises:
        WrongUse: It is not; the text names the nearest that is.
    """
    from op_core._settings_faults import nearest  # noqa: PLC0415 - quick start

    known = tuple(known)
    if said not in known:
        raise WrongUse(f"there is no {what} {said!r}; {nearest(said, known)}")
    return said


def point_in_time(said: str, now: datetime) -> datetime:
    """
    Return the time that *said* means, UTC: a date, a time (UTC where it names no zone), or how long before *now*.

    Raises:
        WrongUse: It means none.
    """
    from pydantic import TypeAdapter, ValidationError  # noqa: PLC0415 - quick start

    from op_core._settings_values import Duration  # noqa: PLC0415 - quick start

    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        pass
    else:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    try:
        return now - TypeAdapter(Duration).validate_python(said)
    except ValidationError:
        raise WrongUse(
            f'--since {said!r}: expected a date such as 2025-01-31, a time, or how long ago, such as "3 days"'
        ) from None


@contextmanager
def needs_server(verb: str) -> Iterator[None]:
    """
    Import what the extra ``server`` brings.

    Raises:
        SettingsError: It is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in ("starlette", "uvicorn"):
            raise
        raise SettingsError(
            f'{verb} needs {error.name}: the extra "server" of op-core is not installed; the README says how'
        ) from None


def command(verb: str, config: Path | None = None) -> str:
    """Return how to type a verb so that it runs the op-core that runs now, on the same settings."""
    this, found = sys.argv[0], shutil.which("op-core")
    if this.endswith(".py"):  # python -m op_core
        typed = f"{shlex.quote(sys.executable)} -m op_core"
    else:
        typed = "op-core" if found and Path(found).absolute() == Path(this).absolute() else shlex.quote(this)
    return f"{typed} {verb}" + (f" --config {shlex.quote(str(config))}" if config else "")
