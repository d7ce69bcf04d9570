"""Why an action waits for a person: a code, words, and whether approving it can make it act."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

__all__ = ["HOLDS", "MENDABLE", "NEVER_DELIVERED", "hold", "is_mendable"]

NEVER_DELIVERED = "never_delivered"  # also in the content of such an action, for it stays when the hold is over

# code: (whether a person may approve past it, what it means)
HOLDS: dict[str, tuple[bool, str]] = {
    "above_limit": (True, "above the store's own limit"),
    "above_ordered": (False, "more units than were ordered"),
    "above_paid": (False, "more money than was paid"),
    "above_premium": (False, "more than the premium that is known as paid"),
    "address": (False, "no whole address to send to"),
    "amended": (True, "decided otherwise than before"),
    "cannot_ask": (False, "it may have happened, and the shop cannot be asked"),
    "conflict": (True, "one event id came with two contents"),
    "currency": (False, "two currencies; nothing is ever converted"),
    "digits": (False, "more digits than the currency has"),
    "doubled": (False, "the shop holds more than one effect under one reference"),
    "fault": (False, "op-core or the adapter fails on it, again and again"),
    "flip": (True, "protection goes back and forth; it may be a repeat or an echo"),
    "line_unknown": (False, "an item that is on no line of the order"),
    "never_delivered": (False, "decided there, and no webhook of it ever came"),
    "never_sent": (True, "the shop could not be reached, again and again"),
    "no_amount": (False, "the decision says no amount"),
    "no_difference": (False, "nothing is left to do for the new decision"),
    "no_reading": (True, "the total equals no reading of the lines"),
    "not_confirmed": (True, "Order Protection does not list the claim as decided"),
    "not_supported": (False, "this shop cannot do it"),
    "order_not_found": (False, "the shop has no such order"),
    "order_unknown": (False, "no delivery says which order the claim is about"),
    "pending_too_long": (False, "the shop took it and has not done it"),
    "percentage": (True, "a reship of a part of a unit"),
    "refused_part": (True, "another part of the same refund was refused"),
    "reviewer": (True, "a reviewer wants it looked at"),
    "same_unit": (True, "the same unit is refunded and sent again"),
    "setting": (True, "the store's settings ask for a person"),
    "stock": (True, "not enough in stock"),
    "velocity": (True, "more actions within an hour than the store allows"),
    "withdrawn": (True, "the claim was denied later"),
}


# What may be mended in the shop, in the settings or by Order Protection: then it is worth looking again.
MENDABLE = frozenset(
    "above_ordered above_paid address fault line_unknown never_sent not_confirmed not_supported order_not_found stock"
    " velocity".split()
)


class _Held(Protocol):
    @property
    def state(self) -> str: ...
    @property
    def holds(self) -> Sequence[dict[str, Any]]: ...
    @property
    def rivals(self) -> Sequence[int]: ...


def is_mendable(action: _Held) -> bool:
    """Tell whether an action waits only for what may be mended, so that it can be planned or tried anew."""
    codes = {found["code"] for found in action.holds}
    return action.state == "held" and bool(codes) and codes <= MENDABLE and not action.rivals


def hold(code: str, reason: str, actor: str = "") -> dict[str, Any]:
    """Make one hold. *reason* says what was found, in words for a shop owner, without personal data."""
    approvable, _ = HOLDS[code]
    return {"code": code, "reason": reason, "approvable": approvable, **({"actor": actor} if actor else {})}
