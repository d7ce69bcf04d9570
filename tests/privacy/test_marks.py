"""Marks: what stands in the place of what was erased, and what nobody can do or say any more because of it."""

import pytest

from op_core.claims.forgotten import erased
from op_core.errors import PersonError
from op_core.privacy import forget
from op_core.testing import bodies
from op_core.testing.scene import Scene

ELSEWHERE = {**bodies.ADDRESS, "address1": "7 Made-up Lane"}


def reship(address, units=1):
    return bodies.resolution("RESHIP", bodies.item("1", units), total=f"{20 * units}.00", shipping_address=address)


def forgotten(scene):
    scene.ledger.write(forget, scene.store.id, "1001", scene.clock())


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({"address": "here", "text": "so"}, {"address": {"forgotten": "<here>"}, "text": {"forgotten": "<so>"}}),
        ({"address": None, "lines": [["1", 2]]}, {"address": None, "lines": [["1", 2]]}),
        ({"address": {"forgotten": "<here>"}}, {"address": {"forgotten": "<here>"}}),
    ],
    ids=["both", "neither", "already"],
)
def test_each_value_leaves_a_mark_of_its_own(said, left):
    """Two addresses are still two, so that a late copy of one is not taken for the other; all else stays."""
    assert left == erased(said, lambda value: f"<{value}>")


def test_a_note_whose_text_was_erased_is_not_tried_again():
    """There is nothing left to write into the shop."""
    scene = Scene.make()
    scene.shop.faults = {("note", 1): "refuse"}
    scene.deliver(bodies.message())
    scene.run()
    assert ["refused"] == scene.states()
    forgotten(scene)

    with pytest.raises(PersonError, match="the text of action 1 was erased"):
        scene.retry(scene.action())
    assert ["refused"] == scene.states()


def test_what_is_decided_anew_goes_where_it_is_said_now():
    """Only what was erased is marked: the address of a later decision is whole, and a person may let it act."""
    scene = Scene.make()
    scene.deliver(bodies.approved(reship(ELSEWHERE)))
    scene.run()
    forgotten(scene)
    scene.deliver(bodies.approved(reship(bodies.ADDRESS, units=2), event="evt-2"))
    scene.run()
    assert ["done", "held"] == scene.states()
    scene.approve(scene.actions()[1])
    scene.run()

    assert ["7 Made-up Lane", "2 Example Road"] == [one.address.street_address_1 for one in scene.shop.effects]
