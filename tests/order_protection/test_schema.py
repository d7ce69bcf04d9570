"""What we send is checked against the pages before it leaves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest

from op_core.errors import NotSendable
from op_core.models import FulfillmentStatus
from op_core.order_protection.currencies import CURRENCIES
from op_core.order_protection.jsonmoney import dumps, loads
from op_core.order_protection.schema import (
    CreateFulfillment,
    CreateOrder,
    CreateProduct,
    FileClaim,
    FileOfflineClaim,
    FulfilledItem,
    OrderItem,
    PlatformId,
    UpdateFulfillment,
    UpdateOrder,
    Warranty,
    WireAddress,
)

WIRE = Path(__file__).parents[1] / "data" / "wire"


@pytest.fixture
def documented():
    return loads((WIRE / "create_order.request.json").read_bytes())


def small(**more):
    """Return the smallest order that the page takes."""
    return CreateOrder(
        source_order_id="S-1",
        source_created_at=datetime(2025, 1, 31, 9, tzinfo=UTC),
        platform_id=PlatformId.API,
        currency="USD",
        total=Decimal("15.40"),
        subtotal=Decimal("11.30"),
        order_items=(OrderItem(source_item_id="I-1", product_name="Lamp", quantity=1, price=Decimal("11.30")),),
        address=WireAddress(country="US"),
        **more,
    )


def test_documented_sample_comes_out_as_it_went_in(documented):
    """The page's own sample is taken and sent on unchanged."""
    assert documented == CreateOrder.model_validate(documented).to_wire()
    assert documented == loads(dumps(CreateOrder.model_validate(documented).to_wire()))


def test_what_is_none_is_left_out():
    """Only what is known is sent, under the names of the wire, amounts with all their digits."""
    expected = (
        b'{"sourceOrderId":"S-1","sourceCreatedAt":"2025-01-31T09:00:00.000Z","platformId":"api","currency":"USD",'
        b'"total":15.40,"subtotal":11.30,"orderItems":[{"sourceItemId":"I-1","productName":"Lamp","quantity":1,'
        b'"price":11.30}],"address":{"country":"US"}}'
    )
    assert expected == dumps(small().to_wire())


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (datetime(2025, 1, 31, 9, 0, 0, 123999, tzinfo=UTC), "2025-01-31T09:00:00.123Z"),
        (datetime(2025, 1, 31, 9, tzinfo=timezone(timedelta(hours=2))), "2025-01-31T07:00:00.000Z"),
        ("2025-01-31T09:00:00+05:30", "2025-01-31T03:30:00.000Z"),
    ],
)
def test_times_go_out_as_utc_with_milliseconds(time, text):
    """Every time is sent in UTC, to the millisecond, with a Z."""
    assert text == small(source_updated_at=time).to_wire()["sourceUpdatedAt"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"total": "15.40"}, "CreateOrder.total: found text; expected a number, not text"),
        ({"total": 1.5}, "CreateOrder.total: found a float; not an amount"),
        ({"total": True}, "CreateOrder.total: found true or false; not an amount"),
        ({"tax": Decimal("NaN")}, "CreateOrder.tax: found a number; not an amount: not finite"),
        ({"curency": "USD"}, "CreateOrder.curency: not a field of this page, the nearest is currency"),
        ({"currency": "usd"}, "CreateOrder.currency: found text; expected one of the 302 codes"),
        ({"platformId": "saleor"}, "CreateOrder.platformId: found text; Input should be 'shopify'"),
        (
            {"sourceCreatedAt": "2025-01-31T09:00:00"},
            "CreateOrder.sourceCreatedAt: found text; expected a time with its",
        ),
        ({"sourceOrderId": ""}, "CreateOrder.sourceOrderId: found text; expected text that is not empty"),
        ({"sourceOrderId": 5}, "CreateOrder.sourceOrderId: found a whole number; expected text"),
        ({"orderItems": {}}, "CreateOrder.orderItems: found an object; expected a list"),
        ({"orderItems": [{"quantity": 1}]}, "CreateOrder.orderItems.0.sourceItemId: required, and missing"),
        ({"address": None}, "CreateOrder.address: found nothing; expected an object"),
        ({"customerName": "a\ud800"}, r"CreateOrder.customerName: found text; expected text without U\+0000"),
    ],
)
def test_what_the_page_does_not_take_is_not_sendable(documented, change, message):
    """A refusal names the field, the kind of value, the rule and the page."""
    with pytest.raises(NotSendable, match=message + r".*\(page ORD-C\)"):
        CreateOrder.model_validate(documented | change)


REQUIRED = ["sourceOrderId", "sourceCreatedAt", "platformId", "currency", "total", "subtotal", "orderItems", "address"]


@pytest.mark.parametrize("field", REQUIRED)
def test_required_fields(documented, field):
    """Each field that the page requires is required."""
    del documented[field]
    with pytest.raises(NotSendable, match=f"CreateOrder.{field}: required, and missing"):
        CreateOrder.model_validate(documented)


def test_refusals_and_reprs_hold_nothing_personal(documented):
    """Neither a refusal nor a repr shows what a customer told."""
    with pytest.raises(NotSendable) as caught:
        CreateOrder.model_validate(documented | {"customerEmail": ["customer@example.com"], "tags": {"x": "private"}})
    assert "customer@example.com" not in str(caught.value)
    assert "private" not in str(caught.value)
    assert "source_order_id='S-1'" == repr(small(customer_email="customer@example.com"))[12:-1]


def test_update_takes_the_sampled_text_amounts_and_sends_numbers():
    """Page ORD-U types a number and samples text (C-10): both are taken, numbers are sent."""
    body = UpdateOrder.model_validate({"premiumPaid": "1.50", "total": Decimal("15.40")})
    assert b'{"premiumPaid":1.50,"total":15.40}' == dumps(body.to_wire())


@pytest.mark.parametrize("field", ["orderItems", "address", "tags", "fulfillments", "riskLevel", "premiumCost"])
def test_update_refuses_what_its_page_does_not_show(field):
    """PUT carries only what its page shows (G-15)."""
    with pytest.raises(NotSendable, match=rf"UpdateOrder.{field}: not a field .*\(page ORD-U\)"):
        UpdateOrder.model_validate({field: "x"})


def test_fulfillments():
    """A parcel goes out with lists for tracking, its status in capitals, and ids under their own name."""
    body = CreateFulfillment(
        source_fulfillment_id="F-1",
        source_item_ids=(FulfilledItem(source_item_id="I-1", quantity=2),),
        fulfillment_status=FulfillmentStatus.IN_TRANSIT,
        tracking_number=("T-1",),
    )
    expected = {
        "sourceFulfillmentId": "F-1",
        "sourceItemIds": [{"sourceItemId": "I-1", "quantity": 2}],
        "fulfillmentStatus": "IN_TRANSIT",
        "trackingNumber": ["T-1"],
    }
    assert expected == body.to_wire()
    assert {"status": "DELIVERED"} == UpdateFulfillment(status=FulfillmentStatus.DELIVERED).to_wire()


@pytest.mark.parametrize("status", ["canceled", "Fulfilled", ""])
def test_unknown_statuses_are_not_sendable(status):
    """A status outside the page's list is refused, a cancelled one included (C-15)."""
    with pytest.raises(NotSendable, match=r"UpdateFulfillment.status: .*\(page FUL-U\)"):
        UpdateFulfillment.model_validate({"status": status})


def test_currencies():
    """The list has the 302 codes of the page."""
    assert 302 == len(CURRENCIES)
    assert {"USD", "EUR", "JPY", "ADP", "ZWR"} <= CURRENCIES


# --- Currencies ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["USD", "DEM", "FRF", "ITL", "ZWL", "XTS", "JPY", "BHD"])
def test_currencies_of_today_and_of_the_past_are_taken(code):
    """Every code of the page's list, historic ones too."""
    assert code == small().model_copy(update={"currency": code}).currency
    assert code == UpdateOrder(currency=code).to_wire()["currency"]


@pytest.mark.parametrize(
    ("code", "nearest"), [("USB", "USD"), ("usd", "USD"), ("EURO", "EUR"), ("GPB", "GBP"), ("JPN", "JPY")]
)
def test_another_currency_is_refused_with_the_nearest_codes(code, nearest):
    """A slip is named, with what was probably meant."""
    with pytest.raises(
        NotSendable, match=rf"UpdateOrder\.currency: found text; expected one of the 302 codes.*{nearest}"
    ):
        UpdateOrder(currency=code)


def test_a_currency_that_is_near_none_is_refused_with_an_example():
    """Where no code is near, the text shows one all the same."""
    with pytest.raises(NotSendable, match="such as USD"):
        UpdateOrder(currency="12345")


# --- Claims and products -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"signature": "signature.png"}, r"FileOfflineClaim\.signature: found text; expected an address"),
        ({"issueType": "BROKEN"}, r"FileOfflineClaim\.issueType: found text; .*'STOLEN'"),
        ({"resolution": {"desiredMethod": "REFUND"}}, r"FileOfflineClaim\.resolution: found an object"),
        ({"storeId": ""}, r"FileOfflineClaim\.storeId: found text; expected text that is not empty"),
        ({"salesChanel": "ONLINE"}, r"FileOfflineClaim\.salesChanel: not a field of this page, the nearest is salesCh"),
        (
            {"warranty": {"warrantyPeriod": "one year"}},
            r"FileOfflineClaim\.warranty\.warrantyPeriod: found text; expected an ISO 8601",
        ),
        (
            {"warranty": {"dateOfPurchase": "2024-01-15"}},
            r"FileOfflineClaim\.warranty\.dateOfPurchase: found text; expected a time with",
        ),
        ({"item": {"price": "99.99"}}, r"FileOfflineClaim\.item\.price: found text; expected a number, not text"),
        (
            {"item": {"images": "https://example.com/1.jpg"}},
            r"FileOfflineClaim\.item\.images: found text; expected a list",
        ),
        ({"shippingAddress": {"lat": 40.7}}, r"FileOfflineClaim\.shippingAddress\.lat: found a float"),
    ],
)
def test_an_offline_claim_that_the_page_would_refuse(change, message):
    """Refused before it is sent: with the field, the kind of what was found, the rule and the page."""
    body = loads((WIRE / "offline_claim.request.json").read_bytes()) | change
    with pytest.raises(NotSendable, match=rf"{message}.*\(page CLM-F\)"):
        FileOfflineClaim.model_validate(body)


def test_an_offline_claim_may_be_signed_by_nothing():
    """The page says so: an empty signature goes out."""
    body = loads((WIRE / "offline_claim.request.json").read_bytes()) | {"signature": ""}

    assert body == FileOfflineClaim.model_validate(body).to_wire()


@pytest.mark.parametrize("period", ["P1Y", "P2Y6M", "P90D", "P4W"])
def test_warranty_periods(period):
    """ISO 8601 durations of days and more."""
    assert period == Warranty(warranty_period=period).warranty_period


@pytest.mark.parametrize("period", ["P", "1Y", "PT5M", "P1Y\n", "P-1Y", ""])
def test_what_is_no_warranty_period(period):
    """Anything else is refused; a warranty is not counted in hours."""
    with pytest.raises(NotSendable, match="ISO 8601 duration"):
        Warranty(warranty_period=period)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"status": "SOLD"}, r"CreateProduct\.status: found text"),
        ({"inventoryQuantity": Decimal("1.5")}, r"CreateProduct\.inventoryQuantity: found a number; expected a whole"),
        ({"price": "40.00"}, r"CreateProduct\.price: found text; expected a number, not text"),
        ({"inStock": "yes"}, r"CreateProduct\.inStock: found text; expected true or false"),
        ({"productImage": "lamp.png"}, r"CreateProduct\.productImage: found text; expected an address"),
        ({"stock": 1}, r"CreateProduct\.stock: not a field of this page, the nearest is inStock"),
    ],
)
def test_a_product_that_the_page_would_refuse(change, message):
    """Refused before it is sent, as an order is."""
    body = {"productId": "P1", "status": "ACTIVE", "name": "Lamp", "price": Decimal("40.00"), "inventoryQuantity": 7,
            "productType": "SIMPLE"}  # fmt: skip
    with pytest.raises(NotSendable, match=rf"{message}.*\(page PRD-C\)"):
        CreateProduct.model_validate(body | change)


def test_nothing_personal_is_shown():
    """Neither a repr nor an error shows what a customer wrote."""
    claim = FileClaim(email="customer@example.com")
    with pytest.raises(NotSendable) as raised:
        FileClaim.model_validate({"email": "customer@example.com", "resolution": "customer@example.com"})

    assert "customer@example.com" not in repr(claim) + str(raised.value)
