"""Values that cross a hook: checked once, frozen, and silent about people."""

from datetime import UTC, datetime, timedelta, timezone

import attrs
import pytest

from op_core.capabilities import Capability, Support
from op_core.models import Address, Customer, Fulfillment, Line, LineQuantity, Outcome, Payment
from op_core.money import Money
from op_core.requests import NoteRequest, OperationKey
from op_core.testing.model_shop import an_order
from op_core.untrusted import Untrusted

FIVE = Money("5.00", "USD")


def test_no_repr_shows_a_person():
    """Names, e-mails, phones and addresses are left out of each ``repr``, also inside an order."""
    order = an_order(customer=Customer(email="customer@example.com", name="Customer One", phone="555-0100"))
    text = repr(order)

    for private in ("customer@example.com", "Customer", "One'", "555-0100", "Example Street", "10001'", "Exampletown"):
        assert private not in text.replace("Customer()", "")
    assert "1001" in text


def test_the_text_of_a_note_is_in_no_repr():
    """It comes from a customer."""
    common = {
        "store": "main",
        "key": OperationKey("m", "message:1", "note", 1),
        "reference": "OP-1",
        "order": an_order(),
    }
    request = NoteRequest(**common, deadline=datetime(2030, 1, 1, tzinfo=UTC), text=Untrusted("call 555-0100"))

    assert "555-0100" not in repr(request)


def test_times_are_aware_and_become_utc():
    """Naive ones fail at the border: they would be somebody's local time."""
    east = datetime(2025, 1, 2, 5, 0, tzinfo=timezone(timedelta(hours=2)))
    order = an_order(created_at=east)

    assert (east, timedelta(0)) == (order.created_at, order.created_at.utcoffset())
    with pytest.raises(ValueError, match="naive"):
        an_order(created_at=datetime(2025, 1, 2))  # noqa: DTZ001 - that is the point
    with pytest.raises(TypeError):
        an_order(created_at="2025-01-02")


@pytest.mark.parametrize("order_id", ["", None, True, 1.5])
def test_an_id_is_text_or_a_whole_number(order_id):
    """An empty id names nothing."""
    with pytest.raises(ValueError, match="an id is"):
        an_order(id=order_id)
    assert "7" == an_order(id=7).id


@pytest.mark.parametrize("quantity", [-1, 1.0, True, "1", None])
def test_a_quantity_is_a_whole_number_from_0(quantity):
    """Half units and negative ones do not exist."""
    with pytest.raises(ValueError, match="whole number from 0"):
        LineQuantity("1", quantity)


def test_values_are_frozen():
    """A plan cannot change under somebody's hands."""
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        an_order().status = "paid"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"state": "done"}, "shop_id is missing"),
        ({"state": "done", "shop_id": "1", "money": "queued"}, "is pending, not done"),
        ({"state": "perhaps"}, "state"),
        ({"state": "done", "shop_id": ""}, "an id is"),
        ({"state": "done", "shop_id": "1", "money": "soon"}, "money"),
    ],
)
def test_an_outcome_claims_no_more_than_it_shows(said, words):
    """Done names what was made, and queued money is not done."""
    with pytest.raises(ValueError, match=words):
        Outcome(**said)


def test_the_premium_is_what_the_shop_says_else_the_protection_lines():
    """After discounts; None where nobody says anything."""
    line = Line(
        id="p", name="Protection", quantity=2, unit_price=FIVE, discount=Money("1.00", "USD"), is_protection=True
    )
    order = an_order()

    assert order.premium_paid is None
    assert Money("9.00", "USD") == attrs.evolve(order, lines=(*order.lines, line)).premium_paid
    assert FIVE == attrs.evolve(order, lines=(*order.lines, line), premium=FIVE).premium_paid


def test_what_can_be_given_back_is_what_was_taken_less_what_was_given():
    """By the shop's own figures, over all payments."""
    paid = (Payment("1", Money("20", "USD"), FIVE), Payment("2", FIVE, FIVE))
    order = an_order(payments=paid)

    assert (Money("25", "USD"), Money("15", "USD")) == (order.paid, order.refundable)
    assert Money("0", "USD") == an_order(payments=()).paid


def test_a_line_is_found_by_its_id():
    """And None where there is none."""
    assert "Notebook" == an_order().line("2").name
    assert an_order().line("9") is None


def test_a_parcel_has_a_status_that_the_wire_knows():
    """A status that nobody knows fails at the border."""
    common = {"id": "F1", "order_id": "1", "lines": (), "created_at": datetime(2025, 1, 1, tzinfo=UTC)}

    assert "IN_TRANSIT" == Fulfillment(status="IN_TRANSIT", **common).status
    with pytest.raises(ValueError, match="LOST_AT_SEA"):
        Fulfillment(status="LOST_AT_SEA", **common)


def test_a_gap_needs_its_reason():
    """Everything short of supported says why."""
    assert Capability("supported").usable
    assert Capability("partial", "only cards").usable
    assert not Capability("not yet", "next month").usable
    for support in set(Support) - {Support.SUPPORTED}:
        with pytest.raises(ValueError, match="needs a reason"):
            Capability(support)


def test_an_address_with_nothing_in_it_is_one():
    """Every field has a default, for a shop that has only some."""
    assert "" == Address().city


def test_a_key_reads_as_a_path():
    """Store, subject, verb and n."""
    assert "main-1/claim:C1/refund/2" == str(OperationKey("main-1", "claim:C1", "refund", 2))
