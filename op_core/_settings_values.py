"""Values of op.toml, and of an adapter's files, that have a form of their own: durations, secrets, amounts, zones."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, SecretStr
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from op_core._settings_faults import expected
from op_core.money import decimal_from
from op_core.order_protection.schema.oauth import REDIRECT_URI, SCOPE

__all__ = [
    "Amount",
    "ApiUrl",
    "Count",
    "Currency",
    "Duration",
    "Function",
    "HeaderText",
    "Host",
    "Name",
    "PageUrl",
    "Pattern",
    "RedirectUri",
    "RoutePath",
    "Scope",
    "Secret",
    "Zone",
    "anchored",
    "ledger_url",
]

_PYTHON = r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"
_FUNCTION = re.compile(f"{_PYTHON}:{_PYTHON}")
_UNITS = {
    "s sec second seconds": 1,
    "m min minute minutes": 60,
    "h hour hours": 3600,
    "d day days": 86400,
}
_SECONDS = {unit: seconds for units, seconds in _UNITS.items() for unit in units.split()}
_LONGEST = 3650 * 86400  # seconds; ten years, far below what timedelta holds
_DURATION = re.compile(r"\s*(\d{1,12}(?:\.\d{1,6})?)\s*([a-z]*)\s*", re.ASCII | re.IGNORECASE)


def _duration(value: object) -> timedelta:
    wrong = expected('a duration: whole seconds, or a number with its unit (s, min, h, days) such as "10 min"')
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if match is None or (not match[2] and "." in match[1]):
        raise wrong
    unit = _SECONDS.get(match[2].lower() or "s")
    if unit is None:
        raise wrong
    seconds = Decimal(match[1]) * unit
    if seconds > _LONGEST:
        raise expected("a duration of at most ten years")
    return timedelta(microseconds=int(seconds * 1_000_000))


def _secret(value: object) -> SecretStr:
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str):
        raise expected('text, best as { env = "NAME" }')
    # A header cannot carry blanks at its ends, and files of secrets often end in a line break.
    stripped = value.strip()
    if not stripped or not stripped.isascii() or not stripped.isprintable():
        raise expected("text of printable ASCII characters, and not empty")
    return SecretStr(stripped)


def _amount(value: object) -> Decimal:
    wrong = expected('an amount from 0, as text such as "250.00" or as a whole number: a float cannot hold a price')
    try:
        amount = decimal_from(value)  # type: ignore[arg-type]  # it refuses what it cannot take
    except (TypeError, ValueError, InvalidOperation):
        raise wrong from None
    if amount < 0:
        raise wrong
    return amount


def _currency(value: object) -> str:
    if not (isinstance(value, str) and re.fullmatch("[A-Z]{3}", value)):
        raise expected("a currency in three capital letters, such as USD")
    return value


def _count(value: object) -> int:
    # bool is an int to Python, and a value from the environment is always text.
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\s*[0-9]{1,9}\s*", value):
        return int(value)
    raise expected("a whole number")


def _api_url(value: object) -> str:
    wrong = expected("an https:// address without user, query or fragment (http:// only for a host of this machine)")
    if not (isinstance(value, str) and (parts := _safe(value)) and not parts.query):
        raise wrong
    return value.strip().rstrip("/")


def _page_url(value: object) -> str:
    if not (isinstance(value, str) and _safe(value)):
        raise expected("an https:// address without user or fragment (http:// only for a host of this machine)")
    return value.strip()


def _safe(value: str) -> SplitResult | None:
    """Return the parts of an address that a secret may be sent to, else None."""
    try:
        parts = urlsplit(value.strip())
        parts.port  # noqa: B018 - reading it is what checks it
    except ValueError:
        return None
    host = parts.hostname or ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_local(host))
    plain = value.isascii() and value.strip().isprintable() and " " not in value.strip()
    return parts if safe and host and plain and not parts.fragment and "@" not in parts.netloc else None


def _redirect_uri(value: object) -> str:
    if not (isinstance(value, str) and REDIRECT_URI.fullmatch(value)):
        raise expected(
            "an https:// address without fragment, as registered for the app (http://localhost in development)"
        )
    return value


def _scope(value: object) -> str:
    if not (isinstance(value, str) and SCOPE.fullmatch(value)):
        raise expected("one scope, such as read_orders")
    return value


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        # A name without a dot is this machine or a neighbour in the same container network, never the internet.
        return re.fullmatch(r"[a-z][a-z0-9-]*", host) is not None


def _path(value: object) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"/(?!/)\S*", value)):
        raise expected("a path below api_url that starts with one /")
    return value


def _host(value: object) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?", value)):
        raise expected("a host such as shop.example, without https:// and path")
    return value


def _header_text(value: object) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"[!-~]{1,200}", value)):
        raise expected("text of 1 to 200 printable ASCII characters without blanks: it is sent in a header")
    return value


def _name(value: object) -> str:
    if not (isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", value)):
        raise expected("1 to 64 letters, digits, dots, dashes and underscores, the first a letter or digit")
    return value


def anchored(url: str, directory: Path) -> str:
    """
    Return *url* with the file of a SQLite database made absolute; other databases are left as they are.

    Args:
        url: An SQLAlchemy database URL, such as ``sqlite:///op.db``.
        directory: The folder that relative paths start from: that of ``op.toml``.

    Raises:
        ValueError: Where it is no database URL. The text does not repeat it.
    """
    parsed = _parsed(url)
    name = parsed.database
    if parsed.get_backend_name() == "sqlite" and name and name != ":memory:" and not name.startswith("file:"):
        return parsed.set(database=str(directory / name)).render_as_string(hide_password=False)
    return url


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("not a database URL, such as sqlite:///op.db") from None


def ledger_url(url: object, directory: Path) -> str:
    """Return the URL of a ledger with its driver and its whole path; raise what `expected` gives."""
    wrong = expected('a database URL: "sqlite:///op.db" or "postgresql+psycopg://user@host/database"')
    if not isinstance(url, str):
        raise wrong
    try:
        parsed = _parsed(url)
    except ValueError:
        raise wrong from None
    if parsed.drivername in ("postgres", "postgresql"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise wrong
    if parsed.drivername.startswith("sqlite") and (parsed.database in (None, "", ":memory:") or parsed.host):
        raise expected("a SQLite file, such as sqlite:///op.db: a ledger in memory forgets what was done")
    return anchored(parsed.render_as_string(hide_password=False), directory)


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
    if isinstance(value, str) and _FUNCTION.fullmatch(value):
        return value
    raise expected('a function as "module:function"')


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Currency = Annotated[str, BeforeValidator(_currency)]
Count = Annotated[int, BeforeValidator(_count)]
ApiUrl = Annotated[str, BeforeValidator(_api_url)]
PageUrl = Annotated[str, BeforeValidator(_page_url)]
RedirectUri = Annotated[str, BeforeValidator(_redirect_uri)]
Scope = Annotated[str, BeforeValidator(_scope)]
Host = Annotated[str, BeforeValidator(_host)]
HeaderText = Annotated[str, BeforeValidator(_header_text)]
RoutePath = Annotated[str, BeforeValidator(_path)]
Name = Annotated[str, BeforeValidator(_name)]
Zone = Annotated[Any, BeforeValidator(_zone)]
Pattern = Annotated[Any, BeforeValidator(_pattern)]
Function = Annotated[str, BeforeValidator(_function)]
