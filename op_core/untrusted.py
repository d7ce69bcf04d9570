"""Text that somebody else wrote: a type of its own, so that each use says what becomes of it."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import NoReturn

import attrs

__all__ = ["Untrusted", "code", "named", "printable", "steers"]

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")  # they turn the direction of writing
_CODE = re.compile(r"[A-Z0-9_]{1,40}")
_NAME = re.compile(r"[\w.:=~/+#-]{1,64}", re.ASCII)
_MARK = "untrusted text is never put into another one as it is: write .plain, .html or .line"


def printable(text: str) -> str:
    """Return *text* without what could steer a terminal, which becomes U+FFFD; line ends stay."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\ufffd" for letter in text)


def code(text: str | None) -> str:
    """Return a type or a reason as it may be shown: a word in capitals, not whatever stands there."""
    return text if text is not None and _CODE.fullmatch(text) else "one that is no code"


def named(text: str | None) -> str:
    """Return an id or a SKU as it may be shown: what such are made of, not whatever stands there."""
    return text if text is not None and _NAME.fullmatch(text) else "one that is no id"


def steers(text: str) -> bool:
    """Tell whether *text* holds control characters, or marks that turn the direction of writing."""
    return any(letter in _TURNS or unicodedata.category(letter) == "Cc" for letter in text)


@attrs.frozen(str=False)
class Untrusted:
    """
    Words out of a webhook: a message, a description, a name, a part of an address.

    It is no text: ``f"{…}"``, ``%``, ``+``, ``join`` and a database's driver refuse it. Its ``repr`` shows nothing.

    Attributes:
        plain: As it came, for where it stays data: a bound parameter, a value of JSON or of a form.
    """

    plain: str = attrs.field(repr=False, validator=attrs.validators.instance_of(str))

    @property
    def html(self) -> str:
        """For a page: ``&``, ``<``, ``>`` and both quotes are escaped. In an attribute, put quotes around it."""
        return html.escape(self.plain)

    @property
    def line(self) -> str:
        """For a terminal, a log or a header: one line, in which nothing but printable text is left."""
        return printable(" ".join(self.plain.split()))

    def __html__(self) -> str:
        """Let Jinja, Django and MarkupSafe escape it by themselves."""
        return self.html

    def __bool__(self) -> bool:
        """Tell whether there are any words."""
        return bool(self.plain)

    def __str__(self) -> NoReturn:
        """Refuse: nobody said what it is for."""
        raise TypeError(_MARK)

    def __format__(self, _: str) -> NoReturn:
        """Refuse, as `__str__` does."""
        raise TypeError(_MARK)
