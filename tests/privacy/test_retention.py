"""Old bodies go after the time that the settings say; nothing else does."""

import json

import pytest

from op_core.ledger import deliveries, schema
from op_core.ledger.deliveries import body
from op_core.privacy import Kept, forget, tidy
from op_core.testing import bodies
from op_core.testing.scene import Scene, settings_of

MONTH = {"retention": {"bodies": "30 days"}}


def scene_of(url="sqlite://", **settings):
    scene = Scene.make(url=url, **settings)
    scene.deliver(bodies.approved())
    scene.run()
    return scene


def kept(scene):
    return [one.id for one in scene.deliveries() if scene.ledger.read(body, one) is not None]


def test_an_old_body_goes_and_its_row_stays(ledger_url):
    """Hash, event id, claim and what became of it are proof without the body."""
    scene = scene_of(ledger_url, **MONTH)
    before = scene.deliveries()
    scene.clock.move(days=29)
    assert (Kept(), [1]) == (tidy(scene.ledger, scene.store), kept(scene))
    scene.clock.move(days=2)

    assert (Kept(1), []) == (tidy(scene.ledger, scene.store), kept(scene))
    assert before == scene.deliveries()


def test_without_the_setting_all_is_kept():
    """Nobody asked to lose anything."""
    scene = scene_of()
    scene.clock.move(days=4000)

    assert (Kept(), [1]) == (tidy(scene.ledger, scene.store), kept(scene))


def test_what_is_needed_is_kept_however_old_it_is(ledger_url):
    """A webhook of a claim with an action that is not over, one that waits, and one that nobody could read."""
    scene = scene_of(ledger_url, limits={"hold_above": {}}, **MONTH)
    scene.deliver(b"not JSON")
    scene.plan()
    scene.deliver(bodies.approved(claim="C2", event="e2"))
    scene.clock.move(days=40)
    assert (Kept(), [1, 2, 3]) == (tidy(scene.ledger, scene.store), kept(scene))
    scene.decline(scene.action())
    scene.clock.move(hours=2)

    assert (Kept(1), [2, 3]) == (tidy(scene.ledger, scene.store), kept(scene))


def test_a_body_that_came_again_is_as_young_as_its_last_delivery():
    """It is stored once for both."""
    scene = scene_of(**MONTH)
    scene.clock.move(days=20)
    scene.deliver(bodies.approved())
    scene.run()
    scene.clock.move(days=20)

    assert (Kept(), [1, 2]) == (tidy(scene.ledger, scene.store), kept(scene))


def test_a_copy_that_comes_after_its_body_went_is_a_duplicate(ledger_url):
    """Keys are never pruned: nothing is done twice."""
    scene = scene_of(ledger_url, **MONTH)
    scene.clock.move(days=40)
    tidy(scene.ledger, scene.store)
    scene.deliver(bodies.approved())
    scene.run()

    assert ["planned", "duplicate"] == [one.state for one in scene.deliveries()]
    assert ["done"] == scene.states()


def test_what_comes_for_a_forgotten_order_is_erased_once_it_is_settled(ledger_url):
    """A late copy brings the customer back into the ledger; the runner takes it out again."""
    scene = scene_of(ledger_url)
    scene.ledger.write(forget, scene.store.id, "1001", scene.clock())
    scene.deliver(bodies.approved())
    assert Kept() == tidy(scene.ledger, scene.store)  # it waits
    scene.run()
    scene.clock.move(hours=2)

    assert (Kept(forgotten=("1001",)), []) == (tidy(scene.ledger, scene.store), kept(scene))


def test_it_looks_once_an_hour():
    """Whichever process does, and however often."""
    scene = scene_of(**MONTH)
    scene.clock.move(days=30)
    tidy(scene.ledger, scene.store)
    scene.clock.move(minutes=59)
    assert Kept() == tidy(scene.ledger, scene.store)
    scene.clock.move(minutes=2)

    assert Kept(1) == tidy(scene.ledger, scene.store)


def test_many_bodies_go_some_at_a_time():
    """Nothing else has to wait long; the next call goes on, and at the end it begins anew after an hour."""
    scene = Scene.make(**MONTH)
    for number in range(2500):
        scene.ledger.write(deliveries.store, scene.store.id, b'{"n": %d}' % number, scene.clock())
    settled = schema.deliveries.update().values(state="planned")
    scene.ledger.write(lambda connection: connection.execute(settled))
    scene.clock.move(days=31)

    assert [2000, 500, 0] == [tidy(scene.ledger, scene.store).bodies for _ in range(3)]
    assert [] == kept(scene)


def test_the_runner_looks():
    """Nothing else has to be set up."""
    scene = scene_of(**MONTH)
    scene.clock.move(days=40)
    counts = scene.runner.run_once().counts

    assert (1, []) == (counts["bodies pruned"], kept(scene))


@pytest.mark.parametrize("said", ["0 days", "23 hours", "-1 days", 30, ""])
def test_less_than_a_day_is_refused(said):
    """It would take away what a person is about to look at; and a number has no unit."""
    with pytest.raises(ValueError, match="retention"):
        settings_of(retention={"bodies": said})


def test_a_form_is_known_after_its_first_body_went():
    """It is not told a second time."""
    scene = scene_of(**MONTH)
    scene.clock.move(days=40)
    tidy(scene.ledger, scene.store)
    said = json.loads(bodies.approved(claim="C2", event="e2"))
    scene.restart()
    scene.deliver(json.dumps(said).encode())
    scene.run()
    first, second = scene.deliveries()

    assert first.shape == second.shape
