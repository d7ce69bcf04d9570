"""Claims, protection and reports."""

from __future__ import annotations

from decimal import Decimal

import pytest


@pytest.fixture
def claim(call, placed):
    """File a claim about one lamp and return its id."""
    body = {"source_order_id": placed, "items": [{"sourceItemId": "I1", "quantity": 1}], "type": "MISSING_ITEM"}
    return call("POST", "/sandbox/claims", body).json["claim_id"]


def test_filed_claim_reads_back(call, placed, claim):
    """A filed claim is NEW under its order, with the API's own ids of order and item."""
    order = call("GET", f"/v1/orders/{placed}").json
    [read] = call("GET", f"/v1/orders/{placed}/claims").json
    assert (claim, "NEW", "MISSING_ITEM", placed) == tuple(
        read[name] for name in ("id", "claimState", "claimType", "sourceOrderId")
    )
    assert order["id"] == read["orderId"]
    assert [(order["orderItems"][0]["id"], 1)] == [(item["itemId"], item["quantity"]) for item in read["claimItems"]]


def test_read_claim_has_the_documented_fields(call, placed, claim, wire_sample):
    """A claim that was approved and spoken about has every field of the sample on page CLM-O, and no other."""
    call("POST", f"/sandbox/claims/{claim}/approve")
    call("POST", f"/sandbox/claims/{claim}/message", {"message": "on its way"})
    [sample], [read] = wire_sample("claims_by_order.response.json"), call("GET", f"/v1/orders/{placed}/claims").json
    assert set(sample) == set(read)
    for part in ("claimItems", "claimMessages", "claimResolutions"):
        assert set(sample[part][0]) == set(read[part][0])
    assert set(sample["policy"]) == set(read["policy"])


def test_whole_order_by_default(call, placed):
    """A claim that names no items is about all of them."""
    call("POST", "/sandbox/claims", {"source_order_id": placed})
    [read] = call("GET", f"/v1/orders/{placed}/claims").json
    assert [2, 1] == [item["quantity"] for item in read["claimItems"]]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"source_order_id": "none"}, 404, None),
        ({"type": "LOST"}, 400, "type"),
        ({"items": [{"sourceItemId": "I9"}]}, 400, "items[0].sourceItemId"),
        ({"items": [{"sourceItemId": "I1", "quantity": 0}]}, 400, "items[0].quantity"),
        ({"kind": "DAMAGED"}, 400, "kind"),
    ],
)
def test_file_is_strict(call, placed, change, status, field):
    """A claim about nothing that is there, or with an unknown field, is refused."""
    answer = call("POST", "/sandbox/claims", {"source_order_id": placed} | change)
    assert (status, field) == (answer.status, answer.json["field"])


def test_states(call, placed, claim):
    """A claim is APPROVED or DENIED by the last decision; an unknown claim is 404."""

    def state():
        return call("GET", f"/v1/orders/{placed}/claims").json[0]["claimState"]

    assert call("POST", f"/sandbox/claims/{claim}/approve", {}).status == 201
    assert state() == "APPROVED"
    assert call("POST", f"/sandbox/claims/{claim}/deny", {"reason": "NO_RESPONSE"}).status == 201
    assert state() == "DENIED"
    assert call("POST", f"/sandbox/claims/{claim}/deny", {"reason": "MOOD"}).json["field"] == "reason"
    assert call("POST", "/sandbox/claims/none/approve", {}).status == 404


def test_protection_marks_the_order(call, placed):
    """Removed protection shows as policyCancelledAt, added protection takes it away; fields stay as sent."""
    call("POST", "/sandbox/protection", {"source_order_id": placed, "action": "remove"})
    removed = call("GET", f"/v1/orders/{placed}").json
    call("POST", "/sandbox/protection", {"source_order_id": placed, "action": "add", "amount": Decimal("2.00")})
    added = call("GET", f"/v1/orders/{placed}").json
    assert removed["policyCancelledAt"] is not None
    assert added["policyCancelledAt"] is None
    assert "1.50" == str(added["premiumPaid"])


def test_protection_needs_an_amount(call, order):
    """Protection of an order without a premium needs an amount."""
    body = order()
    del body["premiumPaid"]
    call("POST", "/v1/orders", body)
    asked = {"source_order_id": body["sourceOrderId"], "action": "remove"}
    assert call("POST", "/sandbox/protection", asked).json["field"] == "amount"


def test_report_once_per_reference(call, claim):
    """A report is kept once per reference: 201, then 200; another reference is another report."""
    path = f"/v1/claims/{claim}/resolutions"
    report = {"resolution": "REFUND", "reference": "OP-1", "amount": Decimal("40.00"), "shopId": "R1"}
    statuses = [call("POST", path, report | {"reference": ref}).status for ref in ("OP-1", "OP-1", "OP-2")]
    assert [201, 200, 201] == statuses
    kept = [one["report"] for one in call("GET", "/sandbox/reports").json["reports"] if one["claim_id"] == claim]
    assert [report, report | {"reference": "OP-2"}] == kept


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"verb": "refund"}, "reference"),
        ({"reference": "OP-1"}, "resolution"),
        ({"verb": 1, "reference": "x"}, "verb"),
    ],
)
def test_report_is_strict(call, claim, body, field):
    """A report names its reference and its resolution or verb."""
    answer = call("POST", f"/v1/claims/{claim}/resolutions", body)
    assert (400, field) == (answer.status, answer.json["field"])


def test_report_needs_a_claim(call):
    """A report about a claim that nobody filed is refused."""
    assert call("POST", "/v1/claims/none/resolutions", {"verb": "refund", "reference": "OP-1"}).status == 404


@pytest.mark.parametrize("what", ["orders", "fulfillments", "claims", "deliveries", "webhooks", "reports"])
def test_everything_can_be_looked_at(call, what):
    """Each list of the sandbox answers under its own name."""
    assert isinstance(call("GET", f"/sandbox/{what}").json[what], list)
