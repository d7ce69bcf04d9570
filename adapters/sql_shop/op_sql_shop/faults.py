"""
What a database's refusal means, in words that hold no value: drivers put rows and bound values into theirs.

`meaning` is for what happened before a commit was sent: nothing of it is there. Of a commit, `undone` tells first.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy.exc import DBAPIError

from op_core.errors import HookError, NotSent, Refused, ShopAway
from op_sql_shop.reaching import UNREACHED, unreached

__all__ = ["meaning", "of_a_statement", "of_rights", "undone"]

_AWAY = UNREACHED | {
    "gone": "the database does not answer, or has ended the connection",
    "ill": "the database has an error of its own",
    "locked": "the database, or a table of it, is locked by somebody else",
    "rights": "this user may not do that, or the database is only read",
    "full": "the database has no room left",
    "schema": "a table or column is not there (any more)",
    "statement": "the database does not understand the statement",
}
_REFUSED = {
    "refused": "a constraint of the database refuses it",
    "value": "the database does not take a value",
    "many": "a part of it finds several rows where one is needed",
    "trigger": "a trigger of the database refuses it",
}
_LATER = {
    "row": "somebody else holds a row, and did not let it go in time",
    "slow": "the statement took too long and was ended",
}
_POSTGRES = {  # SQLSTATE, or its class
    "08": "gone", "57P": "gone", "53300": "gone", "28": "gone", "3D": "gone", "25P03": "gone",
    "58": "ill", "XX001": "ill", "XX002": "ill",
    "42501": "rights", "25006": "rights",
    "53": "full",
    "42703": "schema", "42P01": "schema", "3F": "schema", "42": "statement", "08P01": "statement",
    "55P03": "row", "40": "row", "57014": "slow",
    "23": "refused", "44": "refused", "22": "value", "21": "many", "P0": "trigger", "09": "trigger", "27": "trigger",
}  # fmt: skip
_MYSQL = {
    sort: set(map(int, codes.split()))
    for sort, codes in {
        "gone": "1053 1077 1158 1159 1160 1161 1927 2003 2006 2013 2055 4031",
        "ill": "1030 1034 1035 1194 1195",
        "locked": "1015 1099 1100 1223",
        "rights": "1044 1142 1143 1227 1290 1370 1792 1836",
        "full": "1021 1041 1114 1135",
        "schema": "1051 1054 1146",
        "statement": "1052 1064 1136 1210 1305 1318 1665",
        "row": "1020 1205 1213 1412 1615 3572",
        "slow": "1317 1969 3024",
        "refused": "1048 1062 1216 1217 1364 1451 1452 1586 1761 1762 3819 4025",
        "value": "1264 1265 1292 1365 1366 1367 1406 1411 1441 1690 1916",
        "many": "1242",
        "trigger": "1442 1644",
    }.items()
}
_SQLITE = {  # the primary result code
    5: "locked", 6: "locked", 15: "locked", 17: "row",
    3: "rights", 8: "rights", 23: "rights",
    10: "ill", 11: "ill", 14: "gone", 26: "gone",
    7: "full", 13: "full",
    9: "slow",
    19: "refused", 18: "value", 20: "value",
}  # fmt: skip
_SQLITE_TRIGGER = 1811  # RAISE() in a trigger
_SQLITE_TEXTS = {  # of the code 1, which says no more
    "schema": re.compile(r"no such (table|column|view)|has no column named"),
    "statement": re.compile(r"syntax error|incomplete input|unrecognized token|no such function|ambiguous column"),
}
_MYSQL_NAMES = re.compile(
    r"Unknown column '[\w.$]+'|Table '[\w.$]+' doesn't exist|FUNCTION [\w.$]+ does not exist"
    r"|[A-Z, ]+ command denied to user \S+ for (table|column) \S+"
)
_NAMES = ("schema", "rights", "statement")  # their texts name identifiers of the mapping, never a bound value

# --- A commit --------------------------------------------------------------------------------------------------------

_UNDONE_POSTGRES = ("23", "40", "44", "22", "P0", "55P03", "57014", "25P02")
_COMPLETION_UNKNOWN = "40003"
_UNDONE_MYSQL = {1020, 1062, 1205, 1213, 1290, 1452, 1836, 4025}
_UNDONE_SQLITE = {5, 6, 19}  # it goes on, so that whoever closes the connection ends it


def meaning(error: DBAPIError, place: str) -> HookError:
    """
    Return what the caller is told: `ShopAway`, `NotSent` or `Refused`.

    Args:
        error: What SQLAlchemy raised.
        place: The statement, such as ``shop.toml: refund.steps[0]``.
    """
    sort = "gone" if error.connection_invalidated else _sort(error.orig)
    said = f": {text}" if sort in _NAMES and (text := _first_line(error.orig)) else ""
    if sort in _AWAY:
        return ShopAway(f"{place}: {_AWAY[sort]}{said}")
    if sort in _REFUSED:
        constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        return Refused(f"{place}: {_REFUSED[sort]}{f' ({constraint})' if constraint else ''}")
    return NotSent(f"{place}: {_LATER.get(sort, _unknown(error.orig))}")


def of_a_statement(error: DBAPIError) -> bool:
    """Tell whether the statement is what is wrong, and not the database or the moment."""
    return not error.connection_invalidated and _sort(error.orig) in (*_NAMES, *_REFUSED)


def of_rights(error: DBAPIError) -> bool:
    """Tell whether the user may not do it."""
    return _sort(error.orig) == "rights"


def undone(error: DBAPIError) -> bool:
    """Tell whether a COMMIT that failed surely changed nothing, now or later. In doubt it may have."""
    orig: Any = error.orig
    if error.connection_invalidated:
        return False
    if (code := _code(orig)) is not None:
        return code in _UNDONE_MYSQL
    state = getattr(orig, "sqlstate", None)
    if isinstance(state, str):
        return state.startswith(_UNDONE_POSTGRES) and state != _COMPLETION_UNKNOWN
    return _primary(orig) in _UNDONE_SQLITE


def _sort(orig: Any) -> str:
    if why := unreached(orig):
        return why
    if (code := _code(orig)) is not None:  # its SQLSTATE, where the driver tells it, says less
        return next((sort for sort, codes in _MYSQL.items() if code in codes), "")
    if isinstance(state := getattr(orig, "sqlstate", None), str):
        return _sort_of_state(state, orig)
    if type(orig).__module__.startswith("psycopg"):  # no answer of the server: no connection, or a value for none
        return "gone" if type(orig).__name__ in ("OperationalError", "InterfaceError", "ConnectionTimeout") else "value"
    if getattr(orig, "sqlite_errorcode", 0) == _SQLITE_TRIGGER:
        return "trigger"
    by_text = next((sort for sort, pattern in _SQLITE_TEXTS.items() if pattern.search(str(orig))), "")
    return _SQLITE.get(_primary(orig), by_text)


def _sort_of_state(state: str, orig: Any) -> str:
    if state == "55P03" and not orig.diag.context:  # who waits for a row is told which one
        return "locked"
    return next((_POSTGRES[state[:n]] for n in (5, 3, 2) if state[:n] in _POSTGRES), "")


def _code(orig: Any) -> int | None:
    arguments = getattr(orig, "args", ())
    return arguments[0] if arguments and isinstance(arguments[0], int) else None


def _primary(orig: Any) -> int:
    code = getattr(orig, "sqlite_errorcode", None)
    return int(code) & 0xFF if code is not None else 14 if "unable to open" in str(orig) else 1


def _unknown(orig: Any) -> str:
    code = _code(orig) or getattr(orig, "sqlstate", None) or getattr(orig, "sqlite_errorname", "")
    return f"the database says {type(orig).__name__}{f' {code}' if code else ''}"


def _first_line(orig: Any) -> str:
    """Return the driver's text, where it surely names things of the mapping only. What a trigger says may be a row."""
    arguments, diag = getattr(orig, "args", ()), getattr(orig, "diag", None)
    text = getattr(diag, "message_primary", None) or str(arguments[-1] if arguments else "")
    if getattr(diag, "context", None) or getattr(orig, "sqlite_errorname", "") == "SQLITE_CONSTRAINT_TRIGGER":
        return ""
    if _code(orig) is not None:  # MariaDB quotes pieces of the statement, into which PyMySQL writes the values
        named = _MYSQL_NAMES.match(text)
        text = named[0] if named else ""
    return text.splitlines()[0][:200] if text else ""
