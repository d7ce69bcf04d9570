"""What Oscar's warehouse writes down of a parcel."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from oscar_tables import Tables, stamp

from op_core.models import Fulfillment, FulfillmentStatus
from op_core.testing.subject import CannotHold

__all__ = ["put"]

EVENTS = {
    FulfillmentStatus.LABEL_PRINTED: ("label-created",),
    FulfillmentStatus.IN_TRANSIT: ("shipped",),
    FulfillmentStatus.OUT_FOR_DELIVERY: ("shipped", "out-for-delivery"),
    FulfillmentStatus.DELIVERED: ("shipped", "delivered"),
    FulfillmentStatus.FAILURE: ("shipped", "lost-in-transit"),
}


def put(to: Tables, order_id: int, parcel: Fulfillment, lines: dict[str, int]) -> list[datetime]:
    """Write its events, over the lines by the ids that the order was given with, and return when they were."""
    codes = EVENTS.get(parcel.status)
    if codes is None:
        raise CannotHold(f"Oscar's warehouse has no event that says {parcel.status}")
    if any(re.fullmatch(r"(?=[A-Z-]*\d)[A-Z0-9-]{8,40}", number) is None for number in parcel.tracking_numbers):
        raise CannotHold("Oscar keeps tracking in free text, where only 8 to 40 letters and digits are a number")
    note = ", ".join(
        [f"Carrier: {parcel.tracking_company}"] * bool(parcel.tracking_company)
        + [f"tracking: {number}" for number in parcel.tracking_numbers]
    )
    later = parcel.updated_at or parcel.created_at + timedelta(seconds=1)
    times = [parcel.created_at, later][: len(codes)]
    for at, code in zip(times, codes, strict=True):
        kind = to.id("select id from order_shippingeventtype where code = ?", code)
        event = to.insert(
            "order_shippingevent", order_id=order_id, event_type_id=kind, notes=note, date_created=stamp(at)
        )
        for line in parcel.lines:
            to.insert(
                "order_shippingeventquantity", event_id=event, line_id=lines[line.line_id], quantity=line.quantity
            )
    return times
