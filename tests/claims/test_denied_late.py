"""Denials that come late: what counts is when they were said, not when they arrived."""

from op_core.testing import bodies
from op_core.testing.scene import Scene


def test_a_denial_that_is_older_than_the_approval_stops_nothing():
    """It came late: the approval is the later word, and is done."""
    scene = Scene.make()
    scene.deliver(bodies.approved().replace(b"2025-06-01T11:00:00Z", b"2025-06-02T11:00:00Z"))
    scene.plan()
    scene.deliver(bodies.denied())
    scene.run()

    assert (["done"], [[]]) == (scene.states(), scene.holds())
    assert ["planned", "planned"] == [one.state for one in scene.deliveries()]
