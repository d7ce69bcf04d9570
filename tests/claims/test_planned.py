"""What a plan writes down: the whole of each action, as a person, an adapter and a later delivery will read it."""

import pytest

from op_core.claims.content import digest
from op_core.ledger import plans
from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

FORTY = bodies.resolution("REFUND", bodies.item("1", 2), total="40.00")
PER_UNIT, PER_LINE = (
    [
        f"{unit}, {extra}, rounded {place}"
        for extra in ("without shipping", "with shipping", "with shipping and its tax")
        for place in ("per line", "on the sum")
    ]
    for unit in ("per unit", "per line")
)
EITHER = [*PER_UNIT, *PER_LINE]  # of one unit both are the same


def usd(amount):
    return Money(amount, "USD")


def paid(*amounts, currency="USD"):
    return tuple(Payment(f"pay-{n}", Money(each, currency), Money(0, currency)) for n, each in enumerate(amounts, 1))


def planned(*resolutions, payments=None, **settings):
    """Return what is written down for a decision: verb, worth, payment and content of each action, and why it waits."""
    scene = Scene.make(ModelShop([an_order(payments=payments or paid("25.00", "35.00"))]), **settings)
    scene.deliver(bodies.approved(*resolutions))
    scene.plan()
    return [
        (one.verb, one.worth, one.payment_id, one.content, *codes)
        for one, codes in zip(scene.actions(), scene.holds(), strict=True)
    ]


def test_each_part_of_a_refund_says_of_what_it_is_a_part():
    """Its own amount and payment, which part it is, and the whole: units, what is owed, and how that was read."""
    whole = {"lines": [["1", 2]], "from": "REFUND", "said_total": "40", "owed": "40.00 USD", "readings": PER_UNIT}

    assert [
        ("refund", usd("25.00"), "pay-1", {**whole, "part": [1, 2]}),
        ("refund", usd("15.00"), "pay-2", {**whole, "part": [2, 2]}),
    ] == planned(FORTY)


def test_a_reship_says_where_it_goes_and_what_it_is_worth():
    """The address whole, whether it is another one than the order's, and the value in the shop; no amount is owed."""
    items = (bodies.item("2"), bodies.item("1", 2))
    ((verb, worth, payment, content),) = planned(
        bodies.resolution("RESHIP", *items, total="1.00", shipping_address=bodies.ADDRESS)
    )

    assert ("reship", None, None) == (verb, worth, payment)
    assert {
        "lines": [["1", 2], ["2", 1]],
        "list_value": "55.00 USD",
        "from": "RESHIP",
        "said_total": "1",
        "address": {
            "first_name": "Customer",
            "last_name": "One",
            "company_name": "",
            "street_address_1": "2 Example Road",
            "street_address_2": "",
            "city": "Exampletown",
            "country_area": "UT",
            "postal_code": "84601",
            "country": "US",
            "phone": "",
        },
        "another_address": True,
    } == content


def test_what_is_given_as_credit_says_how_it_was_read():
    """It comes of no payment, and has no parts."""
    content = {"lines": [["1", 1]], "from": "STORE_CREDIT", "said_total": "20", "owed": "20.00 USD", "readings": EITHER}

    assert [("store_credit", usd("20.00"), None, content, "setting")] == planned(bodies.resolution("STORE_CREDIT"))


def test_a_flat_rate_is_a_refund_that_says_what_it_comes_from():
    """In the shop both are refunds: only the content tells a later delivery which decision it was."""
    said = bodies.resolution("FLAT_RATE", bodies.item("1", 2, "20.00", resolution_flat_amount="7.50"), total="15.00")
    content = {"lines": [["1", 2]], "from": "FLAT_RATE", "said_total": "15", "owed": "15.00 USD", "readings": PER_UNIT,
               "part": [1, 1]}  # fmt: skip

    assert [("refund", usd("15.00"), "pay-1", content, "setting")] == planned(said)


@pytest.mark.parametrize(
    ("said", "total", "code"),
    [(bodies.resolution(total=None), None, "no_amount"), (bodies.resolution(currency="EUR"), "20", "currency")],
    ids=["no amount", "another currency"],
)
def test_what_cannot_be_reckoned_says_what_was_said(said, total, code):
    """Units and total stay as the decision has them; no amount is owed, for none is known."""
    content = {"lines": [["1", 1]], "from": "REFUND", "said_total": total}

    assert [("refund", None, None, content, code)] == planned(said)


def test_a_payment_in_another_currency_does_not_hide_what_is_owed():
    """Nothing can be given back of it here; who does it by hand is told how much, and it counts as given."""
    content = {"lines": [["1", 1]], "from": "REFUND", "said_total": "20", "owed": "20.00 USD", "readings": EITHER}

    assert [("refund", usd("20.00"), None, content, "currency")] == planned(
        bodies.resolution(), payments=paid("60.00", currency="EUR")
    )


@pytest.mark.parametrize("before", ["20.01", "59.99"])
def test_more_than_was_paid_is_shared_out_over_no_payment(before):
    """Store credit stands in no payment's figures: they seem to have enough. What is held stays one action."""
    scene = Scene.make(ModelShop([an_order(payments=paid("25.00", "35.00"))]), resolutions={"store_credit": "act"})
    credit = bodies.resolution("STORE_CREDIT", bodies.item("2", 1, before), total=before)
    scene.deliver(bodies.approved(credit, claim="C0", event="e0"))
    scene.run()
    scene.deliver(bodies.approved(FORTY))
    scene.run()

    assert [["above_paid"]] == scene.holds("refund")
    only = scene.action("refund")
    assert (usd("40.00"), None, False) == (only.worth, only.payment_id, "part" in only.content)


def test_more_digits_than_the_currency_has_are_shared_out_over_no_payment():
    """A part of a cent has no place in any of them: what is held stays one action."""
    (only,) = planned(bodies.resolution("REFUND", bodies.item(price="40.005"), total="40.005"))

    assert ("refund", usd("40.005"), None) == only[:3]
    assert "part" not in only[3]


def test_equal_decisions_of_a_claim_are_told_apart():
    """Each action is known by the content of its decision; of equal ones the second and the third are numbered."""
    scene = Scene.make()
    equal = bodies.resolution("REFUND", bodies.item("1", 1, "5.00"), total="5.00")
    scene.deliver(bodies.approved(equal, bodies.resolution("RESHIP", bodies.item("2")), equal, equal))
    scene.plan()
    (plan,) = scene.ledger.read(plans.plans_of, "main-1", "C1")
    named = {content["type"]: digest(content) for content in plan.content}

    refund = named["REFUND"]
    assert [refund, f"{refund}#2", f"{refund}#3"] == [one.resolution_hash for one in scene.actions("refund")]
    assert named["RESHIP"] == scene.action("reship").resolution_hash
