"""Protection changed by PUT order: which field may say so, and whether it comes back as a webhook."""

from __future__ import annotations

from decimal import Decimal

import pytest

LATER = "2025-02-01T09:00:00.000Z"


@pytest.fixture
def put(call, placed, sandbox, receiver):
    """Update the order, which has a premium of 1.50, and return the webhooks that came of it."""

    def send(**body):
        before = len(receiver.events)
        assert 200 == call("PUT", f"/v1/orders/{placed}", body).status
        assert sandbox.settle()
        return [
            (event["topic"], event["body"]["amount"], event["body"]["source_order_id"])
            for event in receiver.events[before:]
        ]

    return send


def test_by_default_nothing_comes_back(put):
    """No page says that a change by PUT fires a webhook (G-3)."""
    assert ([], []) == (put(premiumPaid=0), put(premiumPaid=Decimal("2.00")))


def test_a_premium_that_goes_or_comes_is_echoed(call, put, placed):
    """With the switch, it does: with the premium that was there, or is."""
    call("PUT", "/sandbox/behaviour", {"echo": True})
    assert [("protection.removed", Decimal("1.50"), placed)] == put(premiumPaid=0)
    assert [("protection.added", Decimal("2.25"), placed)] == put(premiumPaid=Decimal("2.25"))


def test_what_does_not_change_protection_is_not_echoed(call, put):
    """Another total, or another premium, is no change of protection."""
    call("PUT", "/sandbox/behaviour", {"echo": True})
    assert [] == [*put(total=Decimal("80.10")), *put(premiumPaid=Decimal("2.00")), *put(premiumPaid=Decimal("2.00"))]


def test_the_time_of_the_end_is_echoed(call, put, placed):
    """Where ``policyCancelledAt`` takes protection away, it alone is a change, and so is its null."""
    call("PUT", "/sandbox/behaviour", {"echo": True, "wire": {"cancels_protection": "policyCancelledAt"}})
    assert [("protection.removed", Decimal("1.50"), placed)] == put(policyCancelledAt=LATER)
    assert [] == put(policyCancelledAt=LATER)
    assert [("protection.added", Decimal("1.50"), placed)] == put(policyCancelledAt=None)
    assert call("GET", f"/v1/orders/{placed}").json["policyCancelledAt"] is None


def test_the_time_of_the_end_is_taken_only_where_the_switch_says_so(call, placed):
    """By the pages, the field is of GET order only (G-2); the description says the same as the check."""
    for cancels, status in (("premiumPaid", 400), ("policyCancelledAt", 200), ("both", 200)):
        call("PUT", "/sandbox/behaviour", {"wire": {"cancels_protection": cancels}})
        answer = call("PUT", f"/v1/orders/{placed}", {"policyCancelledAt": LATER})
        assert status == answer.status
        assert status == 200 or answer.json["field"] == "policyCancelledAt"
        update = call("GET", "/openapi.json", token=None).json["components"]["schemas"]["UpdateOrder"]
        assert (status == 200) is ("policyCancelledAt" in update["properties"])
