"""A webhook that comes after a sweep missed it takes the place of what waits for it, and of nothing else."""

import pytest

from op_core.models import Payment
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"
TWENTY = bodies.resolution()
FIFTEEN = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
RESHIP = bodies.resolution("RESHIP", bodies.item("2"), total="15.00")


def missed(*listed, payments=None):
    """Return a scene whose sweep found these decisions of claim C1, which was filed and whose approval never came."""
    order = an_order() if payments is None else an_order(payments=payments)
    scene = Scene.make(ModelShop([order]), sweep={"days": 365})
    scene.api.list_claim("C1", updatedAt=OLD, claimResolutions=[
        {**one, "id": f"r{n}"} for n, one in enumerate(listed, 1)
    ])  # fmt: skip
    scene.work.sweeper.run()
    assert [["never_delivered"]] * len(listed) == scene.holds()
    return scene


def listed(kind="REFUND", paid=None):
    (one,) = bodies.listed(kind, paid=paid)
    return one


def decide(scene, *resolutions, **said):
    scene.deliver(bodies.approved(*resolutions, **said))
    scene.run()


def given(scene):
    return [(effect.verb, effect.payment_id, effect.amount and str(effect.amount)) for effect in scene.shop.effects]


def test_a_refund_that_was_missed_is_shared_out_under_the_key_that_waited():
    """Its first part keeps the key, the next ones follow: each payment gives its part back, once."""
    usd = [Money(each, "USD") for each in ("12.00", "48.00", "0.00")]
    scene = missed(listed(), payments=(Payment("pay-1", usd[0], usd[2]), Payment("pay-2", usd[1], usd[2])))
    waits = scene.action()
    decide(scene, TWENTY)

    assert [("refund", "pay-1", "12.00 USD"), ("refund", "pay-2", "8.00 USD")] == given(scene)
    assert ["done", "done"] == scene.states()
    assert (waits.key, waits.reference) == (scene.actions()[0].key, scene.shop.effects[0].reference)


@pytest.mark.parametrize("chosen", [0, 1], ids=["the first", "the second"])
def test_of_two_alike_a_person_lets_the_one_act_that_was_not_done(chosen):
    """One of two refunds was done by hand, and nobody can tell which: either may act, the other ends."""
    scene = missed(listed(), listed())
    scene.record(scene.actions()[0], "by-hand")
    decide(scene, TWENTY, FIFTEEN)
    done, *waiting = scene.actions()

    assert [[], ["amended"], ["amended"]] == scene.holds()
    for one in waiting:
        assert one.holds[0]["reason"].startswith(f"action {done.id} was done, when"), "and names no other"
    scene.approve(waiting[chosen], plan=waiting[chosen].content_hash)
    scene.decline(waiting[1 - chosen])
    scene.run()

    assert [str(waiting[chosen].worth)] == [amount for _, _, amount in given(scene)]
    assert ["declined", "done", "done"] == sorted(scene.states())


@pytest.mark.parametrize(
    ("paid", "said"),
    [
        (("15.00", "20.00"), (TWENTY, bodies.resolution(total="25.00"))),
        (("15.00", "15.00"), (FIFTEEN, bodies.resolution("REFUND", bodies.item("1", 1, "15.00"), total="15.00"))),
        (("20.00", None), (TWENTY, FIFTEEN)),
        (("15.00", "20.00"), (TWENTY, bodies.resolution("REFUND", bodies.item("2"), total=None))),
        (("15.00", "20.00"), (TWENTY, bodies.resolution("REFUND", bodies.item("2"), total="15.00", currency=None))),
    ],
    ids=["another sum", "one sum twice", "a sum not listed", "a sum not said", "a currency not said"],
)
@pytest.mark.parametrize("done", [0, 1], ids=["the first is done", "the second is done"])
def test_where_sums_do_not_tell_which_was_done_nothing_acts(paid, said, done):
    """A guess would give one refund twice and the other one never."""
    scene = missed(*(listed(paid=one) for one in paid))
    scene.record(scene.actions()[done], "by-hand")
    decide(scene, *said)

    assert [] == scene.shop.effects
    assert ["done", "held", "held"] == sorted(scene.states())
    assert all("amended" in [found["code"] for found in one.holds] for one in scene.actions() if one.state == "held")


@pytest.mark.parametrize("kinds", [("REFUND", "RESHIP"), ("RESHIP", "REFUND")])
def test_what_was_declined_stands_and_what_waits_beside_it_acts(kinds):
    """A person ended one of two decisions: the other one is taken over as if it were alone."""
    scene = missed(listed(kinds[0]), listed(kinds[1]))
    declined = scene.action(kinds[0].lower())
    scene.decline(declined)
    decide(scene, TWENTY, RESHIP)

    assert [kinds[1].lower()] == [verb for verb, _, _ in given(scene)]
    assert ["done"] == scene.states(kinds[1].lower())
    assert ["declined", "held"] == scene.states(kinds[0].lower())
    assert ["amended"] == scene.holds(kinds[0].lower())[1]


def test_what_was_done_stands_and_what_waits_beside_it_acts():
    """Recorded for one of two decisions: its webhook adds what it was about, and the other one acts."""
    scene = missed(listed("REFUND"), listed("RESHIP"))
    scene.record(scene.action("refund"), "by-hand")
    decide(scene, TWENTY, RESHIP)

    assert [("reship", None, None)] == given(scene)
    assert ["done", "done"] == scene.states()
    assert (Money("20.00", "USD"), [["1", 1]]) == (
        scene.action("refund").worth,
        scene.action("refund").content["lines"],
    )


def test_approving_another_decision_ends_no_question_of_a_third():
    """A reship was declined, and of two refunds a short body says one: the reship stands in the way of neither."""
    scene = missed(listed("RESHIP"), listed(), listed())
    scene.decline(scene.action("reship"))
    scene.deliver(bodies.created())
    decide(scene, TWENTY, RESHIP, dialect="camel")
    again = scene.actions("reship")[1]
    scene.approve(again)
    scene.run()

    assert [("reship", None, None)] == given(scene)
    assert ["held", "held"] == scene.states("refund")
