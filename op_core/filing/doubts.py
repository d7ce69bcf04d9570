"""What is said where nobody knows, or not yet, whether a claim was filed."""

from __future__ import annotations

import shlex
from datetime import datetime

from op_core.errors import FilingUnderWay, FilingUnknown
from op_core.filing.traces import New
from op_core.ledger.filings import Filing

__all__ = ["under_way", "unknown"]


def under_way(key: str) -> FilingUnderWay:
    """Return the error of a claim that another call is filing."""
    return FilingUnderWay(
        f"another call files the claim of key {key!r} right now; ask again for what became of it", key
    )


def unknown(filing: Filing, new: New | None, store: str, until: datetime) -> FilingUnknown:
    """
    Return the error of a claim that may have been filed.

    Args:
        filing: As far as it is known.
        new: The order's new claims; None where nobody could be asked.
        store: The store's name.
        until: From then on "no claim shows it" counts, UTC.
    """
    return FilingUnknown(f"the claim may have been filed, and {_what(filing, new, store, until)}", filing.key)


def _what(filing: Filing, new: New | None, store: str, until: datetime) -> str:
    if filing.order_id is None:
        return "no call can tell. Look in Order Protection's dashboard; if it is not there, file it under another key"
    if new is None:
        return "Order Protection cannot be asked now. Ask again under the same key"
    if new.count:
        many = "a new claim of the order" if new.count == 1 else f"one of {new.count} new claims of the order"
        look = f"look with op-core claims list {store} --order {shlex.quote(filing.order_id)}"
        return f"{many} may be it, or another's: {look}; if none is it, file it under another key"
    at = until.isoformat(timespec="seconds")
    return (
        f"no claim of the order shows it yet. Ask again under the same key after {at}: if none does then, it is filed"
    )
