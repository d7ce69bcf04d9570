"""
Parcels out of shipping events, and tracking out of free text: for shops that have no field for either.

Such a shop writes down what happened to which units: a label made, a box shipped, a box delivered. Which of its event
codes means what, each shop knows itself.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import attrs

from op_core.models import Fulfillment, FulfillmentStatus, LineQuantity

__all__ = ["ShippingEvent", "parcels", "tracking"]

_STAGES = (  # an event of one of these makes a parcel, or takes over the one that an earlier stage made
    FulfillmentStatus.LABEL_PURCHASED,
    FulfillmentStatus.LABEL_PRINTED,
    FulfillmentStatus.FULFILLED,
    FulfillmentStatus.CARRIER_PICKED_UP,
    FulfillmentStatus.IN_TRANSIT,
)
_CARRIERS = {
    "UPS": r"1Z(?: ?[0-9A-Z]){16}",
    "USPS": r"9[1-5](?: ?\d){20}",
    "FedEx": r"\d{12}|\d{15}",
    "DHL": r"JD\d{18}",
    "OnTrac": r"[CD]\d{14}",
}
_NAMES = {name.lower(): name for name in (*_CARRIERS, "Australia Post", "Canada Post", "Royal Mail")}
_KNOWN = re.compile("(?i)" + "|".join(rf"(?P<{name}>(?<![\w+])(?:{form})(?!\w))" for name, form in _CARRIERS.items()))
_NUMBER = re.compile(r"(?i)track(?:ing)?\W*(?:no|number|code|id)?\W*((?=[A-Z-]*\d)[A-Z0-9-]{8,40})")
_COMPANY = re.compile(rf"(?i)carrier\s*[:=]\s*([^,;\n]*[^,;\s])|\b({'|'.join(_NAMES)})\b")


def tracking(text: str) -> tuple[str, tuple[str, ...]]:
    """
    Read carrier and tracking numbers out of free text; what it does not say is empty.

    A number has the form that a known carrier uses, else it is what follows the word "tracking".
    """
    known = list(_KNOWN.finditer(text))
    numbers = [match[0] for match in known] or _NUMBER.findall(text)
    said = _COMPANY.search(text)
    company = (said[1] or said[2]) if said else next((match.lastgroup or "" for match in known), "")
    unique = dict.fromkeys(number.replace(" ", "").upper() for number in numbers)
    return _NAMES.get(company.lower(), company), tuple(unique)


@attrs.frozen
class ShippingEvent:
    """
    One thing that happened to units of an order.

    Attributes:
        code: The shop's own word for what happened.
        at: When, with its zone.
        note: What staff or a carrier wrote on it.
        lines: Units by line id.
    """

    id: str | int
    order_id: str | int
    code: str
    at: datetime
    note: str = attrs.field(repr=False)
    lines: Counter[str]


@attrs.define
class _Parcel:
    """The units of the event that made it, and the later events over all of them."""

    lines: Counter[str]
    events: list[ShippingEvent]
    told: dict[str, Counter[str]]

    def hear(self, event: ShippingEvent, left: Counter[str]) -> bool:
        """Take out of *left* the units that are in here; say whether all of them have had this event now."""
        told = self.told.setdefault(event.code, Counter())
        taken = left & (self.lines - told)
        told += taken
        left -= taken
        return bool(taken) and told == self.lines

    def fulfillment(self, statuses: Mapping[str, FulfillmentStatus]) -> Fulfillment:
        """Return it as op-core knows it; tracking is in the first note that has a number."""
        first, last = self.events[0], self.events[-1]
        read = [tracking(event.note) for event in self.events]
        company, numbers = next((one for one in read if one[1]), read[0])
        lines = tuple(LineQuantity(line, quantity) for line, quantity in self.lines.items())
        return Fulfillment(first.id, first.order_id, statuses[last.code], lines, first.at, last.at, company, numbers)


def parcels(
    events: Iterable[ShippingEvent],
    statuses: Mapping[str, FulfillmentStatus],
    *,
    returned: Collection[str] = ("returned",),
) -> list[Fulfillment]:
    """
    Put the events of one order, oldest first, together to parcels.

    An event goes to the parcels that hold its units: first to that of just these units, then to that of the same note,
    as a line may be split over two boxes. What was labelled or shipped and is in no parcel yet makes one; so does a
    delivery of what nobody recorded as shipped.

    Args:
        events: Those of a code that *statuses* does not have say nothing of a parcel.
        statuses: What each code means. Those of labels and of shipping make parcels.
        returned: Codes of what customers send back. After a delivery they change nothing, as the parcel had arrived.
    """
    stages = {code: _STAGES.index(status) for code, status in statuses.items() if status in _STAGES}
    made: list[_Parcel] = []
    for event in events:
        if event.code not in statuses:
            continue
        left, stage = event.lines.copy(), stages.get(event.code)
        for one in sorted(made, key=lambda one: (one.lines != event.lines, one.events[0].note != event.note)):
            if stage is None or any(stages.get(code, stage) < stage for code in one.told):
                arrived = statuses[one.events[-1].code] is FulfillmentStatus.DELIVERED
                if one.hear(event, left) and not (arrived and event.code in returned):
                    one.events.append(event)
        held = {line for one in made for line in one.lines}
        new = Counter({line: n for line, n in left.items() if stage is not None or line not in held})
        if new:
            made.append(_Parcel(new, [event], {event.code: new.copy()}))
    return [one.fulfillment(statuses) for one in made]
