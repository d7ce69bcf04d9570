"""What we send in a store's spelling is read back as what was meant, and the other spelling is refused."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.errors import NotSendable
from op_core.models import FulfillmentStatus
from op_core.order_protection.dialects import DOCUMENTED, Dialect
from op_core.order_protection.dialects.sending import canonical, spelled
from op_core.order_protection.schema import UpdateOrder

_SWITCHES = {name: get_args(field.annotation) for name, field in Dialect.model_fields.items()}
DIALECTS = st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _SWITCHES.items()}).map(
    Dialect.model_validate
)
AMOUNTS = st.decimals("0", "99999999.999", places=3)
TIME = "2025-01-31T09:00:00.000Z"
ITEM = {"sourceItemId": "I1", "quantity": 1}
STATUSES = st.sampled_from([str(status) for status in FulfillmentStatus if status != "NOT_DELIVERED"])


@given(DIALECTS, AMOUNTS, STATUSES)
def test_every_spelling_means_the_same(dialect, amount, status):
    """Whatever a store's switches are, its API understands exactly what our models said."""
    parcel = {"sourceFulfillmentId": "F1", "sourceItemIds": [ITEM], "fulfillmentStatus": status, "createdAt": TIME}
    bodies = {
        "ORD-C": {"originalSourceOrderNumber": "1", "sourceCreatedAt": TIME, "total": amount, "fulfillments": [parcel]},
        "ORD-U": {"originalSourceOrderId": "1", "sourceUpdatedAt": TIME, "total": amount, "tax": amount},
        "FUL-C": parcel,
        "FUL-U": {"status": status},
        "PRD-C": {"inventoryQuantity": 3, "productType": "FULL", "price": amount},
        "PRD-U": {"inventoryQuantity": 0, "productType": "SIMPLE"},
    }
    for page, body in bodies.items():
        said = spelled(page, body, dialect)

        assert body == canonical(page, said, dialect)


@pytest.mark.parametrize(
    ("page", "body", "switch", "value"),
    [
        ("ORD-C", {"originalSourceOrderNumber": "1"}, "create_replaces", "originalSourceOrderId"),
        ("ORD-C", {"sourceCreatedAt": TIME}, "times", "seconds"),
        ("ORD-U", {"originalSourceOrderId": "1"}, "update_replaces", "originalSourceOrderNumber"),
        ("ORD-U", {"total": Decimal("1.50")}, "update_amounts", "text"),
        ("FUL-C", {"fulfillmentStatus": "DELIVERED"}, "statuses", "capitalised"),
        ("FUL-U", {"status": "DELIVERED"}, "update_status", "fulfillmentStatus"),
        ("CLM-C", {"fulfillmentIssues": [{"sourceFulfillmentId": "F"}]}, "claim_fulfillment", "fulfillmentSourceId"),
        ("CLM-C", {"salesChannel": "ONLINE"}, "claim_form", "older"),
        ("PRD-C", {"inventoryQuantity": 3}, "inventory_quantity", "text"),
        ("PRD-C", {"productType": "FULL"}, "bundles", "GROUPED"),
    ],
)
def test_the_other_spelling_is_refused(page, body, switch, value):
    """An API that speaks one way does not take the other, and says which field."""
    other = Dialect.model_validate({switch: value})

    assert body == canonical(page, body, DOCUMENTED)
    with pytest.raises(NotSendable, match=rf"\(page {page}\)"):
        canonical(page, body, other)


def test_text_that_looks_like_a_time_is_left_alone_by_default():
    """Only the switch of times touches any text, and only what is a time and no more."""
    note = {"tags": f"paid at {TIME}", "sourceCreatedAt": TIME}

    assert note == spelled("ORD-C", note, DOCUMENTED)
    assert {**note, "sourceCreatedAt": "2025-01-31T09:00:00Z"} == spelled("ORD-C", note, Dialect(times="seconds"))


def test_a_body_is_never_changed_in_place():
    """What a caller holds stays as it was."""
    body = UpdateOrder(original_source_order_id="1", total=Decimal("1.50")).to_wire()
    before = dict(body)
    spelled("ORD-U", body, Dialect(update_replaces="originalSourceOrderNumber", update_amounts="text"))

    assert before == body


@pytest.mark.parametrize(("form", "text"), list(product(["number", "text"], ["", "x", "1e", "NaN", "1,5"])))
def test_text_that_spells_no_amount_is_refused(form, text):
    """In neither form is a text an amount that spells none."""
    with pytest.raises(NotSendable, match=r"total: found text.*\(page ORD-U\)"):
        canonical("ORD-U", {"total": text}, Dialect(update_amounts=form))
