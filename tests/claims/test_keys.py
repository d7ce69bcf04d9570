"""Keys: the name of an action for ever, whatever order, spelling or dialect its deliveries come in."""

import hashlib
import re
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from op_core.claims.content import digest, of_resolution, reference, text
from op_core.order_protection import dialects
from op_core.requests import OperationKey
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

KEY = OperationKey("main-1", "claim:C1", "refund", 1)


@given(st.text(max_size=40), st.text(max_size=40), st.integers(1, 99))
def test_a_reference_is_short_and_plain(store, subject, n):
    """``OP-`` and letters and digits, at most 32 characters, whatever the ids are."""
    said = reference(OperationKey(store, subject, "refund", n))

    assert re.fullmatch("OP-[A-Z0-9]+", said)
    assert len(said) <= 32


def test_a_reference_never_changes():
    """It is written into shops: this very text is what an older ledger asks for."""
    assert "OP-ELT7NEDZGZBHT2BDHL363QT3UH" == reference(KEY)


@pytest.mark.parametrize(
    "other",
    [
        OperationKey("main-2", "claim:C1", "refund", 1),
        OperationKey("main-1", "claim:C2", "refund", 1),
        OperationKey("main-1", "claim:C1", "reship", 1),
        OperationKey("main-1", "claim:C1", "refund", 2),
        OperationKey("main-1claim:C1", "", "refund", 1),
    ],
)
def test_two_keys_have_two_references(other):
    """Store, subject, verb and n all count, and no part can pass for another."""
    assert reference(KEY) != reference(other)


@given(st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=-(10**20), max_value=10**20))
def test_an_amount_has_one_spelling(amount):
    """Zeros at the end say nothing, and no digit that says something is lost."""
    assert amount == type(amount)(text(amount))
    assert text(amount) == text(amount.quantize(type(amount)("0.000001")))
    assert "E" not in text(amount)


@pytest.mark.parametrize("nothing", ["0", "0.00", "-0.00", "0E+3"])
def test_nothing_has_one_spelling(nothing):
    """However nothing is written, it is the same decision: no sign and no zeros tell two of them apart."""
    assert "0" == text(Decimal(nothing))


def test_a_digest_does_not_know_the_order_of_names():
    """JSON objects have no order."""
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1})


def test_a_digest_never_changes():
    """Ledgers hold them: a later version must know what an older one planned, whatever letters it was written in."""
    canonical = b'{"a":null,"b":["caf\xc3\xa9",2]}'

    assert hashlib.sha256(canonical).hexdigest() == digest({"b": ["caf\u00e9", 2], "a": None})


def test_half_a_letter_is_hashed_like_any_other():
    """JSON may hold one half of a pair of surrogates, which is no UTF-8: such a claim is planned all the same."""
    half = OperationKey("main-1", "claim:\ud83d", "refund", 1)

    assert hashlib.sha256(b'"\xed\xa0\xbd"').hexdigest() == digest("\ud83d")
    assert re.fullmatch("OP-[A-Z0-9]{26}", reference(half))
    assert reference(half) != reference(OperationKey("main-1", "claim:\ud83c", "refund", 1))


def test_the_normal_form_of_a_decision_never_changes():
    """It is what two deliveries are compared by, and an older ledger holds it: each name, each amount as text."""
    item = bodies.item("1", 2, "20.00", discount="2.50", tax="1.0", resolution_percentage="50", sku="MUG-BLUE",
                       resolution_flat_amount="7.0", product_id="p-1", variant_id="v-1")  # fmt: skip
    said = bodies.resolution("refund", item, total="21.25", shipping_amount="5.0", shipping_amount_tax="0.90",
                             shipping_address=bodies.ADDRESS)  # fmt: skip
    (resolution,) = dialects.read(bodies.approved(said)).resolutions

    assert {
        "type": "REFUND",
        "lines": [
            {
                "item_id": "1",
                "product_id": "p-1",
                "variant_id": "v-1",
                "sku": "MUG-BLUE",
                "quantity": 2,
                "price": "20",
                "discount": "2.5",
                "tax": "1",
                "percentage": "50",
                "flat_amount": "7",
            }
        ],
        "currency": "USD",
        "total": "21.25",
        "shipping": "5",
        "shipping_tax": "0.9",
        "address": {
            "address1": "2 Example Road",
            "address2": "",
            "city": "Exampletown",
            "state": "UT",
            "zip": "84601",
            "country": "US",
        },
    } == of_resolution(resolution)


# Claims on orders of their own: what is planned for one depends on no other.
PARTS = [
    bodies.resolution("REFUND", bodies.item("1", 1), bodies.item("2", 1, "15.00"), total="35.00"),
    bodies.resolution("RESHIP", bodies.item("1", 1), shipping_address=bodies.ADDRESS),
    bodies.resolution("STORE_CREDIT", bodies.item("2", 1, "15.00"), total="15.00"),
]
CLAIMS = {"C1": PARTS[:2], "C2": PARTS[1:], "C3": PARTS[:1]}


def spelled(claim, dialect, swap):
    """Return one spelling of a claim's decision."""
    said = CLAIMS[claim]
    if swap:
        said = [
            {**one, "details": {**one["details"], "items": one["details"]["items"][::-1]}} for one in reversed(said)
        ]
    event = f"evt-{claim}-{dialect}"
    return bodies.approved(*said, claim=claim, order=f"order-{claim}", event=event, dialect=dialect)


SPELLINGS = [(claim, dialect, swap) for claim in CLAIMS for dialect in ("reference", "slash") for swap in (False, True)]
OTHERS = [bodies.created(claim, f"order-{claim}") for claim in CLAIMS] + [
    bodies.message(claim=claim, order=f"order-{claim}", event=None) for claim in CLAIMS
]


def planned(deliveries):
    """Return what is planned, by reference, once every claim was said at least once."""
    orders = [an_order(id=f"order-{claim}", number=claim) for claim in CLAIMS]
    scene = Scene.make(ModelShop(orders), resolutions={"store_credit": "act"})
    for body in deliveries:
        scene.deliver(body)
    scene.plan()
    for claim in CLAIMS:
        scene.deliver(spelled(claim, "reference", swap=False))
    scene.plan()
    result = {(str(one.key), one.reference, one.content_hash) for one in scene.actions() if one.verb != "note"}
    scene.ledger.close()
    return result


EXPECTED = []


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(SPELLINGS).map(lambda one: spelled(*one)), st.sampled_from(OTHERS)), max_size=8)
)
def test_no_order_repetition_or_spelling_changes_a_key_or_a_content(deliveries):
    """The same decisions, delivered in any order, any number of times and in any spelling, are the same plan."""
    if not EXPECTED:
        EXPECTED.append(planned([]))

    assert EXPECTED[0] == planned(deliveries)
    assert 5 == len(EXPECTED[0])


def test_two_actions_of_one_verb_are_numbered_as_they_were_planned():
    """N is the position among the actions of that verb for that subject, from 1."""
    scene = Scene.make()
    twice = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
    scene.deliver(bodies.approved(bodies.resolution("REFUND"), twice))
    scene.plan()

    assert ["main-1/claim:C1/refund/1", "main-1/claim:C1/refund/2"] == [str(one.key) for one in scene.actions()]


def test_lines_are_content_not_key():
    """Another line or amount is another content under the next number of the same name."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.deliver(bodies.approved(bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00"), event="e2"))
    scene.plan()
    first, second = scene.actions()

    assert (first.subject, first.verb, 1, 2) == (second.subject, second.verb, first.n, second.n)
    assert first.content_hash != second.content_hash
