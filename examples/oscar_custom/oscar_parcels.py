"""Parcels out of shipping events, and tracking out of what staff wrote on them: Oscar has no field for either."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

import attrs

from op_core.models import Fulfillment, FulfillmentStatus, LineQuantity

__all__ = ["STATUSES", "ShippingEvent", "parcels", "tracking"]

STATUSES = {
    "label-created": FulfillmentStatus.LABEL_PRINTED,
    "shipped": FulfillmentStatus.IN_TRANSIT,
    "out-for-delivery": FulfillmentStatus.OUT_FOR_DELIVERY,
    "delivered": FulfillmentStatus.DELIVERED,
    "lost-in-transit": FulfillmentStatus.FAILURE,  # NOT_DELIVERED is in one copy of the API's pages only (C-13)
    "returned": FulfillmentStatus.FAILURE,
}
_MAKES_ONE = ("label-created", "shipped")
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


def tracking(note: str) -> tuple[str, tuple[str, ...]]:
    """
    Read carrier and tracking numbers out of a note; what it does not say is empty.

    A number has the form that a known carrier uses, else it is what follows the word "tracking".
    """
    known = list(_KNOWN.finditer(note))
    numbers = [match[0] for match in known] or _NUMBER.findall(note)
    said = _COMPANY.search(note)
    company = (said[1] or said[2]) if said else next((match.lastgroup or "" for match in known), "")
    unique = dict.fromkeys(number.replace(" ", "").upper() for number in numbers)
    return _NAMES.get(company.lower(), company), tuple(unique)


@attrs.frozen
class ShippingEvent:
    """One shipping event: of which type, over which units, and what staff wrote on it."""

    id: int
    order_id: int
    code: str
    at: datetime
    note: str
    lines: Counter[str]


@attrs.define
class _Parcel:
    """The units of the event that made it, and the later events over all of them."""

    lines: Counter[str]
    events: list[ShippingEvent]
    told: dict[str, Counter[str]]

    def hear(self, event: ShippingEvent, left: Counter[str]) -> None:
        """Take out of *left* the units that are in here; once all of them had this event, it is the parcel's."""
        told = self.told.setdefault(event.code, Counter())
        taken = left & (self.lines - told)
        told += taken
        left -= taken
        came_back = (event.code, self.events[-1].code) == ("returned", "delivered")  # by the customer: it had arrived
        if taken and told == self.lines and not came_back:
            self.events.append(event)

    def fulfillment(self) -> Fulfillment:
        """Return it as op-core knows it; tracking is in the first note that has a number."""
        first, last = self.events[0], self.events[-1]
        read = [tracking(event.note) for event in self.events]
        company, numbers = next((one for one in read if one[1]), read[0])
        lines = tuple(LineQuantity(line, quantity) for line, quantity in self.lines.items())
        return Fulfillment(first.id, first.order_id, STATUSES[last.code], lines, first.at, last.at, company, numbers)


def parcels(events: Iterable[ShippingEvent]) -> list[Fulfillment]:
    """
    Put the events of one order, oldest first, together to parcels.

    An event goes to the parcels that hold its units: first to that of just these units, then to that of the same note,
    as a line may be split over two boxes. What was labelled or shipped and is in no parcel yet makes one; so does a
    delivery of what nobody recorded as shipped.
    """
    made: list[_Parcel] = []
    for event in events:
        left = event.lines.copy()
        for one in sorted(made, key=lambda one: (one.lines != event.lines, one.events[0].note != event.note)):
            if event.code not in _MAKES_ONE or (event.code == "shipped" and "label-created" in one.told):
                one.hear(event, left)
        held = {line for one in made for line in one.lines}
        new = Counter({line: n for line, n in left.items() if event.code in _MAKES_ONE or line not in held})
        if new:
            made.append(_Parcel(new, [event], {event.code: new.copy()}))
    return [one.fulfillment() for one in made]
