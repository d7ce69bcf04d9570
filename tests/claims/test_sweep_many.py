"""One order with many claims: a sweep looks at each by itself, and none hides another."""

import attrs

from op_core import hookimpl
from op_core.ledger import differences
from op_core.testing import bodies
from op_core.testing.scene import Scene

OLD = "2025-01-01T00:00:00Z"


class Ear:
    """An observer that keeps what it hears of a sweep."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def op_event(self, request):
        """Keep it."""
        if request.name in ("action.held", "claim.differs"):
            self.heard.append((request.name, request.subject, request.facts.get("what")))


def resolved(kind, paid=None):
    """Return one listed resolution."""
    return {"id": f"r-{kind}", "resolutionType": kind, "paidValue": paid, "paidCurrency": "USD"}


def a_scene(ledger_url):
    """Give a store in which nothing acts by itself; of its order four claims were planned an hour ago, and one now."""
    scene = Scene.make(url=ledger_url, sweep={"days": 365}, limits={"hold_above": {}})
    for claim in ("sum", "types", "gone", "alike"):
        scene.deliver(bodies.approved(claim=claim, event=claim), listed=None)
    scene.run()
    scene.clock.move(hours=1)
    scene.deliver(bodies.approved(claim="fresh-here", event="fresh-here"), listed=None)
    scene.run()
    return scene


def test_each_claim_of_an_order_is_looked_at_by_itself(ledger_url):
    """What waits, what is missing and what differs is written, counted and told for each, whatever came before it."""
    scene, ear = a_scene(ledger_url), Ear()
    scene.observers = {"ear": ear}
    scene.restart()
    now = scene.clock().isoformat()
    listed = {
        "fresh-1": ("APPROVED", now, [resolved("REFUND")]),
        "fresh-2": ("APPROVED", now, [resolved("REFUND")]),
        "fresh-here": ("APPROVED", OLD, [resolved("REFUND", "21.00")]),
        "undecided": ("OPEN", now, []),
        "sum": ("APPROVED", OLD, [resolved("REFUND", "21.00")]),
        "types": ("APPROVED", OLD, [resolved("RESHIP")]),
        "missed-1": ("APPROVED", OLD, [resolved("REFUND")]),
        "missed-2": ("CLOSED", OLD, [resolved("GIFT"), resolved("RESHIP")]),
        "none": ("APPROVED", OLD, []),
        "alike": ("APPROVED", OLD, [resolved("REFUND", "20.00")]),
    }
    for claim, (state, at, resolutions) in listed.items():
        scene.api.list_claim(claim, state=state, updatedAt=at, claimResolutions=resolutions)
    found = scene.work.sweeper.run()
    scene.desk.shop.observers.close()

    expected = {
        ("gone", "listed", "planned", None),
        ("missed-2", "resolutions", None, "CLOSED: GIFT"),
        ("none", "resolutions", None, "APPROVED: no resolution"),
        ("sum", "paid REFUND", "20 USD", "21 USD"),
        ("types", "resolutions", "REFUND", "RESHIP"),
    }
    rows = scene.ledger.read(differences.listing, scene.store.id)
    assert expected == {(row.claim_id, row.what, row.ours, row.theirs) for row in rows}
    missed = [one for one in scene.actions() if "never_delivered" in one.content]
    assert {("missed-1", "refund", "held"), ("missed-2", "reship", "held")} == {
        (one.claim_id, one.verb, one.state) for one in missed
    }
    told = {("action.held", str(one.key), None) for one in missed}
    told |= {("claim.differs", f"claim:{claim}", what) for claim, what, _, _ in expected}
    assert (told, len(told)) == (set(ear.heard), len(ear.heard))
    assert {
        "orders": 1,
        "unknown_orders": 0,
        "claims": 10,
        "never_delivered": 2,
        "waiting": 2,
        "differences": 5,
        "new": 5,
        "unreadable": 0,
    } == attrs.asdict(found)
    scene.ledger.close()
