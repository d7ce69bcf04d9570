"""What an adapter lets out: in its errors and tracebacks, and in its logs."""

from __future__ import annotations

import base64
import contextlib
import io
import logging
import traceback
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote, quote_plus

import attrs

__all__ = ["Heard", "forms", "listening"]

_LEAST = 6  # characters of base64 that are no accident


def forms(secret: str) -> list[str]:
    """Return the texts by which a secret could be read: itself, as it is in an address, and within base64."""
    found = {secret: None, quote(secret, safe=""): None, quote_plus(secret): None}
    for before in range(3):  # the characters of base64 depend on what stands before, such as a user's name
        text = base64.b64encode(b"\0" * before + secret.encode()).decode().rstrip("=")
        first, last = -(-before * 8 // 6), (before + len(secret.encode())) * 8 // 6
        found[text[first:last]] = None
    return [one for one in found if one == secret or len(one) >= _LEAST]


@attrs.define
class Heard:
    """
    Everything that was said.

    Attributes:
        said: Where it was said, and the text.
    """

    said: list[tuple[str, str]] = attrs.field(factory=list)

    def hear(self, where: str, said: object) -> None:
        """Keep what a hook answered, and the reason that it gave."""
        self.said.append((where, f"{said} {getattr(said, 'reason', '')}"))

    def call(self, where: str, function: Callable[[], Any]) -> Any:
        """Call it, and keep the text of what it raises, with all that led to it; return what it returns, or None."""
        try:
            return function()
        except Exception as error:  # noqa: BLE001 - whatever it raises, its text counts
            self.said.append((f"the {type(error).__name__} of {where}", "".join(traceback.format_exception(error))))
            return None

    def first(self, texts: Iterable[str]) -> tuple[str, str] | None:
        """Return the first of these texts that was said, and where."""
        return next(((text, where) for text in texts for where, said in self.said if text and text in said), None)


class _Ear(logging.Handler):
    def __init__(self, heard: Heard) -> None:
        super().__init__(level=1)
        self.heard = heard

    def emit(self, record: logging.LogRecord) -> None:
        told = record.getMessage()
        if record.exc_info:
            told += "".join(traceback.format_exception(*record.exc_info))
        self.heard.said.append((f"the log of {record.name}", told))


@contextlib.contextmanager
def listening() -> Iterator[Heard]:
    """Yield what is said from now on: by any logger at any level, and, once it is over, what was printed."""
    heard = Heard()
    ear, root = _Ear(heard), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(1)
    printed = io.StringIO()
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield heard
    finally:
        root.removeHandler(ear)
        root.setLevel(level)
        heard.said.append(("what it prints", printed.getvalue()))
