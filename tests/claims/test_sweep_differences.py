"""What Order Protection and the ledger both know of a claim, and tell differently, is listed; nothing is changed."""

from decimal import Decimal

import pytest

from op_core import hookimpl
from op_core.ledger import differences
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.api import ScriptedApi
from op_core.testing.model_shop import an_order
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"
WHOLE = bodies.approved(bodies.resolution("REFUND", total="20.00"))


@pytest.fixture
def scene(ledger_url):
    """A store over each database, with one order that the shop has."""
    scene = Scene.make(url=ledger_url, sweep={"days": 365})
    yield scene
    scene.ledger.close()


def listed(scene, *types, state="APPROVED", updated=OLD, paid=None, **facts):
    """List claim C1 of order 1001 with these resolutions."""
    said = {"updatedAt": updated, "claimResolutions": bodies.listed(*types, paid=paid), **facts}
    scene.api.list_claim("C1", state=state, **said)


def sweep(scene):
    return scene.work.sweeper.run()


def told(scene):
    rows = scene.ledger.read(differences.listing, scene.store.id)
    return [(row.claim_id, row.what, row.ours, row.theirs) for row in rows]


def planned(scene, *resolutions):
    scene.deliver(bodies.approved(*resolutions) if resolutions else WHOLE)
    scene.run()
    scene.clock.move(hours=1)


@pytest.mark.parametrize(
    ("types", "facts", "expected"),
    [
        (["REFUND"], {}, []),
        (["REFUND"], {"paid": Decimal("20.0")}, []),
        (["REFUND"], {"paid": Decimal("21.00")}, [("paid REFUND", "20 USD", "21 USD")]),
        (["STORE_CREDIT"], {}, [("resolutions", "REFUND", "STORE_CREDIT")]),
        (["REFUND", "RESHIP"], {}, [("resolutions", "REFUND", "REFUND, RESHIP")]),
        ([], {}, []),
        (["REFUND"], {"state": "DENIED"}, [("state", "approved", "DENIED"), ("undecided", "done: refund", "DENIED")]),
        (["REFUND"], {"state": "OPEN"}, [("undecided", "done: refund", "OPEN")]),
        (["REFUND"], {"state": "ARCHIVED"}, []),
        ([], {"state": "ARCHIVED"}, [("undecided", "done: refund", "ARCHIVED")]),
        ([], {"state": "CLOSED"}, []),
        (["REFUND"], {"claimItems": [{"itemId": "1", "quantity": 2}]}, []),
        (["REFUND"], {"claimItems": [{"itemId": "1", "quantity": 0}]}, [("items", "1 of 1", "0 of 1")]),
        (["REFUND"], {"claimItems": [{"itemId": "strange", "quantity": 0}]}, []),
        (["REFUND"], {"claimItems": [{"itemId": "op-1", "quantity": 0}]}, [("items", "1 of 1", "0 of 1")]),
        (["REFUND"], {"claimItems": [{"itemId": "op-1", "quantity": 1}]}, []),
        (["REFUND"], {"sourceOrderId": "1002"}, [("order", "1001", "1002, listed under 1001")]),
    ],
)
def test_what_both_tell_differently_is_listed(scene, types, facts, expected):
    """State, resolutions, sums and units, each with both words; what agrees is not."""
    planned(scene)
    scene.api.orders["1001"] = {"id": "own", "orderItems": [{"id": "op-1", "sourceItemId": "1"}]}
    listed(scene, *types, **facts)
    found = sweep(scene)

    assert [("C1", *one) for one in expected] == told(scene)
    assert (len(expected), len(expected)) == (found.differences, found.new)
    assert ["done"] == scene.states()


def test_a_claim_that_is_listed_no_more_is_a_difference(scene):
    """What was planned here and is not there was perhaps made up."""
    planned(scene)
    scene.api.claims["1001"] = {}
    sweep(scene)

    assert [("C1", "listed", "planned", None)] == told(scene)


def test_a_claim_that_is_denied_here_and_approved_there_is_a_difference(scene):
    """The last word is told differently; nothing is made to wait twice."""
    scene.deliver(bodies.denied())
    scene.run()
    listed(scene, "REFUND")
    sweep(scene)

    assert [("C1", "state", "denied", "APPROVED")] == told(scene)
    assert [] == scene.actions()


def test_what_agrees_again_is_forgotten_and_what_stays_is_told_once(ledger_url):
    """The list is of now; an observer hears of a difference when it is new."""
    heard = Ear()
    scene = Scene.make(url=ledger_url, sweep={"days": 365}, observers={"ear": heard})
    planned(scene)
    listed(scene, "REFUND", paid=Decimal("21.00"))
    sweep(scene)
    sweep(scene)
    scene.desk.shop.observers.close()

    said = {"what": "paid REFUND", "ours": "20 USD", "theirs": "21 USD"}
    assert [("claim.differs", "claim:C1", said)] == [one for one in heard.events if one[0] == "claim.differs"]
    listed(scene, "REFUND", paid=Decimal("20.00"))
    sweep(scene)
    assert [] == told(scene)
    scene.ledger.close()


def test_what_was_given_by_hand_counts_too(scene):
    """Decided and listed as 20.00, and another sum was given: a person sees all of them."""
    listed(scene, "REFUND", paid=Decimal("20.00"))
    sweep(scene)
    scene.record(scene.action(), "by-hand", Money("18.00", "USD"))
    planned(scene)
    listed(scene, "REFUND", paid=Decimal("20.00"))
    sweep(scene)

    assert [("C1", "paid REFUND", "20 USD, given 18 USD", "20 USD")] == told(scene)


def test_a_sum_that_is_not_said_of_all_is_not_compared(scene):
    """One of two refunds is not paid yet: nobody knows what it will come to."""
    second = bodies.resolution("REFUND", bodies.item("2", 1, "15.00"), total="15.00")
    planned(scene, bodies.resolution(), second)
    listed(scene, "REFUND", "REFUND", paid=Decimal("20.00"))
    scene.api.facts["C1"]["claimResolutions"][1]["paidValue"] = None
    sweep(scene)

    assert [] == told(scene)


def test_a_replacement_pays_nothing(scene):
    """What is listed as the worth of a reship is no sum that somebody was given."""
    planned(scene, bodies.resolution("RESHIP", total="20.00"))
    listed(scene, "RESHIP", paid=Decimal("21.00"))
    sweep(scene)

    assert [] == told(scene)


def test_a_short_body_says_nothing_of_how_many_resolutions_there_are(scene):
    """It names items one by one, and those of a type are joined (C-4)."""
    scene.deliver(bodies.created())
    short = [bodies.resolution("RESHIP", bodies.item(one)) for one in ("1", "2")]
    scene.deliver(bodies.approved(*short, dialect="camel"))
    scene.run()
    scene.clock.move(hours=1)
    listed(scene, "RESHIP", "RESHIP")
    sweep(scene)

    assert [] == told(scene)


def test_store_credit_that_both_give_is_listed(scene):
    """The customer would have it twice; the code of the credit is not repeated."""
    scene.restart(resolutions=scene.store.resolutions.model_copy(update={"store_credit": "act"}))
    planned(scene, bodies.resolution("STORE_CREDIT"))
    credit = {"code": "SECRET-1", "creditValue": "20.00", "creditCurrency": "USD"}
    listed(scene, "STORE_CREDIT", claimStoreCredits=[credit])
    sweep(scene)

    number = scene.action().id
    assert [("C1", "store credit", f"action {number} is done", "gave 20 USD")] == told(scene)


def test_what_an_earlier_sweep_found_and_is_denied_now_is_listed(scene):
    """Nothing is owed any more, and no webhook said so."""
    listed(scene, "REFUND")
    sweep(scene)
    listed(scene, "REFUND", state="DENIED")
    sweep(scene)

    assert [("C1", "state", "approved, as an earlier sweep found", "DENIED")] == told(scene)


def test_what_an_earlier_sweep_found_and_is_listed_no_more_is_told(scene):
    """Another resolution stands in its place; what waits for the first one waits on."""
    listed(scene, "REFUND")
    sweep(scene)
    listed(scene, "RESHIP")
    sweep(scene)

    assert [("C1", "resolutions", "REFUND", "RESHIP")] == told(scene)


def test_what_has_just_changed_is_compared_by_the_next_sweep(scene):
    """The other side may not have heard of it; what was listed before stays listed until then."""
    planned(scene)
    listed(scene, "STORE_CREDIT")
    sweep(scene)
    listed(scene, "REFUND", updated=scene.clock().isoformat())
    sweep(scene)
    assert ["resolutions"] == [what for _, what, _, _ in told(scene)]

    scene.clock.move(hours=1)
    sweep(scene)
    assert [] == told(scene)


def test_a_claim_that_was_just_planned_is_not_missed_there(scene):
    """It was asked for a moment before it was decided."""
    scene.deliver(WHOLE)
    scene.run()
    scene.api.claims["1001"] = {}

    assert 0 == sweep(scene).differences
    scene.clock.move(hours=1)
    assert 1 == sweep(scene).differences


def test_an_order_that_is_unknown_there_has_no_claim_there(scene):
    """404, and a plan of ours: whoever made it up named an order that was never exported."""
    planned(scene)
    scene.api.claims.clear()
    found = sweep(scene)

    assert (1, 1, 0) == (found.orders, found.unknown_orders, found.claims)
    assert [("C1", "listed", "planned", None)] == told(scene)


def test_an_observer_hears_what_was_made_to_wait(ledger_url):
    """Which action it is, of which order: a decision whose webhook never came is somebody's work."""
    heard = Ear()
    scene = Scene.make(url=ledger_url, sweep={"days": 365}, observers={"ear": heard})
    listed(scene, "REFUND")
    sweep(scene)
    scene.desk.shop.observers.close()
    action = scene.action()

    said = {"verb": "refund", "reference": action.reference, "order_id": "1001"}
    assert [("action.held", str(action.key), said)] == heard.events
    scene.ledger.close()


def test_a_claim_that_is_listed_under_two_orders_is_one_difference_for_each(scene):
    """Neither look takes the other's words away, and nothing breaks."""
    planned(scene)
    scene.shop.orders["1002"] = an_order(id="1002")
    listed(scene, "REFUND", paid=Decimal("21.00"))
    scene.api.list_claim("C1", "1002")
    for _ in range(2):
        sweep(scene)

        assert [
            ("C1", "paid REFUND", "20 USD", "21 USD"),
            ("C1", "order", "1001", "1002, listed under 1002"),
        ] == told(scene)


def test_a_claim_that_is_listed_twice_in_one_answer_is_one(scene):
    """Its differences are written once."""
    planned(scene)
    listed(scene, "REFUND", paid=Decimal("21.00"))
    scene.api.__class__ = Twice

    assert (1, 1) == (sweep(scene).claims, len(told(scene)))


class Twice(ScriptedApi):
    """An API that lists everything twice."""

    __slots__ = ()

    def claims_of_order(self, order_id):
        """List it, and again."""
        listed = super().claims_of_order(order_id)
        return [*listed, *listed]


class Ear:
    """An observer that keeps what it hears."""

    def __init__(self):
        self.events = []

    @hookimpl
    def op_event(self, request):
        self.events.append((request.name, request.subject, dict(request.facts)))
