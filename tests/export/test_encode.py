import json
import re
from datetime import UTC, datetime
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.errors import NotSendable
from op_core.export import NotExportable, to_create, to_fulfillment, to_update
from op_core.models import Address, Customer, Line, LineQuantity
from op_core.money import Money, exponent
from op_core.order_protection.jsonmoney import dumps, loads
from op_core.order_protection.schema import UpdateOrder
from op_core.testing.model_shop import an_order

PREMIUM = Line(id="9", name="Protection", quantity=1, unit_price=Money("1.50", "USD"), is_protection=True)
BILLING = Address(street_address_1="2 Example Street", city="Exampletown", postal_code="10002", country="US")


def sent(order, **kwargs):
    return to_create(order, "api", **kwargs).to_wire()


def test_ids():
    """The immutable id is sourceOrderId, the public number sourceOrderNumber."""
    body = sent(an_order(id="77", number="#1001"))
    assert ("77", "#1001", "api") == (body["sourceOrderId"], body["sourceOrderNumber"], body["platformId"])


def test_times():
    """Times go out in UTC, with milliseconds and a Z."""
    at = datetime(2025, 1, 31, 9, 0, 0, 123456, tzinfo=UTC)
    body = sent(an_order(created_at=at, updated_at=at, cancelled_at=at))
    times = {body[name] for name in ("sourceCreatedAt", "sourceUpdatedAt", "sourceCancelledAt")}
    assert {"2025-01-31T09:00:00.123Z"} == times


def test_protection_line():
    """A protection line is no item: it is the premium."""
    order = an_order()
    body = sent(attrs.evolve(order, lines=(*order.lines, PREMIUM)))
    assert (["1", "2"], Decimal("1.50")) == ([item["sourceItemId"] for item in body["orderItems"]], body["premiumPaid"])


def test_premium_surcharge():
    """A premium that is a surcharge of the order is sent as the shop says it."""
    assert Decimal("2.25") == sent(an_order(premium=Money("2.25", "USD")))["premiumPaid"]


def test_no_premium_says_nothing():
    """An order without protection says nothing of a premium."""
    assert "premiumPaid" not in sent(an_order())


def test_total_is_the_shops():
    """The shop's total is sent even where it is not the sum of anything, or zero."""
    assert Decimal("0.00") == sent(an_order(total=Money("0.00", "USD")))["total"]


def test_billing_address_stands_in():
    """An order without shipping address is sent with its billing address."""
    body = sent(an_order(shipping_address=None, billing_address=BILLING))
    assert "2 Example Street" == body["address"]["address1"]


def test_empty_address_is_none():
    """An address of empty fields is no address."""
    body = sent(an_order(shipping_address=Address(), billing_address=BILLING))
    assert "2 Example Street" == body["address"]["address1"]


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("US", "US"),
        ("us", "US"),
        ("USA", "US"),
        ("United States", "US"),
        (" united kingdom ", "GB"),
        ("UK", "GB"),
        ("Côte d'Ivoire", "CI"),
    ],
)
def test_country_is_a_code(said, code):
    """The sample shows a code, and shops say codes or names."""
    assert code == sent(an_order(shipping_address=attrs.evolve(BILLING, country=said)))["address"]["country"]


def test_country_may_be_missing():
    """An address without a country is sent without one."""
    assert "country" not in sent(an_order(shipping_address=attrs.evolve(BILLING, country="")))["address"]


def test_country_that_is_none():
    """What is neither code nor name is named as such, without the customer's own word for it."""
    with pytest.raises(NotExportable, match="neither an ISO 3166 code nor the name of a country") as caught:
        sent(an_order(shipping_address=attrs.evolve(BILLING, country="Atlantis")))
    assert "Atlantis" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"shipping_address": None, "billing_address": None}, "neither a shipping nor a billing address"),
        ({"customer": Customer(name="Customer One")}, "neither e-mail nor phone"),
        ({"lines": ()}, "no items"),
        ({"lines": (PREMIUM,)}, "no items"),
        ({"total": Money("1.00", "EUR")}, "total is in EUR, expected the order's currency USD"),
        ({"lines": (attrs.evolve(PREMIUM, unit_price=Money("1", "CAD")),)}, "price of line 9 is in CAD"),
    ],
)
def test_not_exportable(changes, reason):
    """What Order Protection needs and the order lacks is named."""
    with pytest.raises(NotExportable, match=reason):
        sent(an_order(**changes))


def test_phone_is_enough():
    """A phone in place of the e-mail names the customer, also where only the address has it."""
    address = attrs.evolve(BILLING, phone="+1-555-0100")
    assert "+1-555-0100" == sent(an_order(customer=Customer(), shipping_address=address))["customerPhone"]


def test_tags():
    """Tags are joined by commas in a fixed order, and a comma within one does not make two."""
    assert "a b,c" == sent(an_order(tags=("c", "a,b", "")))["tags"]


def test_replacement():
    """A replacement names the order that it replaces: in POST, and under PUT's other name."""
    order = an_order(replaces="1000")
    assert ("1000", "1000") == (
        sent(order)["originalSourceOrderNumber"],
        to_update(order, "api").to_wire()["originalSourceOrderId"],
    )
    assert "999" == sent(order, original="999")["originalSourceOrderNumber"]


def test_update_carries_the_sampled_fields_only():
    """PUT carries no items, address or tags (G-15)."""
    body = to_update(an_order(tags=("a",), premium=Money("1.5", "USD")), "api").to_wire()
    assert set() == {"orderItems", "address", "tags", "sourceOrderId"} & set(body)
    assert {field.alias for field in UpdateOrder.model_fields.values()} >= set(body)


def test_update_takes_a_premium_back():
    """Only where Order Protection knows of a premium does an order without one say 0."""
    assert 0 == to_update(an_order(), "api", had_premium=True).to_wire()["premiumPaid"]
    assert "premiumPaid" not in to_update(an_order(), "api").to_wire()


def test_currency_not_documented():
    """A currency that the page does not know is refused by the wire's own rule."""
    order = an_order(currency="QQQ", total=Money(1, "QQQ"), subtotal=Money(1, "QQQ"), shipping=None)
    line = Line(id="1", name="Mug", quantity=1, unit_price=Money(1, "QQQ"))
    with pytest.raises(NotSendable, match="currency"):
        sent(attrs.evolve(order, lines=(line,)))


def test_errors_hold_no_personal_data():
    """The reason of an order that cannot be sent shows no value of the customer."""
    with pytest.raises(NotSendable) as caught:
        sent(an_order(customer=Customer(email="customer@example.com\0", name="Customer One")))
    assert "customer@example.com" not in str(caught.value)


def test_unrounded_amounts():
    """An amount with more digits than its currency has is rounded half-up."""
    assert Decimal("10.01") == sent(an_order(total=Money("10.005", "USD")))["total"]


def test_digits_of_the_shop():
    """An amount that its currency can hold keeps the digits that the shop writes."""
    assert "10.5" == str(sent(an_order(total=Money("10.5", "USD")))["total"])


def test_parcel(a_parcel):
    """A parcel goes with its items, status and tracking."""
    body = to_fulfillment(a_parcel()).to_wire()
    assert [{"sourceItemId": "1", "quantity": 2}, {"sourceItemId": "2", "quantity": 1}] == body["sourceItemIds"]
    assert ("F1", "IN_TRANSIT", ["TRACK-1"]) == (
        body["sourceFulfillmentId"],
        body["fulfillmentStatus"],
        body["trackingNumber"],
    )


def test_line_of_no_units(a_parcel):
    """A line of which a parcel holds no unit is not named."""
    body = to_fulfillment(a_parcel(lines=(LineQuantity("1", 0), LineQuantity("2", 1)))).to_wire()
    assert ["2"] == [item["sourceItemId"] for item in body["sourceItemIds"]]


def test_parcel_without_items(a_parcel):
    """A parcel with nothing but the premium in it is not exportable."""
    with pytest.raises(NotExportable, match="no unit of an exported item"):
        to_fulfillment(a_parcel(), leave_out={"1", "2"})


currencies = st.sampled_from(["USD", "JPY", "BHD", "EUR"])
amounts = st.decimals(min_value=0, max_value=10**9, places=6)


@given(currencies, st.lists(amounts, min_size=7, max_size=7), st.integers(1, 99))
def test_no_cent_is_lost(currency, numbers, quantity):
    """Every amount of an order is in the JSON digit for digit; only digits that the currency lacks are rounded."""
    money = [Money(number, currency) for number in numbers]
    names = ("total", "subtotal", "discount", "shipping", "shipping_tax", "tax")
    wire = ("total", "subtotal", "discountTotal", "shippingCost", "shippingCostTax", "tax")
    line = Line(id="1", name="Mug", quantity=quantity, unit_price=money[6])
    order = an_order(currency=currency, lines=(line,), **dict(zip(names, money[:6], strict=True)))
    for body in (to_create(order, "api"), to_update(order, "api")):
        text = dumps(body.to_wire())
        read = loads(text)
        items = [item["price"] for item in read.get("orderItems", [])]
        shown = [Decimal(read[name]) for name in wire] + [Decimal(price) for price in items]
        for given_, found in zip(money, shown, strict=False):
            assert abs(given_.amount - found) * 2 <= Decimal(1).scaleb(-exponent(currency))
            assert Money(found, currency).is_exact
            assert not given_.is_exact or given_.amount == found


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_digits_of_the_text(amount):
    """An exact amount has the same digits in the JSON as in the shop, and no exponent."""
    text = dumps(to_create(an_order(total=Money(amount, "USD")), "api").to_wire()).decode()
    assert f"{amount:f}" == re.search(r'"total":([^,}]*)', text).group(1)
    assert isinstance(json.loads(text, parse_float=Decimal)["total"], Decimal)
