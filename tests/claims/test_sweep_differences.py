"""What Order Protection and the ledger both know of a claim, and tell differently, is listed; nothing is changed."""

from decimal import Decimal

import pytest

from op_core import hookimpl
from op_core.ledger import differences
from op_core.testing import bodies
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"
WHOLE = bodies.approved(bodies.resolution("REFUND", total="20.00"))


@pytest.fixture
def scene(ledger_url):
    """A store over each database, with one order that the shop has."""
    scene = Scene.make(url=ledger_url, sweep={"days": 365})
    yield scene
    scene.ledger.close()


def resolved(*types, paid=None, deleted=None):
    """Return the resolutions of a claim as page CLM-O shows them."""
    return [
        {"id": f"r{n}", "resolutionType": kind, "paidValue": paid, "paidCurrency": "USD", "deletedAt": deleted}
        for n, kind in enumerate(types, 1)
    ]


def listed(scene, *types, state="APPROVED", updated=OLD, paid=None, **facts):
    """List claim C1 of order 1001 with these resolutions."""
    said = {"updatedAt": updated, "claimResolutions": resolved(*types, paid=paid), **facts}
    scene.api.list_claim("C1", state=state, **said)


def sweep(scene):
    return scene.work.sweeper.run()


def told(scene):
    rows = scene.ledger.read(differences.listing, scene.store.id)
    return [(row.claim_id, row.what, row.ours, row.theirs) for row in rows]


def planned(scene, *resolutions):
    scene.deliver(bodies.approved(*resolutions) if resolutions else WHOLE)
    scene.run()


@pytest.mark.parametrize(
    ("types", "facts", "expected"),
    [
        (["REFUND"], {}, []),
        (["REFUND"], {"paid": Decimal("20.0")}, []),
        (["REFUND"], {"paid": Decimal("21.00")}, [("paid", "REFUND 20 USD", "REFUND 21 USD")]),
        (["STORE_CREDIT"], {}, [("resolutions", "REFUND", "STORE_CREDIT")]),
        (["REFUND", "RESHIP"], {}, [("resolutions", "REFUND", "REFUND, RESHIP")]),
        ([], {}, []),
        (["REFUND"], {"state": "DENIED"}, [("state", "approved", "DENIED")]),
        (["REFUND"], {"state": "OPEN"}, [("undecided", "done: refund", "OPEN")]),
        (["REFUND"], {"claimItems": [{"itemId": "1", "quantity": 2}]}, [("items", "1 of 1", "2 of 1")]),
        (["REFUND"], {"claimItems": [{"itemId": "op-1", "quantity": 2}]}, []),
    ],
)
def test_what_both_tell_differently_is_listed(scene, types, facts, expected):
    """State, resolutions, sums and units, each with both words; what agrees is not."""
    planned(scene)
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

    assert ["paid"] == [facts["what"] for name, facts in heard.events if name == "claim.differs"]
    listed(scene, "REFUND", paid=Decimal("20.00"))
    sweep(scene)
    assert [] == told(scene)
    scene.ledger.close()


class Ear:
    """An observer that keeps what it hears."""

    def __init__(self):
        self.events = []

    @hookimpl
    def op_event(self, request):
        self.events.append((request.name, dict(request.facts)))
