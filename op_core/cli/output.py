"""How facts are shown: a table or lines for a person, one JSON value for a program. Results only on stdout."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TextIO

__all__ = ["as_json", "bar", "clean", "facts", "note", "pretty", "say", "table", "told"]

Step = Callable[[str, int, int | None], None]  # what is being done, how much of it is, of how many if that is known


def clean(text: str) -> str:
    """Return *text* without what could steer a terminal: much of it comes from outside."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def told(value: object) -> str:
    """Say a value as a person reads it; None is a dash."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    return clean(str(value))


def say(text: str) -> None:
    """Write a line of the result."""
    print(clean(text), flush=True)


def note(text: str) -> None:
    """Write one line for whoever watches."""
    print(" ".join(clean(text).split("\n")), file=sys.stderr, flush=True)


def as_json(value: Any) -> None:
    """Print one JSON value: times in ISO form, UTC; amounts as text."""
    print(json.dumps(value, indent=2, default=_plain), flush=True)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"no JSON form for {type(value).__name__}")


def pretty(value: Any) -> str:
    """Write JSON data for reading; amounts as the numbers that they were in it."""
    mark = "\0"  # stands in no body that was read
    text = json.dumps(value, indent=2, ensure_ascii=False, default=lambda amount: f"{mark}{amount}{mark}")
    return re.sub(r'"\\u0000([^"\\]*)\\u0000"', r"\1", text)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Print a table; without rows, only that there are none."""
    from rich import box  # noqa: PLC0415 - quick start
    from rich.table import Table  # noqa: PLC0415 - quick start
    from rich.text import Text  # noqa: PLC0415 - quick start

    if title:
        say(f"\n{title}")
    shown = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        shown.add_row(*(Text(told(value)) for value in row))
    if shown.row_count:
        _console(sys.stdout).print(shown)
    else:
        say("none")


def facts(pairs: Iterable[tuple[str, object]], title: str = "") -> None:
    """Print names and values, one below the other."""
    if title:
        say(f"\n{title}")
    known = [(name, told(value)) for name, value in pairs]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        say(f"{name:<{width}}  {value.replace(chr(10), chr(10) + ' ' * (width + 2))}")


def _console(file: TextIO) -> Any:
    from rich.console import Console  # noqa: PLC0415 - quick start

    # What is piped must not be cut to some width.
    return Console(file=file, width=None if file.isatty() else 10_000, highlight=False, markup=False, emoji=False)


@contextmanager
def bar(what: str) -> Iterator[Step]:
    """Show a progress bar on stderr if that is a terminal, and yield what moves it."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.progress import (  # noqa: PLC0415 - quick start
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
    )

    words = TextColumn("{task.description}", markup=False)
    columns = (SpinnerColumn(), words, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=_console(sys.stderr), transient=True) as progress:
        task = progress.add_task(what, total=None)
        yield lambda text, done, total: progress.update(task, description=clean(text), completed=done, total=total)
