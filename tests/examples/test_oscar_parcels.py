"""The Oscar example: parcels out of shipping events, tracking out of free text."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def parcels(oscar_example):
    return oscar_example("oscar_parcels")


def test_events_find_their_parcel(parcels):
    """Labels are taken over, halves add up, notes tell twins apart, and a return after delivery is none."""

    def event(n, code, note="", **lines):
        return parcels.ShippingEvent(n, 1, code, NOW + timedelta(hours=n), note, Counter(lines))

    def read(*events):
        return [(int(one.id), one.status.value) for one in parcels.parcels(events)]

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
def test_tracking_is_read_out_of_notes(parcels, note, company, numbers):
    """Several spellings, several numbers, the carrier by name or by the number's form; nothing is made up."""
    assert (company, numbers) == parcels.tracking(note)
