"""What a shop fills in, held against its own order and made into the page's body."""

from pathlib import Path

import attrs
import pytest

from op_core.errors import NotSendable, WrongArgument
from op_core.filing import LineIssue, OnlineClaim
from op_core.filing.forms import online_body
from op_core.models import Fulfillment, Line, LineQuantity
from op_core.money import Money
from op_core.order_protection.schema import FileClaim, IssueType
from op_core.testing.clock import START
from op_core.testing.model_shop import an_order

WIRE = Path(__file__).parents[1] / "data" / "wire"
EMAIL = "customer@example.com"


def parcel(name, **units):
    lines = tuple(LineQuantity(line_id.removeprefix("l"), quantity) for line_id, quantity in units.items())
    return Fulfillment(id=name, order_id="1001", status="FULFILLED", lines=lines, created_at=START)


ORDER = attrs.evolve(
    an_order(),
    lines=(
        Line(id="1", name="Blue mug", quantity=3, unit_price=Money("20.00", "USD"), product_id="P1", variant_id="V1"),
        Line(id="2", name="Notebook", quantity=1, unit_price=Money("15.00", "USD")),
        Line(id="9", name="Protection", quantity=1, unit_price=Money("1.98", "USD"), is_protection=True),
    ),
)
TWO = (parcel("p1", l1=2, l2=1), parcel("p2", l1=1))


def body(*issues, parcels=TWO, **more):
    return online_body(OnlineClaim(email=EMAIL, issues=issues, **more), ORDER, parcels).to_wire()


def refused(*issues, parcels=TWO, **more):
    with pytest.raises(WrongArgument) as caught:
        body(*issues, parcels=parcels, **more)
    return str(caught.value)


def test_the_whole_body():
    """Product and variant come from the order's line, the parcel from the shop; nothing is invented."""
    issue = LineIssue("2", 1, "DAMAGED", details="torn", images=["https://example.com/1.jpg"])
    said = body(issue, resolution="RESHIP", signature="https://example.com/s.png", requires_signature=True)

    assert {
        "email": EMAIL,
        "salesChannel": "ONLINE",
        "claimCategory": "SHIPPING",
        "fulfillmentIssues": [
            {
                "sourceFulfillmentId": "p1",
                "issues": [
                    {
                        "issueType": "DAMAGED",
                        "quantity": 1,
                        "sourceItemId": "2",
                        "details": "torn",
                        "images": ["https://example.com/1.jpg"],
                    }
                ],
            }
        ],
        "resolution": {"desiredMethod": "RESHIP", "customerSignature": "https://example.com/s.png"},
        "claimFiledFrom": "EXTERNAL",
        "options": {"requireCustomerSignature": True},
    } == said


def test_a_warranty_claim_says_its_period():
    """Category and ISO duration of the fuller copy of the page."""
    said = body(LineIssue("2", 1, "DEFECTIVE_ITEM"), category="WARRANTY", warranty_period="P1Y")

    assert ("WARRANTY", {"warrantyPeriod": "P1Y"}) == (said["claimCategory"], said["resolution"])


def test_without_a_wish_none_is_sent():
    """No resolution and no options."""
    assert {"resolution", "options"}.isdisjoint(body(LineIssue("2", 1, "STOLEN")))


@pytest.mark.parametrize("kind", list(IssueType))
def test_all_ten_types_may_be_filed(kind):
    """Webhooks know eight of them (C-16)."""
    (found,) = body(LineIssue("2", 1, kind.value))["fulfillmentIssues"]

    assert kind.value == found["issues"][0]["issueType"]


# --- Parcels -------------------------------------------------------------------------------------------------------


def placed(*issues, parcels=TWO):
    return {
        found["sourceFulfillmentId"]: [(issue["sourceItemId"], issue["quantity"]) for issue in found["issues"]]
        for found in body(*issues, parcels=parcels)["fulfillmentIssues"]
    }


def test_all_units_of_a_line_are_in_all_its_parcels():
    """Three mugs were sent in two parcels, and all three are lost."""
    assert {"p1": [("1", 2), ("2", 1)], "p2": [("1", 1)]} == placed(
        LineIssue("1", 3, "STOLEN"), LineIssue("2", 1, "STOLEN")
    )


def test_some_units_in_several_parcels_are_asked_for():
    """Which parcel was damaged is never guessed."""
    said = refused(LineIssue("2", 1, "DAMAGED"), LineIssue("1", 1, "DAMAGED"))

    assert (
        "issues[1].fulfillment_id: missing; units of line '1' are in several parcels: 'p1', 'p2'; expected one" == said
    )


def test_a_parcel_that_is_named_is_taken():
    """Two issues about one line, each with its parcel."""
    assert {"p2": [("1", 1)], "p1": [("1", 1)]} == placed(
        LineIssue("1", 1, "DAMAGED", fulfillment_id="p2"), LineIssue("1", 1, "STOLEN", fulfillment_id="p1")
    )


def test_a_line_that_was_not_sent_yet_is_in_no_parcel():
    """There is nothing to claim for."""
    assert "issues[0].fulfillment_id: missing, and line '2' is in no parcel" in refused(
        LineIssue("2", 1, "DAMAGED"), parcels=(parcel("p2", l1=1),)
    )


def test_the_only_parcel_of_unknown_content_holds_everything():
    """Some shops do not say what is in a parcel."""
    assert {"p": [("1", 3), ("2", 1)]} == placed(
        LineIssue("1", 3, "STOLEN"), LineIssue("2", 1, "STOLEN"), parcels=(parcel("p"),)
    )


def test_a_shop_that_cannot_look_parcels_up_names_them():
    """The id goes out as it is given."""
    assert {"any": [("1", 1)]} == placed(LineIssue("1", 1, "DAMAGED", fulfillment_id="any"), parcels=None)
    assert "issues[0].fulfillment_id: missing; this shop cannot look parcels up" in refused(
        LineIssue("1", 1, "DAMAGED"), parcels=None
    )


# --- Against the order ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("issues", "said"),
    [
        ([LineIssue("11", 1, "DAMAGED")], "issues[0].line_id: found '11', no line of order '1001'; nearest known: '1'"),
        (
            [LineIssue("9", 1, "DAMAGED")],
            "issues[0].line_id: found '9', the protection itself; expected a line",
        ),
        (
            [LineIssue("2", 2, "STOLEN")],
            "issues[0].quantity: found 2 units of line '2' in all, expected at most 1",
        ),
        (
            [LineIssue("1", 2, "STOLEN", fulfillment_id="p1"), LineIssue("1", 2, "STOLEN", fulfillment_id="p2")],
            "issues[1].quantity: found 4 units of line '1' in all, expected at most 3: the order has no more",
        ),
        (
            [LineIssue("1", 2, "STOLEN", fulfillment_id="p2")],
            "issues[0].quantity: found 2 units of line '1' in all, expected at most 1: parcel 'p2' has no more",
        ),
        (
            [LineIssue("1", 1, "STOLEN", fulfillment_id="p3")],
            "issues[0].fulfillment_id: found 'p3', no parcel of order '1001'; known: p1, p2",
        ),
        (
            [LineIssue("2", 1, "STOLEN", fulfillment_id="p2")],
            "issues[0].line_id: found '2', not in parcel 'p2'; it is in 'p1'",
        ),
    ],
)
def test_what_the_order_does_not_have_is_refused(issues, said):
    """Field, finding, expectation and the nearest."""
    assert said in refused(*issues)


def test_the_body_of_the_page_is_held_against_the_order_too():
    """With the page's own names of the fields."""
    issue = {"issueType": "DAMAGED", "quantity": 2, "sourceItemId": "2"}
    claim = FileClaim.model_validate(
        {"email": EMAIL, "fulfillmentIssues": [{"sourceFulfillmentId": "p1", "issues": [issue]}]}
    )
    with pytest.raises(WrongArgument, match=r"^fulfillmentIssues\[0\]\.issues\[0\]\.quantity: found 2 units"):
        online_body(claim, ORDER, TWO)
    with pytest.raises(WrongArgument, match=r"^fulfillmentIssues\[0\]\.issues\[0\]\.sourceItemId: found '2', no line"):
        online_body(claim, attrs.evolve(ORDER, lines=ORDER.lines[:1]), None)


# --- What is none --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: LineIssue("1", 1, "DAMAGD"), "issue_type: found 'DAMAGD'; nearest known: 'DAMAGED'"),
        (lambda: LineIssue("1", 1, "it fell to pieces"), "issue_type: found other text; known: DAMAGED, DEFECTIVE"),
        (lambda: LineIssue("1", 1, None), "issue_type: found a NoneType, expected one of STOLEN, DAMAGED"),
        (lambda: LineIssue("1", 0, "DAMAGED"), "quantity: found 0, expected a whole number from 1"),
        (lambda: LineIssue("1", 1.5, "DAMAGED"), "quantity: found 1.5"),
        (lambda: LineIssue("1", quantity=True, issue_type="DAMAGED"), "quantity: found True"),
        (lambda: LineIssue("1", 1, "DAMAGED", images="https://example.com"), "images: found text, expected a list"),
        (lambda: OnlineClaim(email=EMAIL, issues=[]), "issues: expected at least one LineIssue"),
        (lambda: OnlineClaim(email=EMAIL, issues=[{"line_id": "1"}]), "issues: expected at least one LineIssue"),
        (
            lambda: OnlineClaim(email=EMAIL, issues=[LineIssue("1", 1, "STOLEN")], resolution="MONEY"),
            "resolution: found",
        ),
        (lambda: OnlineClaim(email=EMAIL, issues=[LineIssue("1", 1, "STOLEN")], category="X"), "category: found 'X'"),
    ],
)
def test_a_form_that_cannot_be_is_refused_where_it_is_filled_in(make, said):
    """The field is named; what might be somebody's words is not shown."""
    with pytest.raises(WrongArgument) as caught:
        make()

    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (
            {"warranty_period": "one year"},
            "FileClaim.resolution.warrantyPeriod: found text; expected an ISO 8601 duration",
        ),
        ({"signature": "a scribble"}, "FileClaim.resolution.customerSignature: found text; expected an address"),
        ({"email": ""}, "FileClaim.email: found text; expected text that is not empty"),
    ],
)
def test_what_the_page_does_not_take_is_refused_by_its_field(more, said):
    """By the page's own rules."""
    with pytest.raises(NotSendable) as caught:
        online_body(OnlineClaim(**{"email": EMAIL, "issues": [LineIssue("2", 1, "STOLEN")], **more}), ORDER, TWO)

    assert said in str(caught.value)


def test_a_signature_that_is_required_must_be_there():
    """The claim is refused here first."""
    assert (
        "resolution.customerSignature: empty, and options.requireCustomerSignature says that one is needed"
        == refused(LineIssue("2", 1, "STOLEN"), requires_signature=True)
    )


def test_a_repr_shows_nobody():
    """Neither e-mail, nor words, nor pictures."""
    shown = repr(
        OnlineClaim(
            email=EMAIL,
            issues=[LineIssue("1", 1, "STOLEN", details="my words", images=["https://example.com/me.jpg"])],
            signature="https://example.com/s.png",
        )
    )

    assert "example.com" not in shown
    assert "words" not in shown
