"""Messages: each becomes one note for the shop's staff."""

import pytest

from op_core.ledger import plans
from op_core.testing import bodies
from op_core.testing.scene import Scene


@pytest.fixture
def scene():
    """Give a store."""
    return Scene.make()


def notes(scene):
    return [request.text.plain for request in scene.shop.requests if hasattr(request, "text")]


def test_a_message_becomes_a_note_once(scene):
    """Delivered twice, in any spelling: one note."""
    for body in (bodies.message(), bodies.message(), bodies.message(dialect="slash")):
        scene.deliver(body)
    scene.run()

    assert ["Claim opened."] == notes(scene)
    assert ["planned", "duplicate", "duplicate"] == [one.state for one in scene.deliveries()]


def test_two_ids_are_two_messages_of_one_text(scene):
    """The same words may be said twice."""
    scene.deliver(bodies.message(event="e1"))
    scene.deliver(bodies.message(event="e2"))
    scene.run()

    assert ["Claim opened.", "Claim opened."] == notes(scene)


def test_one_event_id_with_two_texts_is_a_conflict(scene):
    """The second text is held, and the first stays as it was."""
    scene.deliver(bodies.message(event="e1"))
    scene.deliver(bodies.message("Something else.", event="e1"))
    scene.run()

    assert ["done", "held"] == scene.states()
    assert [[], ["conflict"]] == scene.holds()


def test_a_note_waits_for_no_money(scene):
    """Notes are not one at a time: while a refund of the order is unsure, a note goes through."""
    scene.shop.faults = {("refund", 1): "raise", ("find_refund", 1): "raise"}
    scene.deliver(bodies.approved())
    scene.run()
    scene.deliver(bodies.message())
    scene.run()

    assert ["unknown"] == scene.states("refund")
    assert ["done"] == scene.states("note")


def test_a_note_is_not_reported(scene):
    """Order Protection said it; it need not be told."""
    scene.deliver(bodies.message())
    scene.run()

    assert [] == scene.reports()


@pytest.mark.parametrize(("find", "faults", "calls"), [
    (False, {("note", 1): "lost"}, 2),
    (False, {("note", 1): "lost", ("note", 2): "lost"}, 2),
    (True, {("note", 1): "lost"}, 1),
    (True, {("note", 1): "raise"}, 2),
], ids=["no look-up: once more", "no look-up: only once more", "found", "not there: called again"])  # fmt: skip
def test_a_note_of_unknown_outcome_is_tried_once_more(scene, find, faults, calls):
    """``op_find_note`` is optional: without it a note is tried once more, and may appear twice; never a third time."""
    scene.shop.find, scene.shop.faults = find, faults
    scene.deliver(bodies.message())
    scene.run()
    for _ in range(4):
        scene.wait(minutes=3)

    assert calls == [call.verb for call in scene.shop.calls].count("note")


def test_the_text_of_a_message_is_in_no_repr(scene):
    """What customers write is personal data."""
    scene.deliver(bodies.message("my number is 555-0100"))
    scene.run()

    assert "555-0100" not in repr(scene.action())
    assert "555-0100" not in repr(scene.shop.requests[0])


def test_a_note_says_where_it_came_from(scene):
    """Claim, order and delivery are kept with it, for whoever asks why it was written."""
    number = scene.deliver(bodies.message())
    scene.run()
    note = scene.action()

    assert ("C1", "1001", number) == (note.claim_id, note.order_id, note.delivery_id)


def test_a_second_text_under_one_id_is_shown_as_a_conflict(scene):
    """The delivery is listed as one, and not as planned."""
    scene.deliver(bodies.message(event="e1"))
    scene.deliver(bodies.message("Something else.", event="e1"))
    scene.run()

    assert ["planned", "conflict"] == [one.state for one in scene.deliveries()]


@pytest.mark.parametrize("said", [bodies.created(), bodies.message(), bodies.denied()], ids=["claim", "note", "denial"])
def test_whatever_names_the_order_of_a_claim_is_remembered(scene, said):
    """The shop's id and Order Protection's own: a short body that comes later names neither."""
    scene.deliver(said)
    scene.run()
    claim = scene.ledger.read(plans.claim, "main-1", "C1")

    assert ("1001", "op-1001") == (claim.order_id, claim.op_order_id)
