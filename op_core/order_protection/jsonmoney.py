"""
JSON without floats: amounts keep the digits that the text has, in both directions.

Read strictly, because what is read moves money: a second key of one name, NaN, text that no database holds (a lone
surrogate, U+0000) or nesting beyond reason make a body unreadable. They are never guessed at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, NoReturn

from op_core.errors import Unreadable
from op_core.money import decimal_from

__all__ = ["dumps", "loads", "number_from"]

_DEEPEST = 64  # levels; the deepest known body has 6
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_SUSPECT = re.compile(rb"\\u(0000|[dD][89a-fA-F])")


def number_from(value: object) -> Decimal:
    """
    Return the amount that *value* is: a Decimal, a whole number, or text that spells a JSON number (C-10).

    Raises:
        ValueError: For anything else. The text says what was expected and never shows the value.
    """
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError("not an amount: the text spells no number such as 12.50")
    if isinstance(value, bool) or not isinstance(value, Decimal | int | str):
        raise ValueError("not an amount: expected a number that is no float")  # noqa: TRY004 - pydantic asks for ValueError
    return decimal_from(value)


def dumps(value: object) -> bytes:
    """
    Write *value* as JSON in UTF-8. A Decimal becomes a number with all its digits and no exponent.

    Raises:
        TypeError: For a float and for anything that JSON has no form for.
        ValueError: For NaN, infinity, and text that UTF-8 cannot hold.
    """
    try:
        return _encoded(value).encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError("text holds a lone surrogate, which UTF-8 cannot hold") from None


def _encoded(value: object) -> str:  # noqa: PLR0911 - one answer per kind of value
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return encode_basestring(value)
        case int():
            return int.__repr__(value)
        case Decimal():
            return f"{decimal_from(value):f}"
        case Mapping():
            return "{" + ",".join(f"{_key(key)}:{_encoded(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ",".join(map(_encoded, value)) + "]"
        case _:
            raise TypeError(f"JSON for the wire has no form for {type(value).__name__}; money is a Decimal")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a JSON key is text, found {type(key).__name__}")
    return encode_basestring(key)


def loads(body: bytes) -> Any:
    """
    Read JSON; whole numbers become int, all others Decimal with the digits of the text.

    Raises:
        Unreadable: With the reason, and its line and column where it has one. No value of the body is shown.
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 at byte {error.start}") from None
    try:
        value = json.loads(
            text, parse_float=_number, parse_int=_whole, parse_constant=_constant, object_pairs_hook=_object
        )
    except json.JSONDecodeError as error:
        raise Unreadable(f"not JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    except RecursionError:
        raise Unreadable(f"nested too deep: more than {_DEEPEST} levels") from None
    if body.count(b"[") + body.count(b"{") > _DEEPEST or _SUSPECT.search(body):
        _inspect(value)
    return value


def _number(text: str) -> Decimal:
    try:
        return decimal_from(text)
    except ValueError as error:
        raise Unreadable(f"a number is {error}") from None


def _whole(text: str) -> int:
    return int(_number(text))


def _constant(name: str) -> NoReturn:
    raise Unreadable(f"not JSON: {name} is no number")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise Unreadable("an object has two keys of one name")
    return result


def _inspect(value: object) -> None:
    waiting = [(value, 1)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str) and ("\0" in item or any("\ud800" <= letter <= "\udfff" for letter in item)):
            raise Unreadable("text holds U+0000 or a lone surrogate, which no database holds")
        if depth > _DEEPEST and isinstance(item, dict | list):
            raise Unreadable(f"nested too deep: more than {_DEEPEST} levels")
        if isinstance(item, dict):
            waiting += [(part, depth + 1) for pair in item.items() for part in pair]
        elif isinstance(item, list):
            waiting += [(part, depth + 1) for part in item]
