"""Answers are read whatever the pages disagree about, and nothing that came is lost."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.order_protection.answers import ReadClaim, ReadFulfillment, ReadOrder, ReadQuote
from op_core.order_protection.jsonmoney import loads

WIRE = Path(__file__).parents[1] / "data" / "wire"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_documented_claim():
    """The page's own claims are read, with everything kept as it came."""
    raw = loads((WIRE / "claims_by_order.response.json").read_bytes())[0]
    claim = ReadClaim.model_validate(raw)
    assert ("order_77", "llhVsSDgn", "APPROVED", "RESHIP") == (
        claim.order_id,
        claim.source_order_id,
        claim.claim_state,
        claim.resolution_requested,
    )
    assert datetime(2023, 11, 7, 5, 31, 56, tzinfo=UTC) == claim.created_at
    assert [("item_77", 1)] == [(item.item_id, item.quantity) for item in claim.claim_items]
    (resolution,) = claim.claim_resolutions
    assert ("STORE_CREDIT", Decimal(100), "USD") == (
        resolution.resolution_type,
        resolution.paid_value,
        resolution.paid_currency,
    )
    assert raw == claim.raw


def test_the_other_page_of_claims():
    """A resolution in the shape of the list of claims is read too (C-18)."""
    claim = ReadClaim.model_validate(
        {"id": "c1", "claimType": None, "claimResolutions": [{"resolution": "refund", "claimState": "Resolved"}]}
    )
    assert ("REFUND", "RESOLVED") == (
        claim.claim_resolutions[0].resolution_type,
        claim.claim_resolutions[0].claim_state,
    )
    assert claim.claim_type is None


def test_fulfillments_of_both_pages_read_alike():
    """Ids, tracking and status come out alike from the pages of orders and of fulfillments (C-12, C-14)."""
    of_order = {
        "fulfillmentStatus": "shipped",
        "trackingNumber": "T-1",
        "sourceItemIds": [{"id": "I-1", "quantity": 1}],
    }
    of_list = {
        "fulfillmentStatus": "SHIPPED",
        "trackingNumber": ["T-1"],
        "sourceItemIds": [{"sourceItemId": "I-1", "quantity": 1}],
    }
    read = [ReadFulfillment.model_validate(said) for said in (of_order, of_list)]
    assert [("SHIPPED", ("T-1",), "I-1", 1)] * 2 == [
        (
            one.fulfillment_status,
            one.tracking_number,
            one.source_item_ids[0].source_item_id,
            one.source_item_ids[0].quantity,
        )
        for one in read
    ]


def test_orders():
    """Money may be text (C-10) or a date (C-11), and a replacement is named in two ways (C-9)."""
    order = ReadOrder.model_validate(
        {
            "sourceOrderId": 5,
            "total": "15.40",
            "premiumPaid": "2000-05-15T21:00:00.000Z",
            "originalSourceOrderNumber": "4",
            "policyCancelledAt": "2025-01-02T03:04:05.678Z",
            "orderItems": [{"id": "op-i", "sourceItemId": "I-1", "refundedQuantity": 1, "price": Decimal("3.10")}],
        }
    )
    assert ("5", Decimal("15.40"), None, "4") == (
        order.source_order_id,
        order.total,
        order.premium_paid,
        order.original_source_order_id,
    )
    assert datetime(2025, 1, 2, 3, 4, 5, 678000, tzinfo=UTC) == order.policy_cancelled_at
    assert ("op-i", "I-1", 1, Decimal("3.10")) == (
        order.order_items[0].id,
        order.order_items[0].source_item_id,
        order.order_items[0].refunded_quantity,
        order.order_items[0].price,
    )
    assert "2000-05-15T21:00:00.000Z" == order.raw["premiumPaid"]


@pytest.mark.parametrize("model", [ReadOrder, ReadClaim, ReadQuote])
@given(data=st.data())
def test_nothing_is_refused(model, data):
    """Whatever stands in a field, the rest is read and all of it is kept."""
    names = st.sampled_from([field.alias for field in model.model_fields.values()])
    raw = data.draw(st.dictionaries(names | st.text(), ANYTHING))

    assert raw == model.model_validate(raw).raw


@pytest.mark.parametrize("said", [None, "customer", 1, [], True])
def test_a_part_that_is_no_object_says_nothing(said):
    """A claim without a policy, and a rule without terms, are read as far as they go."""
    assert ReadClaim.model_validate({"id": "c1", "policy": said}).policy.id is None
    quote = ReadQuote.model_validate({"id": "q1", "rules": [{"terms": said}, {"terms": {"customer": said}}]})
    assert [None, None] == [rule.terms.customer.amount for rule in quote.rules]


def test_repr_holds_nothing_personal():
    """A repr shows ids and states, never what a customer wrote."""
    raw = {"id": "c1", "claimState": "NEW", "authorEmail": "customer@example.com", "claimDescription": "private"}
    shown = repr(ReadClaim.model_validate(raw))
    assert "ReadClaim(id='c1', source_order_id=None, claim_state='NEW')" == shown
