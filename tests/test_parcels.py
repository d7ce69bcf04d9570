"""Parcels out of shipping events, tracking out of free text."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from op_core.models import FulfillmentStatus
from op_core.parcels import ShippingEvent, parcels, tracking

NOW = datetime(2026, 12, 1, tzinfo=UTC)
STATUSES = {
    "label-created": FulfillmentStatus.LABEL_PRINTED,
    "shipped": FulfillmentStatus.IN_TRANSIT,
    "delivered": FulfillmentStatus.DELIVERED,
    "lost": FulfillmentStatus.FAILURE,
    "returned": FulfillmentStatus.FAILURE,
}


def event(n, code, note="", **lines):
    return ShippingEvent(n, 1, code, NOW + timedelta(hours=n), note, Counter(lines))


def read(*events, statuses=STATUSES, **said):
    return [(int(one.id), one.status.value) for one in parcels(events, statuses, **said)]


def test_events_find_their_parcel():
    """Labels are taken over, halves add up, notes tell twins apart, and a return after delivery is none."""
    label, shipped, arrived = event(1, "label-created", a=2), event(2, "shipped", a=2), event(3, "delivered", a=2)
    twins = [event(1, "shipped", "first", a=1), event(2, "shipped", "second", a=1)]

    assert [(1, "LABEL_PRINTED")] == read(label)
    assert [(1, "IN_TRANSIT")] == read(label, shipped)
    assert [(2, "IN_TRANSIT")] == read(shipped, event(3, "delivered", a=1))
    assert [(2, "DELIVERED")] == read(shipped, event(3, "delivered", a=1), event(4, "delivered", a=1))
    assert [(2, "DELIVERED")] == read(shipped, arrived, event(4, "returned", a=2))
    assert [(2, "FAILURE")] == read(shipped, event(4, "returned", a=2))
    assert [(1, "IN_TRANSIT"), (2, "DELIVERED")] == read(*twins, event(3, "delivered", "second", a=1))
    assert [(1, "DELIVERED"), (2, "DELIVERED")] == read(*twins, arrived, event(4, "delivered", a=2))
    assert [(3, "DELIVERED")] == read(arrived)


def test_each_shop_has_its_own_codes():
    """Stages take a parcel over in their order, whatever they are called; what the table lacks says nothing."""
    own = {
        "bought": FulfillmentStatus.LABEL_PURCHASED,
        "printed": FulfillmentStatus.LABEL_PRINTED,
        "fetched": FulfillmentStatus.CARRIER_PICKED_UP,
        "rolling": FulfillmentStatus.IN_TRANSIT,
        "there": FulfillmentStatus.DELIVERED,
        "back": FulfillmentStatus.FAILURE,
    }
    stages = [event(n, code, a=1) for n, code in enumerate(own, 1)]

    def told(*events, **said):
        return read(*events, statuses=own, **said)

    assert [(1, "LABEL_PRINTED")] == told(*stages[:2])
    assert [(1, "IN_TRANSIT")] == told(*stages[:4])
    assert [(3, "IN_TRANSIT")] == told(*stages[2:4])
    assert [(1, "FAILURE")] == told(*stages)
    assert [(1, "DELIVERED")] == told(*stages, returned=["back"])
    assert [(4, "IN_TRANSIT"), (9, "CARRIER_PICKED_UP")] == told(stages[3], event(9, "fetched", a=1))
    assert [] == told(event(1, "weighed", a=1))


def test_what_is_lost_after_it_arrived_is_lost():
    """Only a return leaves a delivered parcel as it was."""
    assert [(1, "FAILURE")] == read(event(1, "shipped", a=1), event(2, "delivered", a=1), event(3, "lost", a=1))


@pytest.mark.parametrize(
    ("note", "company", "numbers"),
    [
        ("", "", ()),
        ("left at the back door, gate 12", "", ()),
        ("Carrier: OnTrac, tracking: C00005295324455", "OnTrac", ("C00005295324455",)),
        ("USPS 9400100000008666647763", "USPS", ("9400100000008666647763",)),
        ("1z999aa18252184304", "UPS", ("1Z999AA18252184304",)),
        ("1Z 999 AA1 82 5218 4304", "UPS", ("1Z999AA18252184304",)),
        ("fedex 005868557578 and 003970719073", "FedEx", ("005868557578", "003970719073")),
        ("Carrier: Royal mail; tracking no. AB123456789GB", "Royal Mail", ("AB123456789GB",)),
        ("Carrier: Bike Courier, Tracking# bc-00017-x", "Bike Courier", ("BC-00017-X",)),
        ("tracking information was sent", "", ()),
        ("phone +141555501234", "", ()),
        ("handed to UPS", "UPS", ()),
    ],
)
def test_tracking_is_read_out_of_notes(note, company, numbers):
    """Several spellings, several numbers, the carrier by name or by the number's form; nothing is made up."""
    assert (company, numbers) == tracking(note)
