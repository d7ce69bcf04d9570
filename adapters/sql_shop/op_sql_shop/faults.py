"""
What a database's refusal means, in words that hold no value: drivers put rows and bound values into theirs.

Nothing here was committed. Whoever cannot say that does not ask here.
"""

from __future__ import annotations

import re

from sqlalchemy.exc import DBAPIError

from op_core.errors import HookError, NotSent, Refused, ShopAway

__all__ = ["meaning", "of_a_statement"]

_AWAY = {
    "gone": "the database does not answer, or has ended the connection",
    "locked": "the database is locked by somebody else",
    "rights": "this user may not do that",
    "full": "the database has no room left",
    "schema": "a table or column is not there (any more)",
    "statement": "the database does not understand the statement",
}
_REFUSED = {
    "refused": "a constraint of the database refuses it",
    "value": "the database does not take a value",
    "trigger": "a trigger of the database refuses it",
}
_LATER = {
    "row": "somebody else holds a row, and did not let it go in time",
    "slow": "the statement took too long and was ended",
}
_POSTGRES = {  # SQLSTATE, or its class
    "08": "gone", "57P": "gone", "53300": "gone", "28": "gone", "3D": "gone",
    "42501": "rights", "25006": "rights",
    "53": "full",
    "42703": "schema", "42P01": "schema", "3F": "schema", "42883": "statement", "42": "statement",
    "55P03": "row", "57014": "slow", "40": "row",
    "23": "refused", "22": "value", "P0001": "trigger",
}  # fmt: skip
_MYSQL = {
    1040: "gone", 1044: "rights", 1045: "gone", 1049: "gone", 1053: "gone", 2002: "gone", 2003: "gone", 2006: "gone",
    2013: "gone", 2055: "gone", 1927: "gone", 1077: "gone", 1158: "gone", 1159: "gone", 1160: "gone", 1161: "gone",
    1142: "rights", 1143: "rights", 1290: "rights", 1792: "rights", 1227: "rights", 1370: "rights",
    1021: "full", 1114: "full", 1030: "full",
    1054: "schema", 1146: "schema", 1051: "schema", 1064: "statement", 1305: "statement",
    1205: "row", 1213: "row", 1020: "row", 1969: "slow", 3024: "slow", 1317: "slow",
    1062: "refused", 1048: "refused", 1216: "refused", 1217: "refused", 1451: "refused", 1452: "refused",
    3819: "refused", 4025: "refused", 1364: "refused",
    1264: "value", 1265: "value", 1366: "value", 1292: "value", 1406: "value", 1690: "value", 1644: "trigger",
}  # fmt: skip
_SQLITE = (
    ("database is locked|database table is locked", "locked"),
    ("readonly database", "rights"),
    ("unable to open database|disk I/O error|file is not a database|malformed", "gone"),
    ("database or disk is full", "full"),
    ("no such (table|column)|has no column named", "schema"),
    ("constraint failed", "refused"),
    ("syntax error|incomplete input|unrecognized token|no such function|ambiguous column", "statement"),
)
_NAMES = ("schema", "rights", "statement")  # their texts name identifiers of the mapping, never a bound value


def meaning(error: DBAPIError, place: str) -> HookError:
    """
    Return what the caller is told: `ShopAway`, `NotSent` or `Refused`.

    Args:
        error: What SQLAlchemy raised, before any commit.
        place: The statement, such as ``shop.toml: refund.steps[0]``.
    """
    sort = "gone" if error.connection_invalidated else _sort(error)
    said = f": {_first_line(error)}" if sort in _NAMES else ""
    if sort in _AWAY:
        return ShopAway(f"{place}: {_AWAY[sort]}{said}")
    if sort in _REFUSED:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        return Refused(f"{place}: {_REFUSED[sort]}{f' ({constraint})' if constraint else ''}")
    return NotSent(f"{place}: {_LATER.get(sort, type(error.orig).__name__)}")


def of_a_statement(error: DBAPIError) -> bool:
    """Tell whether the statement is what is wrong, and not the database or the moment."""
    return not error.connection_invalidated and _sort(error) in (*_NAMES, *_REFUSED)


def _sort(error: DBAPIError) -> str:
    arguments = getattr(error.orig, "args", ())
    if arguments and isinstance(arguments[0], int):  # its SQLSTATE, where the driver tells it, says less
        return _MYSQL.get(arguments[0], "")
    state = getattr(error.orig, "sqlstate", None)
    if isinstance(state, str):
        return next((_POSTGRES[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRES), "")
    text = str(error.orig)
    if type(error.orig).__module__.startswith("psycopg"):  # no answer of the server at all: no connection
        return "gone"
    return next((sort for pattern, sort in _SQLITE if re.search(pattern, text)), "")


def _first_line(error: DBAPIError) -> str:
    diag = getattr(error.orig, "diag", None)
    arguments = getattr(error.orig, "args", ())
    text = getattr(diag, "message_primary", None) or str(arguments[-1] if arguments else "")
    # PyMySQL writes the values into the statement, and MariaDB quotes a piece of it.
    return str(text).partition(" near ")[0].splitlines()[0][:200] if text else ""
