"""Each contradiction that touches a call or a delivery: one fixture, and one test of its name."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs
import httpx
import pytest
from pydantic import SecretStr

from op_core.claims import addresses, content, protection, readings
from op_core.errors import NotSendable, Unauthorized, Unreadable
from op_core.ledger import Ledger
from op_core.models import FulfillmentStatus
from op_core.money import Money
from op_core.order_protection import endpoints
from op_core.order_protection.answers import ReadClaimResolution, ReadFulfillment, ReadOrder
from op_core.order_protection.client import Client
from op_core.order_protection.dialects import Dialect, read
from op_core.order_protection.dialects.authorization import read_authorization
from op_core.order_protection.dialects.sending import canonical, spelled
from op_core.order_protection.events import ClaimApproved, ClaimCreated, MessageCreated, ProtectionChanged
from op_core.order_protection.jsonmoney import dumps, loads
from op_core.order_protection.messages import Response
from op_core.order_protection.schema import (
    CreateProduct,
    FileClaim,
    FileOfflineClaim,
    IssueType,
    UpdateFulfillment,
    UpdateOrder,
    UpdateProduct,
)
from op_core.settings import Settings, StoreSettings
from op_core.webhooks.receive import Receiver

DRIFT = Path(__file__).parents[2] / "data" / "drift"


@pytest.fixture
def said(request):
    """What the pages show of the contradiction that the test is named after."""
    return loads((DRIFT / f"{request.node.name[5:8]}.json").read_bytes())


def delivered(value: Any) -> Any:
    """Read a delivery."""
    return read(dumps(value))


def alike(one: Any, other: Any, *but: str) -> None:
    """Assert that two events say the same, but for these facts and their spelling."""
    rest = dict.fromkeys(["dialect", *but])
    assert attrs.evolve(one, **rest) == attrs.evolve(other, **rest)


STORE = {"id": "main-1", "adapter": "x", "api_url": "http://localhost", "api_token": "fake"}


def store(**more: Any) -> StoreSettings:
    """Return a store of the settings."""
    document = {
        "ledger": {"url": "sqlite:///op.db"},
        "stores": {"main": {"webhook_secrets": ["fake"], **STORE, **more}},
    }
    settings = Settings.of(DRIFT / "op.toml", document, {})
    assert {} == dict(settings.parked)
    return settings.stores["main"]


@pytest.fixture
def receiver():
    """A door of one store with the secrets that it is given, over a ledger in memory."""
    ledger = Ledger.open("sqlite://")
    yield lambda *secrets: Receiver(ledger, {"main": "main-1"}, {"main": tuple(map(SecretStr, secrets))})
    ledger.close()


# --- Credentials ---------------------------------------------------------------------------------------------------


def test_c01_either_kind_of_token_is_a_bearer_and_a_403_says_so(said):
    """A store's token and an app's token go out alike; where the API refuses one for a call, the call is named."""
    shown = []

    def api(request: httpx.Request) -> httpx.Response:
        shown.append(request.headers["Authorization"])
        return httpx.Response(200 if len(shown) == 1 else 403, content=b'{"sourceOrderId":"S-100"}')

    for token in (said["api_token"], said["app_token"]):
        client = Client("https://api.example.com", token, transport=httpx.MockTransport(api))
        if token == said["api_token"]:
            client.get_order("S-100")
        else:
            with pytest.raises(Unauthorized, match=f"{said['call']}: 403, .* scope read_orders"):
                client.get_order("S-100")

    assert [f"Bearer {said['api_token']}", f"Bearer {said['app_token']}"] == shown


def test_c24_a_code_comes_in_a_query_or_as_json(said):
    """Both bring code and state; the posted form has the store's id too."""
    forms = (said["redirect"], said["posted"], dumps(said["posted"]), dumps(said["posted"]).decode())
    redirected, *posted = map(read_authorization, forms)

    assert {(said["posted"]["code"], said["posted"]["state"])} == {
        (one.code, one.state) for one in (redirected, *posted)
    }
    assert [None, *["store_123"] * 3] == [one.store_id for one in (redirected, *posted)]


# --- Deliveries ----------------------------------------------------------------------------------------------------


def test_c02_a_topic_is_read_with_a_dot_or_a_slash(said):
    """Both spellings are one event."""
    one, other = delivered(said["one"]), delivered(said["other"])

    assert ("reference", "slash") == (one.dialect, other.dialect)
    alike(one, other)


def test_c03_an_envelope_needs_neither_id_nor_time(said):
    """Without them the same is said, and no id or time is made up."""
    one, other = delivered(said["one"]), delivered(said["other"])

    assert ("evt-1", None, None) == (one.event_id, other.event_id, other.created_at)
    alike(one, other, "event_id", "created_at")


def test_c04_the_short_body_says_claim_store_type_item_and_quantity(said):
    """It is read without an order, an amount or a currency; what it says agrees with the whole body."""
    whole, short = delivered(said["one"]), delivered(said["other"])
    assert isinstance(short, ClaimApproved)
    of_whole, of_short = (content.of_resolution(event.resolutions[0]) for event in (whole, short))

    assert ("camel", "store_123", None) == (short.dialect, short.op_store_id, short.order_id)
    assert (True, False) == (content.brief(of_short), content.brief(of_whole))
    assert content.outline(of_whole) == content.outline(of_short)


def test_c05_a_topic_that_is_not_listed_is_no_event(said):
    """No topic about orders is documented; one that comes is kept aside, by its name."""
    with pytest.raises(Unreadable, match=r"found 'order\.created', expected one of claim\.created"):
        delivered(said["one"])


def test_c06_a_shipping_tax_that_is_not_said_counts_as_none(said):
    """The totals of both copies equal a reading of their own lines."""
    for copy, total in (("one", "27.6"), ("other", "26.6")):
        resolution = content.of_resolution(delivered(said[copy]).resolutions[0])

        assert readings.matching(resolution, Money(total, "USD"))


def test_c07_states_and_countries_are_compared_as_codes(said):
    """Names and codes of one place come out alike, so that the copies are one decision."""
    one, other = (delivered(said[copy]).resolutions[0] for copy in ("one", "other"))

    assert ("UT", "US") == tuple(addresses.normal(one.address)[name] for name in ("state", "country"))
    assert content.of_resolution(one) == content.of_resolution(other)


def test_c08_a_body_that_is_no_json_is_kept_with_the_place(said):
    """It is never mended by a guess."""
    with pytest.raises(Unreadable, match=r"not JSON: .* \(line 1, column \d+\)"):
        read(said["body"].encode())


def test_c16_a_webhook_may_name_any_type_that_can_be_filed(said):
    """The two types that page WH-CC does not list may be filed, and are read where they come back."""
    event = delivered(said["delivery"])
    assert isinstance(event, ClaimCreated)

    assert set(said["only_filed"]) <= set(IssueType)
    assert "TRACKING_NOT_MOVING" == event.type


def test_c22_what_is_to_go_back_is_still_owed(said):
    """Whatever the tense, an amount of protection.removed is an action of ours, not one that was done."""
    event = delivered(said["delivery"])
    assert isinstance(event, ProtectionChanged)
    verdict = protection.judge(event, None, None, store(protection={"on_removed": "refund"}), flips=False)

    assert (False, Decimal("4.25")) == (event.added, event.amount)
    assert verdict.draft is not None
    assert ("refund_protection", Money("4.25", "USD")) == (verdict.draft.verb, verdict.draft.amount)


def test_c23_every_message_is_read_alike(said):
    """An update that Order Protection made and a text that somebody wrote are both messages for the order."""
    events = [delivered(said[kind]) for kind in ("update", "written")]

    assert [MessageCreated, MessageCreated] == [type(event) for event in events]
    assert [said[kind]["body"]["message"] for kind in ("update", "written")] == [
        event.message.plain for event in events
    ]


def test_c25_a_secret_lets_in_and_signs_nothing(said, receiver):
    """A changed body comes in with the same secret; so claims are read back before money moves, by default."""
    door = receiver(said["secret"])
    answers = [
        door.receive("main", {"x-webhook-secret": said["secret"]}, dumps(said[kind])) for kind in ("sent", "changed")
    ]

    assert [200, 200] == [answer.status for answer in answers]
    assert "always" == store().verify_claims


def test_c26_webhooks_of_the_dashboard_and_of_an_app_come_in_by_one_door(said, receiver):
    """Each with its own secret, and no other."""
    secrets = (said["dashboard_secret"], said["app_secret"])
    door = receiver(*secrets)

    assert [200, 200, 401] == [
        door.receive("main", {"x-webhook-secret": secret}, b"{}").status for secret in (*secrets, "another-secret")
    ]


# --- Orders and parcels --------------------------------------------------------------------------------------------


def test_c09_the_replaced_order_has_two_names(said):
    """Each page's own name is sent, the other by a setting, and an answer is read under either."""
    create, update = said["create"], said["update"]
    other = Dialect(create_replaces="originalSourceOrderId", update_replaces="originalSourceOrderNumber")

    assert (create, update) == (spelled("ORD-C", create, Dialect()), spelled("ORD-U", update, Dialect()))
    assert (update, create) == (spelled("ORD-C", create, other), spelled("ORD-U", update, other))
    assert ["12345", "12345"] == [ReadOrder.model_validate(one).original_source_order_id for one in said["answers"]]


def test_c10_amounts_of_an_update_are_numbers_or_text(said):
    """Numbers go out, text by a setting, digit for digit; both are read."""
    body = UpdateOrder.model_validate(said["numbers"]).to_wire()

    assert said["numbers"] == spelled("ORD-U", body, Dialect())
    assert said["text"] == spelled("ORD-U", body, Dialect(update_amounts="text"))
    assert [Decimal("15.40")] * 2 == [ReadOrder.model_validate(said[form]).total for form in ("numbers", "text")]


def test_c11_a_date_in_the_place_of_a_premium_says_nothing(said):
    """It is no premium of any amount, and it is kept as it came."""
    order = ReadOrder.model_validate(said["answer"])

    assert (None, None) == (order.premium_paid, order.premium_cost)
    assert said["answer"] == order.raw


def test_c12_a_parcel_is_read_alike_from_both_pages(said):
    """Items under either name of their id; tracking alone or in a list."""
    one, other = (ReadFulfillment.model_validate(said[page]) for page in ("one", "other"))

    assert (("1Z",), "I1", 2) == (
        one.tracking_number,
        one.source_item_ids[0].source_item_id,
        one.source_item_ids[0].quantity,
    )
    assert one.model_dump(exclude={"raw", "source_item_ids"}) == other.model_dump(exclude={"raw", "source_item_ids"})
    assert one.source_item_ids[0].source_item_id == other.source_item_ids[0].source_item_id


def test_c13_a_parcel_that_was_not_delivered_has_a_word(said):
    """NOT_DELIVERED is sent, FAILURE by a setting."""
    body = UpdateFulfillment(status=FulfillmentStatus.NOT_DELIVERED).to_wire()

    assert said["one"] == spelled("FUL-U", body, Dialect())
    assert said["other"] == spelled("FUL-U", body, Dialect(not_delivered="FAILURE"))


def test_c14_a_status_is_read_in_any_case_and_sent_in_one(said):
    """Capitals, or capitalised by a setting; one that nobody lists is read too."""
    body = UpdateFulfillment(status=FulfillmentStatus.FULFILLED).to_wire()
    parcels = [
        ReadFulfillment.model_validate({"fulfillmentStatus": word}) for word in [*said["said"], said["unlisted"]]
    ]

    assert ["FULFILLED"] * 3 + ["SHIPPED"] == [parcel.fulfillment_status for parcel in parcels]
    assert "FULFILLED" == spelled("FUL-U", body, Dialect())["status"]
    assert "Fulfilled" == spelled("FUL-U", body, Dialect(statuses="capitalised"))["status"]


def test_c15_each_page_has_its_own_key_and_none_a_cancelled_parcel(said):
    """The key of the status by a setting; a status that the list does not have is refused before it is sent."""
    body = UpdateFulfillment.model_validate(said["one"]).to_wire()

    assert said["one"] == spelled("FUL-U", body, Dialect())
    assert said["other"] == spelled("FUL-U", body, Dialect(update_status="fulfillmentStatus"))
    with pytest.raises(NotSendable, match=r"UpdateFulfillment\.status: found text; .*'DELIVERED'.*\(page FUL-U\)"):
        UpdateFulfillment.model_validate(said["unknown"])


# --- Claims --------------------------------------------------------------------------------------------------------


def test_c17_an_online_claim_has_two_bodies(said):
    """The fuller one is sent as its page shows it; the older one by settings; what would be lost is refused."""
    older = Dialect(claim_form="older", claim_fulfillment="fulfillmentSourceId")
    fuller, with_address = (FileClaim.model_validate(canonical("CLM-C", said[form], dialect)).to_wire()
                            for form, dialect in (("fuller", Dialect()), ("older", older)))  # fmt: skip

    assert said["fuller"] == spelled("CLM-C", fuller, Dialect())
    assert said["older"] == spelled("CLM-C", with_address, older)
    with pytest.raises(NotSendable, match=r'claim_form = "older"'):
        spelled("CLM-C", with_address, Dialect())
    with pytest.raises(NotSendable, match="a warranty"):
        spelled("CLM-C", fuller, older)


def test_c18_a_resolution_is_read_alike_from_both_pages(said):
    """Its type under either name; what only one page says is None on the other."""
    one, other = (ReadClaimResolution.model_validate(said[page]) for page in ("one", "other"))

    assert ("REFUND", "REFUND") == (one.resolution_type, other.resolution_type)
    assert ("APPROVED", None, Decimal("22.0")) == (one.claim_state, one.paid_value, other.paid_value)


def test_c27_an_online_body_is_no_offline_claim(said):
    """What one copy of the page shows is refused before it is sent, with what is missing."""
    with pytest.raises(NotSendable, match=r"FileOfflineClaim\.customer: required, and missing.*\(page CLM-F\)"):
        FileOfflineClaim.model_validate(said["online_body"])


# --- Products and prices -------------------------------------------------------------------------------------------


def test_c19_stock_is_a_number_and_needed_at_first(said):
    """A create needs it, an update does not; text by a setting."""
    body = CreateProduct.model_validate(said["create"]).to_wire()
    without = {name: value for name, value in said["create"].items() if name != "inventoryQuantity"}

    assert said["create"] == spelled("PRD-C", body, Dialect())
    assert said["text"] == spelled("PRD-C", body, Dialect(inventory_quantity="text"))["inventoryQuantity"]
    assert {} == UpdateProduct().to_wire()
    with pytest.raises(NotSendable, match=r"CreateProduct\.inventoryQuantity: required, and missing"):
        CreateProduct.model_validate(without)


def test_c20_a_bundle_is_full_and_a_tax_is_an_amount(said):
    """The schema's word is sent, the text's by a setting; a product id is no tax."""
    body = CreateProduct.model_validate(said["create"]).to_wire()

    assert said["create"] == spelled("PRD-C", body, Dialect())
    assert said["grouped"] == spelled("PRD-C", body, Dialect(bundles="GROUPED"))["productType"]
    assert said["create"] == canonical(
        "PRD-C", spelled("PRD-C", body, Dialect(bundles="GROUPED")), Dialect(bundles="GROUPED")
    )
    with pytest.raises(NotSendable, match=r"UpdateProduct\.tax: found text; expected a number"):
        UpdateProduct.model_validate({"tax": "P9"})


def test_c21_the_host_of_a_quote_stands_in_the_query(said):
    """Or in the path by a setting; who pays is read from the terms."""
    asked = [endpoints.quote("shop.example", Dialect(quote_store=place)) for place in ("query", "path")]
    paths = [call.request.path + "".join(f"?{name}={value}" for name, value in call.request.query) for call in asked]
    rule = asked[0].read(Response(status=200, body=dumps(said["answer"]))).rules[0]

    assert [said["query"], said["path"]] == paths
    assert ("brand", Decimal("1.5"), None) == (rule.terms.paid_by, rule.terms.brand.amount, rule.terms.customer.amount)
    assert [False, False] == [call.request.authorized for call in asked]
