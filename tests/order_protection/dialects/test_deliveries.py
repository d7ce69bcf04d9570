"""Every spelling of a webhook reads as the same event, and everything else has a reason."""

from __future__ import annotations

import contextlib
import copy
import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.errors import Unreadable
from op_core.order_protection.dialects import TOPICS, read
from op_core.order_protection.events import (
    ClaimApproved,
    ClaimCreated,
    ClaimDenied,
    ClaimItem,
    MessageCreated,
    ProtectionChanged,
    Resolution,
    ResolvedLine,
    SaidAddress,
)
from op_core.order_protection.jsonmoney import dumps, loads
from op_core.untrusted import Untrusted

WIRE = Path(__file__).parents[2] / "data" / "wire"
SAMPLES = {topic: (WIRE / f"webhook.{topic}.json").read_bytes() for topic in TOPICS}
HEAD = {"created_at": datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), "dialect": "reference"}
ORDER = {"op_order_id": "op-1", "order_id": "S-100"}


def changed(topic, /, **changes):
    """Return a documented delivery with fields replaced; ``resolutions__0__type`` names a place, `...` removes."""
    value = loads(SAMPLES[topic])
    for name, new in changes.items():
        *way, last = [int(step) if step.isdigit() else step for step in name.split("__")]
        place = value
        for step in way:
            place = place[step]
        if new is ...:
            del place[last]
        else:
            place[last] = new
    return dumps(value)


def content(body):
    """Return what an event says, whichever spelling said it."""
    return attrs.evolve(read(body), dialect="", event_id=None, created_at=None)


def test_claim_created():
    """The documented delivery is read whole."""
    item = ClaimItem(quantity=1, item_id="I1", product_id="P1", variant_id="V1", sku="SKU1")
    assert ClaimCreated(
        **HEAD,
        **ORDER,
        event_id="evt-uuid-1",
        claim_id="clm1",
        type="DAMAGED",
        state="NEW",
        description=Untrusted("box crushed"),
        items=(item,),
    ) == read(SAMPLES["claim.created"])


def test_claim_approved():
    """The documented delivery is read whole, every amount with the digits of its text."""
    event = read(SAMPLES["claim.approved"])
    lamp = ResolvedLine(
        quantity=1,
        item_id="I1",
        product_id="P1",
        variant_id="V1",
        sku="SKU1",
        price=Decimal("40.0"),
        discount=Decimal("4.0"),
        tax=Decimal("2.0"),
        percentage=Decimal(50),
    )
    mug = ResolvedLine(
        quantity=1,
        item_id="I2",
        product_id="P2",
        variant_id="V2",
        sku="SKU2",
        price=Decimal("10.0"),
        discount=Decimal(0),
        tax=Decimal("1.0"),
        percentage=Decimal(100),
    )
    refund = Resolution(
        type="REFUND",
        lines=(lamp,),
        currency="USD",
        total=Decimal(22),
        shipping=Decimal("2.5"),
        shipping_tax=Decimal("0.5"),
    )
    address = SaidAddress(
        address1=Untrusted("1 Elm Rd"),
        city=Untrusted("Provo"),
        state=Untrusted("Utah"),
        zip=Untrusted("84601"),
        country=Untrusted("United States"),
    )
    reship = Resolution(
        type="RESHIP",
        lines=(mug,),
        currency="USD",
        total=Decimal(11),
        shipping=Decimal(0),
        shipping_tax=Decimal(0),
        address=address,
    )
    assert ClaimApproved(**HEAD, **ORDER, event_id="evt-uuid-2", claim_id="clm1", resolutions=(refund, reship)) == event
    assert (Untrusted("Lamp"), "40.0") == (event.resolutions[0].lines[0].name, str(event.resolutions[0].lines[0].price))


def test_claim_denied():
    """A denial is read with its reasons."""
    event = read(SAMPLES["claim.denied"])
    assert (ClaimDenied, "clm1", ["NOT_COVERED"]) == (
        type(event),
        event.claim_id,
        [one.type for one in event.resolutions],
    )


@pytest.mark.parametrize(
    "change",
    [
        {"body__resolutions": ...},
        {"body__resolutions__0__details": None},
        {"body__resolutions__0__details__items__0__price": "free"},
        {"body__resolutions__0__details__total_refund_amount": -1},
    ],
)
def test_a_denial_is_read_whatever_its_amounts(change):
    """A denial moves no money, so that nothing in its details keeps it from being read."""
    assert "clm1" == read(changed("claim.denied", **change)).claim_id


def test_message_created():
    """The documented delivery is read whole."""
    text = Untrusted("Claim opened, type Damaged. https://app.orderprotection.com/claims/view/clm1")
    assert MessageCreated(**HEAD, **ORDER, event_id="evt-uuid-4", claim_id="clm1", message=text) == read(
        SAMPLES["message.created"]
    )


@pytest.mark.parametrize(
    ("topic", "event_id", "added"),
    [("protection.added", "evt-uuid-5", True), ("protection.removed", "evt-uuid-6", False)],
)
def test_protection(topic, event_id, added):
    """The documented deliveries are read whole."""
    assert ProtectionChanged(
        **HEAD, **ORDER, event_id=event_id, added=added, amount=Decimal("4.25"), currency="USD"
    ) == read(SAMPLES[topic])


def test_developer_page():
    """The camelCase body says claim, store, type, item and quantity, and nothing else (C-4)."""
    assert ClaimApproved(
        dialect="camel",
        op_store_id="store1",
        claim_id="clm1",
        resolutions=(Resolution(type="RESHIP", lines=(ResolvedLine(item_id="I1", quantity=1),)),),
    ) == read((WIRE / "webhook.claim-approved.developer-page.json").read_bytes())


def test_camel_items_of_one_type_are_one_resolution():
    """The camelCase body says items one by one; those of one type are joined, as the reference shape has them."""
    said = [
        {"type": "RESHIP", "itemId": "I1", "quantity": 1},
        {"type": "refund", "itemId": "I2", "quantity": 2},
        {"type": "RESHIP", "itemId": 3, "quantity": "1"},
    ]
    event = read(dumps({"topic": "claim.approved", "body": {"claimId": "c", "resolutions": said}}))
    assert [("RESHIP", ["I1", "3"]), ("REFUND", ["I2"])] == [
        (one.type, [line.item_id for line in one.lines]) for one in event.resolutions
    ]


ENVELOPES = st.fixed_dictionaries(
    {}, optional={"id": st.text("abc-1", min_size=1), "created_at": st.just("2025-01-02T03:04:05+01:00")}
)
EXTRAS = st.dictionaries(
    st.text("xyz", min_size=1), st.none() | st.integers(0, 9) | st.lists(st.booleans(), max_size=2)
)


@given(st.sampled_from(TOPICS), st.booleans(), ENVELOPES, EXTRAS, st.booleans())
def test_spelling_never_changes_what_is_said(topic, slash, envelope, extra, as_text):
    """Dot or slash, with or without id and time, amounts as numbers or text, unknown fields: the content is one."""
    body = respelled(loads(SAMPLES[topic])["body"], extra, as_text=as_text)
    said = dumps({"topic": topic.replace(".", "/") if slash else topic, "body": body, **envelope, **extra})
    event = read(said)
    assert content(SAMPLES[topic]) == content(said)
    assert ("slash" if slash else "reference", envelope.get("id")) == (event.dialect, event.event_id)


def respelled(value, extra, *, as_text):
    """Return *value* with unknown fields in every object, and its amounts as text if asked."""
    match value:
        case dict():
            return {name: respelled(part, extra, as_text=as_text) for name, part in value.items()} | extra
        case list():
            return [respelled(part, extra, as_text=as_text) for part in value]
        case Decimal() if as_text:
            return f"{value:f}"
        case _:
            return value


@pytest.mark.parametrize("missing", [..., None])
def test_fields_that_may_be_missing(missing):
    """What older copies of the pages lack (C-6), or leave null, is None."""
    event = read(
        changed(
            "claim.approved",
            body__resolutions__0__details__shipping_amount_tax=missing,
            body__resolutions__0__details__items__0__resolution_flat_amount=missing,
            body__resolutions__1__details__shipping_address=missing,
            body__order_id=missing,
        )
    )
    assert (None, None, None, None) == (
        event.resolutions[0].shipping_tax,
        event.resolutions[0].lines[0].flat_amount,
        event.resolutions[1].address,
        event.op_order_id,
    )


def test_an_address_that_says_nothing_is_none():
    """An address of empty texts is the same as no address."""
    empty = {"address1": "", "city": "", "zip": None}
    assert (
        read(changed("claim.approved", body__resolutions__1__details__shipping_address=empty)).resolutions[1].address
        is None
    )


def test_unknown_types_survive():
    """A type that nobody knows yet is kept, in capitals."""
    assert "GIFT" == read(changed("claim.approved", body__resolutions__0__type="Gift")).resolutions[0].type


@pytest.mark.parametrize(("said", "read_as"), [(1, 1), ("2", 2), (Decimal("3.0"), 3)])
def test_quantities(said, read_as):
    """A quantity is a whole number, however it is written."""
    event = read(changed("claim.created", body__items__0__quantity=said))
    assert read_as == event.items[0].quantity


ITEM = "body__resolutions__0__details__items__0__"


@pytest.mark.parametrize(
    ("topic", "changes", "reason"),
    [
        ("claim.created", {"topic": ...}, "topic: missing, expected text of 1 to 255 characters"),
        ("claim.created", {"topic": None}, "topic: found null, expected text"),
        (
            "claim.created",
            {"topic": "order.created"},
            "topic: found 'order.created', expected one of claim.created, claim.app",
        ),
        ("claim.created", {"topic": "customer@example.com said"}, "topic: found an unknown one, expected"),
        ("claim.created", {"id": True}, "id: found true or false, expected text"),
        ("claim.created", {"created_at": "yesterday"}, "created_at: found text, expected a time such as"),
        (
            "claim.created",
            {"created_at": "2025-01-02T03:04:05"},
            "created_at: found text, expected a time with its zone",
        ),
        ("claim.created", {"body": ...}, "body: missing, expected an object"),
        ("claim.created", {"body": []}, "body: found a list, expected an object"),
        ("claim.created", {"body__claim_id": ...}, "body.claim_id: missing, expected text"),
        ("claim.created", {"body__claim_id": ""}, "body.claim_id: found text, expected text of 1 to 255"),
        ("claim.created", {"body__claim_id": "x" * 256}, "body.claim_id: found text, expected text of 1 to 255"),
        ("claim.created", {"body__source_order_id": None}, "body.source_order_id: found null, expected text"),
        ("claim.created", {"body__items": {}}, "body.items: found an object, expected a list of objects"),
        ("claim.created", {"body__items__0": "I1"}, r"body.items.0: found text, expected an object"),
        (
            "claim.created",
            {"body__items__0__quantity": 0},
            r"body.items.0.quantity: found another number, expected a whole",
        ),
        ("claim.created", {"body__items__0__quantity": Decimal("1.5")}, "quantity: found another number"),
        ("claim.created", {"body__items__0__quantity": 10**9}, "quantity: found another number"),
        ("claim.created", {"body__items__0__quantity": ...}, "quantity: missing, expected a number"),
        ("claim.created", {"body__items__0__quantity": True}, "quantity: found true or false, expected a number"),
        ("claim.approved", {"body__resolutions": ...}, "body.resolutions: missing, expected a list of objects"),
        (
            "claim.approved",
            {"body__resolutions": []},
            "body.resolutions: found an empty list, expected what was decided",
        ),
        ("claim.approved", {"body__resolutions__0__type": None}, "body.resolutions.0.type: found null, expected text"),
        (
            "claim.approved",
            {"body__resolutions__1__details": ...},
            "body.resolutions.1.details: missing, expected an object",
        ),
        (
            "claim.approved",
            {ITEM + "price": "40,00"},
            "details.items.0.price: found text, expected a number such as 12.50",
        ),
        ("claim.approved", {ITEM + "price": "1_0"}, "details.items.0.price: found text, expected a number"),
        (
            "claim.approved",
            {ITEM + "resolution_percentage": -1},
            "resolution_percentage: found a negative number, expected",
        ),
        (
            "claim.approved",
            {"body__resolutions__0__details__total_refund_amount": -1},
            "total_refund_amount: found a negative",
        ),
        (
            "claim.approved",
            {"body__resolutions__0__details__currency": "US dollars"},
            "currency: found text, expected three le",
        ),
        (
            "claim.approved",
            {"body__resolutions__1__details__shipping_address": "1 Elm Rd"},
            "shipping_address: found text, ex",
        ),
        ("message.created", {"body__message": ...}, "body.message: missing, expected text"),
        ("message.created", {"body__message": 5}, "body.message: found a number, expected text"),
        ("protection.added", {"body__amount": None}, "body.amount: found null, expected a number such as 12.50"),
        ("protection.added", {"body__amount": ...}, "body.amount: missing, expected a number such as 12.50"),
        ("protection.added", {"body__amount": -1}, "body.amount: found a negative number"),
        ("protection.removed", {"body__currency": ...}, "body.currency: missing, expected three letters"),
        ("protection.removed", {"body__source_order_id": ...}, "body.source_order_id: missing"),
    ],
)
def test_reasons(topic, changes, reason):
    """What cannot be read says where it is, what was found and what was expected."""
    with pytest.raises(Unreadable, match=reason):
        read(changed(topic, **changes))


DETAILS = "body__resolutions__0__details__"
AMOUNTS = [
    *(
        ("claim.approved", DETAILS + name)
        for name in (
            "total_refund_amount",
            "shipping_amount",
            "shipping_amount_tax",
            "items__0__price",
            "items__0__discount",
            "items__0__tax",
            "items__0__resolution_percentage",
            "items__0__resolution_flat_amount",
        )
    ),
    ("protection.added", "body__amount"),
    ("protection.removed", "body__amount"),
]


@pytest.mark.parametrize(("topic", "place"), AMOUNTS)
@pytest.mark.parametrize(
    "text", ["1E+39", "1E+12", "1000000000000", "1000000000000.5", "1E-21", "0." + 21 * "3", "5." + 21 * "0"]
)
def test_an_amount_of_too_many_digits_is_not_read(topic, place, text):
    """In every amount, as a number or as text, with its place: no sum of such amounts could be reckoned with."""
    reason = re.escape(place.replace("__", ".")) + ": found a number of too many digits, expected at most 12 before the"
    for said in (Decimal(text), text):
        with pytest.raises(Unreadable, match=reason):
            read(changed(topic, **{place: said}))


@pytest.mark.parametrize("text", ["999999999999.99", "0.30000000000000004", "0.010000000000000002", "1E-20", "1E+11"])
def test_an_amount_that_floats_made_is_read(text):
    """Its digits are kept, so that a person sees it held; quarantine is for what nobody can reckon with."""
    (first, _) = read(changed("claim.approved", **{DETAILS + "total_refund_amount": text})).resolutions
    assert Decimal(text) == first.total


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"[]", "the body: found a list, expected an object"),
        (b"null", "the body: found null"),
        (b"{}", "topic: missing"),
        (
            b'{"topic":"claim/approved","body":{"claimId":"c","resolutions":[{"type":"RESHIP","quantity":1}]}}',
            "0.itemId: missing",
        ),
        (b'{"topic":"claim/denied","body":{"claimId":"c"}}', "body.source_order_id: missing"),
        (SAMPLES["claim.created"][:-9], "not JSON"),
        (b"\xff", "not UTF-8"),
    ],
)
def test_other_bodies(body, reason):
    """Bodies of another shape are refused with their reason, the camelCase of undocumented topics included."""
    with pytest.raises(Unreadable, match=reason):
        read(body)


def test_malformed_sample():
    """A body broken as the documented sample is (C-8) is refused, not guessed at."""
    with pytest.raises(Unreadable, match="not JSON"):
        read((WIRE / "webhook.claim.approved.malformed.txt").read_bytes())


PLACES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.sampled_from(TOPICS), st.data())
def test_any_value_anywhere_is_read_or_refused(topic, data):
    """Whatever stands in whichever field: an event or a reason, and never another failure."""
    value = copy.deepcopy(json.loads(SAMPLES[topic], parse_float=Decimal))
    place = value
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not (isinstance(place[key], dict | list) and place[key] and data.draw(st.booleans())):
            break
        place = place[key]
    place[key] = data.draw(PLACES)
    try:
        body = dumps(value)
    except ValueError:
        return
    with contextlib.suppress(Unreadable):
        assert read(body).dialect in ("reference", "slash", "camel")


def test_reasons_and_reprs_hold_nothing_personal():
    """No text, name or address of a delivery stands in a reason or a repr."""
    private = "private@example.com"
    with pytest.raises(Unreadable) as caught:
        read(changed("message.created", body__message=[private]))
    assert private not in str(caught.value)
    assert private not in repr(read(changed("message.created", body__message=private)))
    assert private not in repr(read(changed("claim.created", body__claim_description=private)))
    address = {"address1": private, "city": private, "zip": private}
    assert private not in repr(read(changed("claim.approved", body__resolutions__1__details__shipping_address=address)))
