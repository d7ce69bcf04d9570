"""Orders, parcels and pages out of JSON, and what is said of JSON that is another than expected."""

import json
import re
from decimal import Decimal

import pytest

from op_core.errors import ContractBroken, OrderNotFound, SettingsError, ShopUnavailable
from op_core.models import FulfillmentStatus, LineQuantity
from op_core.money import Money
from op_core.requests import ExportOrdersRequest, GetOrderRequest, LookupFulfillmentsRequest


def read(adapter, order_id="order_1"):
    return adapter.op_get_order(request=GetOrderRequest("main", order_id))


def test_an_order_has_what_its_json_says(adapter):
    """Every digit of an amount, the country in capitals, the premium's line as such."""
    order = read(adapter)

    assert ("order_1", "1", "USD", "somebody@example.com") == (
        order.id,
        order.number,
        order.currency,
        order.customer.email,
    )
    assert Money(Decimal("32.420875"), "USD") == order.total == order.payments[0].captured
    assert (Money(Decimal(30), "USD"), Money(Decimal("2.45"), "USD")) == (order.subtotal, order.premium_paid)
    assert [False, True] == [line.is_protection for line in order.lines]
    assert "US" == order.shipping_address.country


def test_parcels_are_read_with_their_lines_and_tracking(adapter):
    """An order that the shop does not know has none."""
    found = adapter.op_lookup_fulfillments(request=LookupFulfillmentsRequest("main", ("order_1", "order_99")))

    (parcel,) = found["order_1"]
    assert (FulfillmentStatus.IN_TRANSIT, ("1Z999AA10000000001",)) == (parcel.status, parcel.tracking_numbers)
    assert (LineQuantity("li_1", 2),) == parcel.lines
    assert () == found["order_99"]


def test_an_order_that_is_not_there_is_told_as_such(adapter):
    """404 says it."""
    with pytest.raises(OrderNotFound):
        read(adapter, "order_99")


def test_the_same_answer_in_another_form_is_the_same_order(adapter, shop):
    """Other order of fields, unknown fields, null for a list, numbers as texts, a number as an id."""
    before = read(adapter)
    raw = shop.orders["order_1"]
    raw["payments"][0]["refunds"] = None
    raw["total"], raw["items"][0]["quantity"], raw["unknown"] = "32.420875", "2", {"a": [None]}
    shop.orders["order_1"] = dict(reversed(raw.items()))

    assert before == read(adapter)
    shop.orders["order_1"]["items"] = None
    assert () == read(adapter).lines


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("total", None, r"order.fields.total \(total\): nothing is there"),
        ("total", "a lot", r"order.fields.total \(total\): found a text; expected an amount"),
        ("total", True, r"found true or false; expected an amount"),
        ("created_at", "yesterday", r"order.fields.created_at \(created_at\): found a text; expected a time \(iso\)"),
        ("created_at", "2030-01-01T00:00:00", "found a time without zone; expected shop.zone in the manifest"),
        ("items", {}, r"lines.items \(items\): found dict; expected a list"),
        ("currency_code", "dollars", "found a currency that is none"),
    ],
)
def test_a_wrong_value_is_named_by_table_field_and_path(adapter, shop, field, value, said):
    """The text says what was found by its kind, and never the value."""
    shop.orders["order_1"][field] = value

    with pytest.raises(ContractBroken, match=said) as caught:
        read(adapter)
    assert "a lot" not in str(caught.value)
    assert re.match(r"shop\.toml:\d+: ", str(caught.value))


def test_a_missing_key_is_told_with_its_line_and_the_nearest_that_are_there(adapter_of, manifest):
    """So that a misspelt path is mended at once."""
    adapter = adapter_of(changes=[('total = "total"', 'total = "totals.grand"')])
    line = 1 + manifest.splitlines().index('total = "total"')

    with pytest.raises(
        ContractBroken,
        match=rf"^shop\.toml:{line}: order\.fields\.total \(totals\.grand\): nothing is there; "
        "there is no 'totals', but 'total'",
    ):
        read(adapter)


def test_an_order_that_cannot_be_read_stops_no_other(adapter, shop):
    """It is told by its id, with the reason."""
    shop.orders["order_3"]["total"] = "?"

    page = adapter.op_export_orders(request=ExportOrdersRequest("main", None, None, 50))

    assert ["order_1", "order_2", "order_4", "order_5", "order_6", "order_7"] == [order.id for order in page.orders]
    assert ["order_3"] == [one.id for one in page.unreadable]
    assert "order.fields.total (total): found a text" in page.unreadable[0].reason


@pytest.mark.parametrize("fault", [500, "html", "half", "cut after"])
def test_a_page_without_a_whole_answer_is_asked_for_again(adapter, shop, fault):
    """A read changes nothing, so one bad answer is no reason to stop; where it stays bad, the shop is unavailable."""
    shop.faults["GET /orders"] = fault
    request = ExportOrdersRequest("main", None, None, 50)
    if fault in (500, "cut after", "half"):
        assert 7 == len(adapter.op_export_orders(request=request).orders)
    else:
        with pytest.raises(ShopUnavailable, match=r"shop\.toml: orders: GET /orders: 200, the answer is not JSON"):
            adapter.op_export_orders(request=request)


def test_an_answer_without_end_is_cut(adapter_of, shop):
    """It takes no more memory than the settings allow."""
    shop.orders["order_1"]["note"] = "x" * 5000
    adapter = adapter_of(largest_answer=2048)

    with pytest.raises(ShopUnavailable, match="the answer is too long"):
        read(adapter)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('items = "orders"', 'items = "orders["'), "orders.items: found text, expected a JMESPath expression"),
        (('id = "id"\nnumber', 'di = "id"\nnumber'), "order.fields.di: unknown field; known: cancelled_at"),
        (('token = { env = "SHOP_TOKEN" }', 'token = "not-a-real-token"'), "a manifest is shared, and holds no secret"),
        (('{ env = "SHOP_TOKEN" }', '{ env = "NOT_SET" }'), "auth.token: the environment variable NOT_SET is not set"),
        (('money = "moved"\n', ""), "refund.money: missing"),
        (('note = "{reference}"', 'note = "{referense}"'), "{reference} in the call that makes the effect"),
        (
            ('amount = "{amount}"', 'amount = "{amonut}"'),
            "looks for 'amonut', which nothing gives; the nearest is 'amount'",
        ),
        (('undo = { delete = "/claims/{begin.claim.id}" }', ""), "an undo, or harmless = true"),
        (('post = "/claims"', 'psot = "/claims"'), "unknown key, nearest known: 'post'"),
    ],
)
def test_a_wrong_manifest_is_told_at_load(adapter_of, change, said):
    """Before the first call, with the place and the nearest right thing."""
    with pytest.raises(SettingsError) as caught:
        adapter_of(changes=[change])
    assert said in str(caught.value)
    assert "not-a-real-token" not in str(caught.value)


@pytest.mark.parametrize(("by", "check"), [("keyset", "one page of orders"), ("offset", "order of the list")])
def test_doctor_sees_that_a_list_is_not_sorted_by_its_changes(adapter_of, shop, by, check):
    """Pages go by the time of change; a list in another order would hide orders."""
    shop.reverse = True
    adapter = adapter_of(
        changes=[
            ('"keyset"', f'"{by}"'),
            ("since = ", 'offset = "{offset}", since = ' if by == "offset" else "since = "),
        ]
    )

    proofs = {proof.check: proof for proof in adapter.prove(writes=False)}

    assert "not well" == proofs[check].state
    assert "does not give the oldest change first" in proofs[check].said


def test_a_list_that_is_not_sorted_is_no_end_of_it(adapter, shop):
    """By keyset, all that is behind its first page would be passed over in silence."""
    shop.reverse = True

    with pytest.raises(ContractBroken, match=r"shop\.toml: orders: the shop does not give the oldest change first"):
        adapter.op_export_orders(request=ExportOrdersRequest("main", None, None, 3))


def test_doctor_shows_one_order_and_each_request(adapter):
    """Nothing but reads is sent; what holds personal data is private."""
    proofs = {proof.check: proof for proof in adapter.prove(writes=False)}

    assert {"well"} == {proof.state for proof in proofs.values()}
    assert '{"amount":32.420875,"note":"OP-EXAMPLE' in proofs["refund, as a dry run"].private
    assert "order 5: 2 lines, 1 payments, total 32.420875 USD, as it would be exported" == proofs["one order"].said
    exported = json.loads(proofs["one order"].private)
    assert ("order_5", "USD") == (exported["sourceOrderId"], exported["currency"])
    assert ["Mug"] == [item["productName"] for item in exported["orderItems"]]
    assert "Body" in proofs["one order"].private
    assert "Body" not in json.dumps([proof.said for proof in proofs.values()])


def test_doctor_shows_headers_and_no_secret(adapter_of):
    """What the environment gives for a header is masked, also from whoever may see personal data."""
    headers = 'headers = { X-Api-Key = { env = "SHOP_TOKEN" }, X-Ref = "{reference}" }\njson = { amount'
    proofs = {proof.check: proof for proof in adapter_of(changes=[("json = { amount", headers)]).prove(writes=False)}

    assert "/refund [X-Api-Key: ***] [X-Ref: OP-EXAMPLE" in proofs["refund, as a dry run"].private
    assert "not-a-real-token" not in "".join(proof.private for proof in proofs.values())


def test_doctor_says_why_an_order_would_not_be_exported(adapter, shop):
    """Its verbs are looked at all the same."""
    for one in shop.orders.values():
        one["email"] = None
    proofs = {proof.check: proof for proof in adapter.prove(writes=False)}

    assert "look" == proofs["one order"].state
    assert "not exported: " in proofs["one order"].said
    assert "well" == proofs["refund, as a dry run"].state


def test_doctor_names_the_rule_that_would_refund_twice(adapter_of):
    """It tries each fault at a shop that is made of the manifest; the real one is asked nothing of it."""
    rule = "[refund.find]", 'rules = [{ status = [500, 502], means = "later" }]\n[refund.find]'
    well = {proof.check: proof for proof in adapter_of().prove(writes=False)}
    lies = {proof.check: proof for proof in adapter_of(changes=[rule]).prove(writes=False)}
    check = "refund, with a fault at each call"

    assert "well" == well[check].state
    assert "faults, none doubled, none lost: " in well[check].said
    assert "not well" == lies[check].state
    assert "refund.calls[0]: 500, after the shop acted: the customer would get 2 of one refund" in lies[check].said
