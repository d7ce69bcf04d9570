"""How facts are shown: a table or lines for a person, one JSON value for a program. Results only on stdout."""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TextIO

from op_core.untrusted import printable

__all__ = [
    "Plain",
    "Step",
    "amount",
    "as_json",
    "bar",
    "clean",
    "explain_marks",
    "facts",
    "note",
    "pretty",
    "say",
    "table",
    "told",
]

Step = Callable[[str, int, int | None], None]  # what is being done, how much of it is, of how many if that is known


_ENDLESS = 10_000  # columns
_WHOLE = 18  # columns of a terminal; a cell that takes no more of them is never broken
_LEAST = 8  # columns for any other cell
_MARK = re.compile(r"\(([CG]-\d{1,3})\)")  # our number of a contradiction or a gap in Order Protection's pages
_marks: set[str] = set()


class Plain(logging.Formatter):
    """Write a record as its message, on one line, without what could steer a terminal."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the library's name
        """Return the message."""
        return " ".join(printable(record.message).split("\n"))


def clean(text: str) -> str:
    """Return *text* without what could steer a terminal: much of it comes from outside."""
    _marks.update(_MARK.findall(text))
    return printable(text)


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


def explain_marks() -> None:
    """Say where the numbers of contradictions and gaps are explained, if any was shown."""
    if _marks:
        listed = ", ".join(sorted(_marks))
        _marks.clear()
        note(f"{listed}: where Order Protection's pages are silent or disagree; see docs/reference/wire.md of op-core")


def amount(value: object, currency: object) -> str | None:
    """Say an amount with its currency, as `op_core.money.Money` writes it; None where there is no amount."""
    from op_core.money import Money  # noqa: PLC0415 - quick start

    if value is None or currency is None:
        return None if value is None else str(value)
    try:
        return str(Money(Decimal(str(value)), str(currency)))
    except (ArithmeticError, ValueError):  # it came from outside, and is no amount
        return f"{value} {currency}"


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
    """Print a table; without rows, only that there are none. What does not fit is wrapped, never left out."""
    from rich.cells import cell_len  # noqa: PLC0415 - quick start
    from rich.table import Table  # noqa: PLC0415 - quick start
    from rich.text import Text  # noqa: PLC0415 - quick start

    if title:
        say(f"\n{title}")
    cells = [[told(value) for value in row] for row in rows]
    if not cells:
        say("none")
        return
    shown = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    narrowest = 0
    for at, name in enumerate(columns):
        longest = max(cell_len(line) for cell in (name, *(row[at] for row in cells)) for line in cell.split("\n"))
        shown.add_column(name, no_wrap=longest <= _WHOLE, overflow="fold")
        narrowest += (longest if longest <= _WHOLE else _LEAST) + 2
    for row in cells:
        shown.add_row(*map(Text, row))
    console = _console(sys.stdout, narrowest)
    with console.capture() as captured:
        console.print(shown)
    for line in captured.get().splitlines():
        print(line.rstrip())
    sys.stdout.flush()


def facts(pairs: Iterable[tuple[str, object]], title: str = "") -> None:
    """Print names and values, one below the other."""
    if title:
        say(f"\n{title}")
    known = [(name, told(value)) for name, value in pairs]
    width = max((len(name) for name, _ in known), default=0)
    for name, value in known:
        say(f"{name:<{width}}  {value.replace(chr(10), chr(10) + ' ' * (width + 2))}")


def _console(file: TextIO, narrowest: int = 0) -> Any:
    from rich.console import Console  # noqa: PLC0415 - quick start

    console = Console(file=file, highlight=False, markup=False, emoji=False)
    # What is piped must not be wrapped to some width; what is too wide for a terminal is better than what is left out.
    console.width = max(console.width, narrowest) if file.isatty() else _ENDLESS
    return console


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
