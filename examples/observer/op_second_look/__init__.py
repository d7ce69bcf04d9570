"""
An observer: it may have a plan wait for a person, and hears what happens. It can neither change a plan nor the shop.

    [stores.main]
    observers = ["second_look"]
"""

from __future__ import annotations

from collections import Counter

from op_core.hooks import hookimpl
from op_core.models import Hold
from op_core.plugins import StoreInfo
from op_core.requests import EventRequest, ReviewPlanRequest

__all__ = ["SecondLook"]

_MANY = 10  # units that nobody sends twice without a look


class SecondLook:
    """
    Has a person look at every replacement of ten units or more.

    Attributes:
        heard: How often each event came since the process began, for a gauge of the shop's own.
    """

    def __init__(self, store: StoreInfo) -> None:
        """Take the store that is observed."""
        self.store = store
        self.heard: Counter[str] = Counter()

    @hookimpl
    def op_review_plan(self, request: ReviewPlanRequest) -> Hold | None:
        """Count the units that would be sent; a review changes nothing, for a plan may be reviewed again."""
        units = sum(line.quantity for one in request.actions if one.key.verb == "reship" for line in one.lines)
        return Hold(f"{units} units would be sent again", actor="second look") if units >= _MANY else None

    @hookimpl
    def op_event(self, request: EventRequest) -> None:
        """Count it. An event may be lost with a process; the ledger is the record."""
        self.heard[request.name] += 1
