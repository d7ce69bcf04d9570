"""The values of a manifest that have a form of their own: expressions, templates, secrets, zones, patterns."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, SecretStr

from op_core.settings import expected
from op_rest_shop.expressions import Expression, WrongExpression
from op_rest_shop.templates import Shape, Template

__all__ = [
    "Credential",
    "Function",
    "MoneyForm",
    "Names",
    "Path",
    "Pattern",
    "TimeForm",
    "Tree",
    "Url",
    "UrlPath",
    "Zone",
]

_DOOR = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def _path(value: object) -> Expression:
    if not (isinstance(value, str) and value.strip()):
        raise expected("a JMESPath expression as text, such as customer.email")
    try:
        return Expression(value.strip())
    except WrongExpression as error:
        raise expected(f"a JMESPath expression ({error})") from None


def _url_path(value: object) -> Template:
    if not (isinstance(value, str) and value.startswith("/") and not value.startswith("//")):
        raise expected("a path below shop.url that starts with one /, such as /orders/{order_id}")
    return _template(value)


def _template(value: str) -> Template:
    try:
        return Template(value)
    except WrongExpression as error:
        raise expected(f"a text with expressions in braces ({error})") from None


def _tree(value: object) -> Shape:
    try:
        return Shape.made(value)
    except WrongExpression as error:
        raise expected(f"texts with expressions in braces ({error})") from None


def _table(value: object) -> Shape:
    if not isinstance(value, dict):
        raise expected("a table of names and values")
    return _tree(value)


def _credential(value: object) -> SecretStr:
    if isinstance(value, SecretStr):
        return value
    raise expected('{ env = "NAME" }: a manifest is shared, and holds no secret')


def _url(value: object) -> str:
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    wrong = expected("an http:// or https:// address without user, query or fragment")
    if not isinstance(text, str):
        raise wrong
    try:
        parts = urlsplit(text.strip())
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise wrong
    if parts.query or parts.fragment:
        raise wrong
    return text.strip().rstrip("/")


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(value)  # type: ignore[arg-type]  # what is no text is refused as what is no zone
    except (KeyError, ValueError, OSError, TypeError, AttributeError):
        raise expected('a zone of the IANA database, such as "UTC" or "Europe/Berlin"') from None


def _pattern(value: object) -> re.Pattern[str]:
    try:
        return re.compile(value)  # type: ignore[call-overload, no-any-return]  # as above
    except (re.error, TypeError):
        raise expected("a regular expression") from None


def _function(value: object) -> str:
    if isinstance(value, str) and _DOOR.fullmatch(value):
        return value
    raise expected('a function as "module:function"')


Path = Annotated[Any, BeforeValidator(_path)]
UrlPath = Annotated[Any, BeforeValidator(_url_path)]
Tree = Annotated[Any, BeforeValidator(_tree)]
Names = Annotated[Any, BeforeValidator(_table)]
Credential = Annotated[SecretStr, BeforeValidator(_credential)]
Url = Annotated[str, BeforeValidator(_url)]
Zone = Annotated[Any, BeforeValidator(_zone)]
Pattern = Annotated[Any, BeforeValidator(_pattern)]
Function = Annotated[str, BeforeValidator(_function)]
MoneyForm = Literal["decimal", "minor_units"]
TimeForm = Literal["iso", "unix", "unix_ms"]
