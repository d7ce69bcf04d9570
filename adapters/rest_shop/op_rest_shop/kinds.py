"""The values of a manifest that have a form of their own: expressions, templates, secrets, zones, patterns."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, SecretStr

from op_core.settings import expected
from op_rest_shop.expressions import Expression, WrongExpression
from op_rest_shop.templates import Shape, Template

__all__ = [
    "Credential",
    "MoneyForm",
    "Names",
    "Path",
    "TimeForm",
    "Tree",
    "Url",
    "UrlPath",
]


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


Path = Annotated[Any, BeforeValidator(_path)]
UrlPath = Annotated[Any, BeforeValidator(_url_path)]
Tree = Annotated[Any, BeforeValidator(_tree)]
Names = Annotated[Any, BeforeValidator(_table)]
Credential = Annotated[SecretStr, BeforeValidator(_credential)]
Url = Annotated[str, BeforeValidator(_url)]
MoneyForm = Literal["decimal", "minor_units"]
TimeForm = Literal["iso", "unix", "unix_ms"]
