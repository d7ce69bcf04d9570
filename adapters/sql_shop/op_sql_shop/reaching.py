"""
Why no connection came about, told apart by what the drivers raise, in words that hold nothing of the URL.

A part of a password may stand where the host is expected, so neither host nor user nor database is repeated.
"""

from __future__ import annotations

import re
import socket
import ssl
from typing import Any

__all__ = ["UNREACHED", "unreached"]

UNREACHED = {
    "host": "the host in url is not known; a password that holds @, / or : is written with percent codes, such as %40",
    "port": "nothing listens at the host and port, or at the socket, in url",
    "silent": "nothing answers in time at the host and port in url; is a firewall between?",
    "login": "the server does not take the user and password in url",
    "from": "the server does not let this user in from this machine, or not without TLS",
    "name": "the server has no database of the name in url",
    "tls": "no TLS came about: the server has none, or its certificate or the TLS options in url do not fit",
    "crowded": "the server has no connection left for this user: too many are open",
    "starting": "the server is starting or stopping",
    "file": "there is no file where url says; a relative path begins at the folder of op.toml",
    "folder": "url names a folder; expected the file of a SQLite database",
    "open": "this user may not open the file in url, or not its folder",
    "other": "the file in url is no SQLite database, or is encrypted",
}
"""What each is in words."""

_MYSQL = {
    1040: "crowded", 1203: "crowded", 1226: "crowded", 1045: "login", 1698: "login", 1251: "login", 2059: "login",
    1049: "name", 1129: "from", 1130: "from", 2026: "tls", 3159: "tls", 1053: "starting", 2002: "port", 2005: "host",
}  # fmt: skip
_NO_WAY = 2003  # "Can't connect", for whatever reason of the system
_OF_THE_SYSTEM = (
    (socket.gaierror, "host"), (ConnectionRefusedError, "port"), (FileNotFoundError, "port"), (ssl.SSLError, "tls"),
    (OSError, "silent"),
)  # fmt: skip
_CONNECTING = re.compile(r"connection (failed|is bad|timeout)|failed to resolve|Multiple connection attempts")
_POSTGRES = {  # libpq tells no SQLSTATE of a connection that it has not got
    "login": r"authentication failed|no password supplied|role .* does not exist|not permitted to log in",
    "from": r"no pg_hba\.conf entry|pg_hba\.conf rejects",
    "name": r"database .* does not exist|database .* is not currently accepting",
    "crowded": r"too many (clients|connections)|remaining connection slots",
    "starting": r"is (starting up|shutting down)|in recovery mode|not yet accepting",
    "tls": r"\bSSL\b|certificate",
    "host": r"failed to resolve host|could not translate host name",
    "port": r"Connection refused|No such file or directory",
    "silent": r"timeout|timed out|No route to host|unreachable",
}
_SQLITE = {"file": "no such file", "folder": "a folder", "open": "unable to open", "other": "not a database"}


def unreached(orig: Any) -> str:
    """Return why there is no connection, as a key of `UNREACHED`; empty where that is not what the driver says."""
    arguments = getattr(orig, "args", ())
    if arguments and isinstance(arguments[0], int):
        return _of_mysql(arguments[0], getattr(orig, "original_exception", None))
    text, module = str(orig), type(orig).__module__
    if module.startswith("psycopg") and getattr(orig, "sqlstate", None) is None and _CONNECTING.match(text):
        return next((why for why, pattern in _POSTGRES.items() if re.search(pattern, text)), "")
    if module.startswith("sqlite3") and text.startswith(("unable to open", "file is not")):
        return next((why for why, words in _SQLITE.items() if words in text), "")
    return ""


def _of_mysql(code: int, cause: BaseException | None) -> str:
    if code == _NO_WAY:
        return next((why for kind, why in _OF_THE_SYSTEM if isinstance(cause, kind)), "")
    return _MYSQL.get(code, "")
