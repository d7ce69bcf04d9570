"""How an authorization comes back to an app, and how a token is refused: where pages differ or are silent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import attrs

from op_core.errors import InstallFailed, Unreadable
from op_core.order_protection.jsonmoney import loads

__all__ = ["Authorization", "read_authorization", "refusal"]

_MOST = 16 * 1024  # characters; a code and a state are far below
_CODES = ("error", "code", "errorCode", "error_code")


@attrs.frozen
class Authorization:
    """
    What the redirect of an authorization brought.

    Attributes:
        code: Good for one token. A secret until then.
        state: What was sent out with the address.
        store_id: Order Protection's own id of the store; only the posted form has it.
    """

    code: str = attrs.field(repr=False)
    state: str = attrs.field(repr=False)
    store_id: str | None = None


def read_authorization(said: str | bytes | Mapping[str, Any]) -> Authorization:
    """
    Read what came to the redirect address, in either form (C-24).

    Args:
        said: The whole address or its query (page DEV-AUTH), or the JSON that was posted (page DEV-MKT), as text,
            bytes or already read.

    Raises:
        InstallFailed: It is neither, it says that the merchant did not agree, or code or state is missing. The text
            shows nothing of it.
    """
    fields = said if isinstance(said, Mapping) else _fields(said)
    if fields.get("error") is not None:
        named = fields["error"] if fields["error"] in _REFUSED else "another reason"
        raise InstallFailed(f"the authorization was not given ({named}); begin it again")
    code, state, store_id = (fields.get(name) for name in ("code", "state", "store_id"))
    for name, value in (("code", code), ("state", state)):
        if not (isinstance(value, str) and value):
            found = "empty" if value == "" else "missing" if value is None else type(value).__name__
            raise InstallFailed(f"{name}: {found}, expected text in what came to redirect_uri; begin it again")
    if not isinstance(store_id, str | None):
        raise InstallFailed(f"store_id: {type(store_id).__name__}, expected text; begin it again")
    return Authorization(str(code), str(state), store_id or None)


# RFC 6749, 4.1.2.1. Any other text may be anything, and is not shown.
_REFUSED = (
    "access_denied",
    "invalid_request",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unsupported_response_type",
)


def _fields(said: str | bytes) -> Mapping[str, Any]:
    try:
        text = said.decode() if isinstance(said, bytes) else said
    except UnicodeDecodeError:
        raise _neither("it is not UTF-8") from None
    text = text.strip()
    if len(text) > _MOST:
        raise _neither(f"it is longer than {_MOST} characters")
    if text.startswith("{"):
        try:
            posted = loads(text.encode())
        except (Unreadable, UnicodeEncodeError):
            raise _neither("it begins like JSON and is none") from None
        return posted if isinstance(posted, Mapping) else {}
    query = text.partition("?")[2] if "?" in text else "" if "://" in text else text
    pairs = parse_qsl(query.partition("#")[0], keep_blank_values=True)
    if not pairs:
        raise _neither("it holds no query")
    names = [name for name, _ in pairs]
    if twice := next((name for name in ("code", "state", "store_id", "error") if names.count(name) > 1), None):
        raise _neither(f"{twice} stands in it twice")
    return dict(pairs)


def _neither(why: str) -> InstallFailed:
    return InstallFailed(
        f"what came to redirect_uri is neither an address with code and state nor such JSON: {why}; begin it again"
    )


def refusal(body: bytes) -> str:
    """
    Return the code with which a token was refused, such as ``invalid_grant`` (RFC 6749); "" where there is none.

    No page shows the body of an error (G-9), so a code is looked for under the usual names, and known ones only are
    returned: the rest of the body may hold what was sent.
    """
    try:
        said = loads(body)
    except Unreadable:
        return ""
    if not isinstance(said, Mapping):
        return ""
    inner = said.get("error")
    places = [said, *([inner] if isinstance(inner, Mapping) else [])]
    named = [place.get(name) for place in places for name in _CODES]
    return next((code.lower() for code in named if isinstance(code, str) and code.lower() in _KNOWN), "")


_KNOWN = frozenset(
    "invalid_client invalid_grant invalid_request invalid_scope unauthorized_client unsupported_grant_type".split()
)
