"""What a person recorded as done is done, in whatever spelling the decision comes afterwards."""

import attrs
import pytest

from op_core.errors import PersonError
from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"
SHORT = bodies.approved(dialect="camel")
WHOLE = bodies.approved()
MORE = bodies.approved(bodies.resolution("REFUND", bodies.item("1", 1, "25.00"), total="25.00"), event="e2")


@pytest.fixture
def scene(ledger_url):
    """Give a store over each database."""
    scene = Scene.make(ModelShop([an_order()]), url=ledger_url, sweep={"days": 365})
    yield scene
    scene.ledger.close()


def run(scene, *deliveries):
    for body in deliveries:
        scene.deliver(body)
        scene.run()


def missed(scene, *types):
    """Have a sweep find decisions of claim C1, whose webhook never came."""
    scene.api.list_claim("C1", updatedAt=OLD, claimResolutions=bodies.listed(*types))
    scene.work.sweeper.run()


# --- After a sweep -------------------------------------------------------------------------------------------------


def test_the_short_body_and_then_the_whole_one_add_nothing(scene):
    """Done by hand: neither the body without amounts nor the one that completes it pays again."""
    missed(scene, "REFUND")
    scene.record(scene.action(), "by-hand")
    run(scene, bodies.created(), SHORT, WHOLE)

    assert (["done"], []) == (scene.states(), scene.shop.effects)


def test_a_later_amendment_asks_for_the_difference_only(scene):
    """What was done by hand counts as given for what was decided then."""
    missed(scene, "REFUND")
    scene.record(scene.action(), "by-hand")
    run(scene, WHOLE, MORE)

    done, more = scene.actions()
    assert [one.id for one in scene.deliveries()] == [done.delivery_id, more.delivery_id]
    assert ("done", Money("20.00", "USD")) == (done.state, done.worth)
    assert ("held", Money("5.00", "USD")) == (more.state, more.worth)


def test_another_decision_than_was_listed_is_held(scene):
    """A refund was listed, a reship is said: which of the two is the later word, nobody knows."""
    missed(scene, "REFUND")
    run(scene, bodies.approved(bodies.resolution("RESHIP", total="20.00")))

    refund, reship = scene.actions()
    assert [["never_delivered"], ["amended"]] == scene.holds()
    assert "listed REFUND for the claim; the webhook that came says RESHIP" in reship.holds[0]["reason"]
    scene.approve(reship)
    scene.run()
    assert (["replaced", "done"], [refund.id]) == (scene.states(), reship.rivals)


def test_of_several_of_one_type_the_sum_tells_which_was_done(scene):
    """Two refunds of two sums were listed, and one recorded: only the other one acts."""
    resolutions = bodies.listed("REFUND", paid="15.00") + bodies.listed("REFUND", paid="20.00")
    scene.api.list_claim("C1", updatedAt=OLD, claimResolutions=resolutions)
    scene.work.sweeper.run()
    scene.record(scene.actions()[1], "by-hand")
    other = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
    run(scene, bodies.approved(bodies.resolution(), other))

    assert ["done", "done"] == scene.states()
    assert [("15.00", "2")] == [(f"{one.amount.rounded().amount}", one.lines[0].line_id) for one in scene.shop.effects]


def test_a_declined_one_stays_declined_in_every_spelling(scene):
    """The short body waits for a person, and the whole one that completes it does too."""
    missed(scene, "REFUND")
    scene.decline(scene.action())
    run(scene, bodies.created(), SHORT, WHOLE)

    assert ["declined", "held"] == scene.states()
    assert ["amended"] == scene.holds()[1]
    assert [] == scene.shop.effects


def test_of_two_alike_one_was_done_and_the_whole_body_waits_too(scene):
    """Nobody knows which: neither the short body nor the whole one acts by itself."""
    missed(scene, "REFUND", "REFUND")
    scene.record(scene.actions()[0], "by-hand")
    second = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
    run(scene, bodies.created(), bodies.approved(bodies.resolution(), second, dialect="camel"))
    run(scene, bodies.approved(bodies.resolution(), second))

    assert [] == scene.shop.effects
    assert ["done", "held", "held"] == scene.states()


def test_an_amount_that_a_person_says_counts_and_stays(scene):
    """It is reported and taken off what may still go back; the webhook that comes late does not change it."""
    missed(scene, "REFUND")
    scene.record(scene.action(), "by-hand", Money("18.00", "USD"))
    run(scene, WHOLE)
    assert Money("18.00", "USD") == scene.action().worth
    run(
        scene,
        bodies.approved(
            bodies.resolution("REFUND", bodies.item("2", 1, "45.00"), total="45.00"), claim="C2", event="e2"
        ),
    )

    assert ["above_paid"] == scene.holds()[1]


def test_several_that_all_wait_are_taken_over_one_by_one(scene):
    """As long as nobody ended one of them, it does not matter which stands for which: both act, once."""
    missed(scene, "REFUND", "REFUND")
    other = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
    run(scene, bodies.approved(bodies.resolution(), other))

    assert ["done", "done"] == scene.states()
    assert ["15.00 USD", "20.00 USD"] == sorted(str(effect.amount) for effect in scene.shop.effects)


@pytest.mark.parametrize("said", [bodies.approved(bodies.resolution("RESHIP"), dialect="camel"),
                                  bodies.approved(bodies.resolution(), bodies.resolution())],
                         ids=["another type in short", "one more of the type"])  # fmt: skip
def test_what_tells_other_decisions_than_were_listed_acts_in_no_spelling(scene, said):
    """One refund was listed: neither a short body of another type nor a whole one of two refunds acts by itself."""
    missed(scene, "REFUND")
    run(scene, said)

    assert [] == scene.shop.effects
    assert all("amended" in codes for codes in scene.holds() if "never_delivered" not in codes)
    assert {"held"} == set(scene.states())


@pytest.mark.parametrize(
    ("verb", "done", "amount", "why"),
    [
        ("REFUND", None, "20.00", "it goes with the shop's id"),
        ("REFUND", "by-hand", "0.00", "above zero"),
        ("RESHIP", "by-hand", "20.00", "is a reship, which gives no amount"),
    ],
)
def test_an_amount_is_said_of_what_was_given(scene, verb, done, amount, why):
    """Anything else is refused, and nothing is written."""
    missed(scene, verb)
    with pytest.raises(PersonError, match=why):
        scene.record(scene.action(), done, Money(amount, "USD"))

    assert ("held", None) == (scene.action().state, scene.action().worth)


# --- After a body without amounts ----------------------------------------------------------------------------------


def test_a_refund_that_would_be_split_is_done_as_a_whole(ledger_url):
    """Recorded for a decision that named no amount: no part of it is paid once the amount is known."""
    paid = tuple(
        Payment(f"pay-{n}", Money(each, "USD"), Money("0.00", "USD")) for n, each in enumerate(("15.00", "45.00"), 1)
    )
    scene = Scene.make(ModelShop([an_order(payments=paid)]), url=ledger_url)
    scene.api.list_claim("C1")
    run(scene, bodies.created(), SHORT)
    scene.record(scene.action(), "by-hand")
    run(scene, WHOLE)

    assert (["done"], []) == (scene.states(), scene.shop.effects)
    assert Money("20.00", "USD") == scene.action().worth
    scene.ledger.close()


def test_what_was_done_before_anybody_named_the_order_is_not_done_again(scene):
    """The items were Order Protection's own ids then, and lines of the order now: a person sees it first."""
    scene.api.orders["1001"] = {"id": "op-1001", "orderItems": [{"id": "op-item", "sourceItemId": "1"}]}
    own = bodies.resolution("REFUND", bodies.item("op-item"))
    run(scene, bodies.approved(own, dialect="camel"))
    scene.record(scene.action(), "by-hand")
    run(scene, bodies.approved(own))

    assert [] == scene.shop.effects
    assert [("done", []), ("held", ["amended"])] == list(zip(scene.states(), scene.holds(), strict=True))


def test_units_that_are_told_together_and_then_apart_are_sent_once(ledger_url):
    """One reship of two lines is under way; said as two decisions of one line each, a person sees them first."""
    lines = tuple(attrs.evolve(line, quantity=4) for line in an_order().lines)
    scene = Scene.make(ModelShop([an_order(lines=lines)]), url=ledger_url)
    apart = [bodies.resolution("RESHIP", bodies.item(one), total="20.00") for one in ("1", "2")]
    scene.api.list_claim("C1")
    run(scene, bodies.created(), bodies.approved(*apart, dialect="camel"))
    assert ["done"] == scene.states()
    run(scene, bodies.approved(*apart))

    assert 1 == len(scene.shop.effects)
    assert ["done", "held", "held"] == scene.states()
    scene.ledger.close()


@pytest.mark.parametrize("by_hand", [["REFUND"], ["REFUND", "FLAT_RATE"]], ids=["one of them", "both"])
def test_of_two_that_give_money_back_each_is_its_own(scene, by_hand):
    """A refund and a flat rate are both refunds in the shop: what was recorded is not given again, the other one is."""
    scene.restart(resolutions=scene.store.resolutions.model_copy(update={"flat_rate": "act"}))
    refund = bodies.resolution()
    flat = bodies.resolution("FLAT_RATE", bodies.item("2", 1, "15.00", resolution_flat_amount="5.00"), total="5.00")
    scene.api.list_claim("C1")
    run(scene, bodies.created(), bodies.approved(refund, flat, dialect="camel"))
    assert [["no_amount"], ["no_amount"]] == scene.holds()
    for action in scene.actions():
        if action.content["from"] in by_hand:
            scene.record(action, "by-hand")
    run(scene, bodies.approved(refund, flat))

    assert ["done", "done"] == scene.states()
    assert ([] if len(by_hand) > 1 else ["5.00 USD"]) == [str(effect.amount) for effect in scene.shop.effects]
