"""Promise 4, caps: never more money than was paid, never more units than were ordered, whatever comes."""

from contextlib import suppress

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from op_core.claims import caps
from op_core.errors import PersonError
from op_core.models import Line, Payment
from op_core.money import Money, total
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

ACT = {"resolutions": {"store_credit": "act", "flat_rate": "act"}}
CHEAP = Line(id="3", name="Sticker", quantity=9, unit_price=Money("20.00", "USD"))


def usd(amount):
    return Money(amount, "USD")


def refund(amount, claim, kind="REFUND"):
    """Return an approval of one sticker, of which there are enough for the units never to matter."""
    said = bodies.resolution(kind, bodies.item("3", 1, amount), total=amount)
    return bodies.approved(said, claim=claim, event=f"e-{claim}")


def a_scene(*, refunded="0.00", **changes):
    payment = Payment(id="pay-1", captured=usd("60.00"), refunded=usd(refunded))
    order = an_order(payments=(payment,), **changes)
    return Scene.make(ModelShop([attrs.evolve(order, lines=(*order.lines, CHEAP))]), **ACT)


def run(scene, *deliveries):
    for body in deliveries:
        scene.deliver(body)
        scene.run()


def test_refunds_and_store_credits_never_exceed_what_was_paid():
    """40.00 back and 20.00 of credit: the 60.00 are used up, another cent is held."""
    scene = a_scene()
    run(scene, refund("40.00", "C1"), refund("20.00", "C2", "STORE_CREDIT"), refund("0.01", "C3"))

    assert ["done", "done", "held"] == scene.states()
    assert [[], [], ["above_paid"]] == scene.holds()


def test_the_shop_s_own_refunds_count():
    """What the shop's staff gave back by hand is not there any more."""
    scene = a_scene(refunded="45.00")
    run(scene, refund("15.01", "C1"), refund("15.00", "C2"))

    assert [["above_paid"], ["above_paid"]] == scene.holds()
    scene.decline(scene.actions()[0])
    scene.retry(scene.actions()[1])
    scene.run()
    assert ["declined", "done"] == scene.states()


@pytest.mark.parametrize("left", ["19.9967", "20.0033"])
def test_all_that_is_left_is_not_more_than_there_is(left):
    """Neither the cent that it rounds to nor its own last digit is above it; a cent more is."""
    order = an_order(payments=(Payment("pay-1", usd(left), usd("0.00")),))
    held = {amount: len(caps.money(usd(amount), [], order)) for amount in ("20.00", left, "20.01")}

    assert {"20.00": 0, left: 0, "20.01": 1} == held


def test_store_credit_counts_beside_what_the_shop_gave_back():
    """A payment's figures never hold store credit: 40.00 by hand and 20.00 of credit leave nothing."""
    scene = a_scene(refunded="40.00")
    run(scene, refund("20.00", "C1", "STORE_CREDIT"), refund("20.00", "C2", "STORE_CREDIT"))

    assert ["done", "held"] == scene.states()


@pytest.mark.parametrize("fault", ["pending", "none"])
def test_what_may_still_happen_counts(fault):
    """Pending and unknown count against the caps as done does."""
    scene = a_scene()
    scene.shop.faults = {("refund", 1): fault, ("find_refund", 1): "raise"}
    run(scene, refund("40.00", "C1"), refund("30.00", "C2"))

    assert [[], ["above_paid"]] == scene.holds()


def test_what_waits_for_a_person_counts():
    """Held is not refused: it may act later."""
    scene = a_scene()
    scene.deliver(refund("40.00", "C1"), listed="DENIED")
    scene.run()
    run(scene, refund("30.00", "C2"))

    assert [["not_confirmed"], ["above_paid"]] == scene.holds()


@pytest.mark.parametrize("end", ["refused", "declined"])
def test_what_surely_moves_nothing_does_not_count(end):
    """Refused and declined free what they took."""
    scene = a_scene()
    scene.shop.faults = {("refund", 1): "refuse"} if end == "refused" else {}
    scene.deliver(refund("40.00", "C1"), listed="APPROVED" if end == "refused" else "DENIED")
    scene.run()
    if end == "declined":
        scene.decline(scene.action())
    scene.shop.faults = {}
    run(scene, refund("30.00", "C2"))

    assert [end, "done"] == scene.states()


def test_no_approval_passes_the_caps():
    """Above what was paid nothing moves, whatever a person says; looking again finds the same."""
    scene = a_scene()
    run(scene, refund("60.01", "C1"))
    for _ in range(2):
        with pytest.raises(PersonError, match="cannot act as it is"):
            scene.approve(scene.action())
        scene.retry(scene.action())
        scene.run()

    assert [["above_paid"]] == scene.holds()
    assert [] == scene.shop.effects


def test_the_caps_are_looked_at_again_just_before_the_call():
    """What was refunded by hand between plan and call is not refunded twice."""
    scene = a_scene()
    scene.deliver(refund("40.00", "C1"))
    scene.plan()
    order = scene.shop.orders["1001"]
    payment = attrs.evolve(order.payments[0], refunded=usd("30.00"))
    scene.shop.orders["1001"] = attrs.evolve(order, payments=(payment,))
    scene.run()

    assert [["above_paid"]] == scene.holds()


def test_a_payment_that_gave_something_else_back_is_not_asked_for_more():
    """A refund is of one payment, as planned: where that has too little by now it is held; a retry plans it anew."""
    paid = tuple(Payment(id=f"pay-{n}", captured=usd("30"), refunded=usd("0")) for n in (1, 2))
    scene = Scene.make(ModelShop([an_order(payments=paid)]))
    scene.deliver(units("REFUND", 1, "C1"))
    scene.plan()
    by_hand = (attrs.evolve(paid[0], refunded=usd("15")), paid[1])
    scene.shop.orders["1001"] = an_order(payments=by_hand)
    scene.run()

    assert [["above_paid"]] == scene.holds()
    assert "20.00 USD was to come from payment pay-1, which has 15.00 USD left" == scene.action().holds[0]["reason"]
    scene.retry(scene.action())
    scene.run()
    assert [("pay-1", "15.00 USD"), ("pay-2", "5.00 USD")] == [
        (effect.payment_id, str(effect.amount)) for effect in scene.shop.effects
    ]


def test_a_refund_of_two_payments_counts_its_units_once():
    """The shop is told of the units with the first part alone, so that the other unit can still be sent again."""
    paid = tuple(Payment(id=f"pay-{amount}", captured=usd(amount), refunded=usd("0")) for amount in ("10", "50"))
    scene = Scene.make(ModelShop([an_order(payments=paid)]))
    run(scene, units("REFUND", 1, "C1"), units("RESHIP", 1, "C2"))

    assert ["done", "done", "done"] == scene.states()
    assert [1, 0, 1] == [sum(line.quantity for line in effect.lines) for effect in scene.shop.effects]


def units(kind, quantity, claim):
    amount = str(20 * quantity)
    said = bodies.resolution(kind, bodies.item("1", quantity), total=amount)
    return bodies.approved(said, claim=claim, event=f"e-{claim}")


@pytest.mark.parametrize(("first", "second"), [("RESHIP", "RESHIP"), ("REFUND", "RESHIP"), ("RESHIP", "REFUND")])
def test_refunded_and_reshipped_units_never_exceed_ordered_ones(first, second):
    """Of two ordered units, one and one are fine; a third is held."""
    scene = a_scene()
    run(scene, units(first, 1, "C1"), units(second, 1, "C2"), units("RESHIP", 1, "C3"))

    assert [[], [], ["above_ordered"]] == scene.holds()


def test_units_that_the_shop_refunded_by_hand_count():
    """A unit that the shop's staff refunded is not sent again."""
    order = an_order()
    lines = (attrs.evolve(order.lines[0], refunded_quantity=1), order.lines[1])
    scene = Scene.make(ModelShop([attrs.evolve(order, lines=lines)]))
    run(scene, units("RESHIP", 2, "C1"), units("RESHIP", 1, "C2"))

    assert ["above_ordered"] == scene.holds()[0]


def test_a_unit_that_we_refunded_is_not_counted_twice():
    """A shop that notes our own refund on the line does not use the unit up a second time."""
    scene = a_scene()
    run(scene, units("REFUND", 1, "C1"))
    order = scene.shop.orders["1001"]
    lines = (attrs.evolve(order.lines[0], refunded_quantity=1), *order.lines[1:])
    scene.shop.orders["1001"] = attrs.evolve(order, lines=lines)
    run(scene, units("RESHIP", 1, "C2"))

    assert ["done", "done"] == scene.states()


def test_the_same_unit_in_a_refund_and_a_reship_of_one_claim_is_held():
    """Both wait: nobody decides which of the two was meant."""
    scene = a_scene()
    both = (bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00"),
            bodies.resolution("RESHIP", bodies.item("2", 1, "15.00"), total="15.00"))  # fmt: skip
    run(scene, bodies.approved(*both))

    assert ["held", "held"] == scene.states()
    assert all("same_unit" in codes for codes in scene.holds())


def test_different_units_of_a_line_may_be_refunded_and_sent_again():
    """One of two mugs refunded, the other sent again: that is no conflict."""
    scene = a_scene()
    run(scene, bodies.approved(bodies.resolution("REFUND"), bodies.resolution("RESHIP", total="20.00")))

    assert ["done", "done"] == scene.states()


AMOUNTS = st.sampled_from(["0.01", "7.49", "15.00", "20.00", "33.34", "60.00"])
FAULTS = st.sampled_from(["ok", "ok", "refuse", "lost", "pending", "raise", "not_sent"])
STEPS = st.lists(
    st.tuples(st.sampled_from(["REFUND", "STORE_CREDIT", "FLAT_RATE"]), AMOUNTS, FAULTS), min_size=1, max_size=6
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS, by_hand=st.sampled_from(["0.00", "10.00", "59.99"]), approve=st.booleans())
def test_no_sequence_gives_more_than_was_paid(steps, by_hand, approve):
    """Whatever is decided, fails, is approved and retried: shop and ledger together never give back more than 60.00."""
    scene = a_scene(refunded=by_hand)
    faults = [fault for _, _, fault in steps]
    scene.shop.faults = lambda verb, nth: "ok" if verb.startswith("find") or not faults else faults.pop(0)
    for n, (kind, amount, _) in enumerate(steps):
        flat = {"resolution_flat_amount": amount} if kind == "FLAT_RATE" else {}
        said = bodies.resolution(kind, bodies.item("3", 1, amount, **flat), total=amount)
        scene.deliver(bodies.approved(said, claim=f"C{n}", event=f"e{n}"))
        scene.run()
    for action in scene.actions() if approve else ():
        if action.state == "held":
            with suppress(PersonError):  # the caps cannot be passed; looking again is all that is left
                scene.approve(action)
            with suppress(PersonError):
                scene.retry(scene.actions()[action.id - 1])
    scene.wait(minutes=10)
    scene.ledger.close()

    assert total((one.amount for one in scene.shop.effects), "USD") <= usd("60.00") - usd(by_hand)
    assert {} == scene.shop.doubled()
