"""Ids in paths."""

from __future__ import annotations

from urllib.parse import quote

from op_core.errors import NotSendable

__all__ = ["filled", "segment"]


def segment(value: str, what: str) -> str:
    """
    Return an id as one segment of a path, percent-encoded.

    Args:
        value: The id.
        what: What it is, for the error; the id itself is not shown where it may be anything.

    Raises:
        NotSendable: No path can hold it.
    """
    # "." and ".." mean a place in a path, percent-encoded or not: such an id cannot be said.
    if value in ("", ".", ".."):
        raise NotSendable(f"{what} {value!r} cannot stand in a path; expected an id of other characters")
    try:
        return quote(value, safe="")
    except UnicodeEncodeError:
        raise NotSendable(f"{what} holds a lone surrogate, which no path can hold") from None


def filled(route: str, **ids: tuple[str, str]) -> str:
    """Return *route* with each placeholder replaced by an id; each is given with what it is."""
    path = route
    for name, (value, what) in ids.items():
        path = path.replace(f"{{{name}}}", segment(value, what))
    return path
