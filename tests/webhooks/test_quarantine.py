"""Promise 2, over a real socket: nothing lost. What cannot be read is stored, answered 200, and shown."""

import json

import pytest

from op_core.core import Core
from op_core.ledger import Ledger, deliveries
from op_core.settings import Settings
from op_core.testing import bodies
from op_core.testing.scene import SECRET
from op_core.webhooks.receive import Receiver

UNREADABLE = {
    "bad JSON": (b'{"topic": "claim.approved"', "not JSON"),
    "empty": (b"", "not JSON"),
    "not UTF-8": (b'{"topic": "\xff\xfe"}', "not UTF-8"),
    "nested 5,000 deep": (b"[" * 5000 + b"]" * 5000, "nested too deep"),
    "nested 100 deep": (b'{"topic":' + b"[" * 100 + b"]" * 100 + b"}", "nested too deep"),
    "NaN": (b'{"topic": "claim.created", "body": {"x": NaN}}', "NaN is no number"),
    "duplicate keys": (b'{"topic": "claim.created", "topic": "claim.denied", "body": {}}', "two keys of one name"),
    "unknown topic": (b'{"topic": "order.created", "body": {}}', "expected one of claim.created"),
    "no topic": (b'{"body": {}}', "topic: missing"),
    "no object": (b"[1, 2]", "expected an object"),
    "unknown shape": (b'{"topic": "claim.approved", "body": {"claim_id": "C1"}}', "body.resolutions: missing"),
    "unknown type": (bodies.approved(bodies.resolution("GIFT")), "unknown type 'GIFT'"),
    "a lone surrogate": (b'{"topic": "message.created", "body": {"message": "\\ud800"}}', "surrogate"),
    "a huge number": (b'{"topic": "claim.created", "body": {"x": 1e999999999}}', "too many digits"),
}


@pytest.mark.parametrize(("body", "reason"), UNREADABLE.values(), ids=UNREADABLE)
def test_what_cannot_be_read_is_kept_and_shown(face, scene, body, reason):
    """Stored byte for byte, answered 200, quarantined with its reason, and never tried again by itself."""
    assert (200, "stored") == face.post(body)
    scene.run()
    (delivery,) = scene.deliveries()

    assert "quarantined" == delivery.state
    assert reason in delivery.reason
    assert body == scene.ledger.read(deliveries.body, delivery)
    assert [] == scene.actions()


def test_a_reason_holds_no_value_of_the_body(face, scene):
    """What a sender got wrong may be personal data."""
    face.post(json.dumps({"topic": "claim.created", "body": {"claim_id": {"customer@example.com": 1}}}).encode())
    scene.run()

    assert "customer@example.com" not in scene.deliveries()[0].reason


def test_what_is_unreadable_stops_nothing_else(face, scene):
    """The good one behind the bad one is done."""
    face.post(b"nonsense")
    scene.deliver(bodies.approved())
    scene.run()

    assert ["quarantined", "planned"] == [one.state for one in scene.deliveries()]
    assert ["done"] == scene.states()


def test_a_replay_after_a_mend_works_through_what_was_quarantined(face, scene):
    """``deliveries replay``: a setting is mended, and what was set aside is done, once."""
    scene.restart(op_store_id="store_9")
    scene.api.list_claim("C1")
    short = bodies.approved(bodies.resolution("RESHIP"), dialect="camel", store="store_123")
    for body in (bodies.created(), short, short):
        assert 200 == face.post(body)[0]
    scene.run()
    assert ["planned", "quarantined", "quarantined"] == [one.state for one in scene.deliveries()]

    scene.restart(op_store_id="store_123")
    assert 2 == scene.ledger.write(deliveries.replay, scene.store.id)
    scene.run()
    assert ["planned", "planned", "duplicate"] == [one.state for one in scene.deliveries()]
    assert ["done"] == scene.states()
    assert 1 == len(scene.shop.effects)


def test_what_is_still_unreadable_is_set_aside_again(scene):
    """A replay without a mend loses nothing either."""
    scene.deliver(b"nonsense")
    scene.run()
    scene.ledger.write(deliveries.replay, scene.store.id)
    scene.run()

    assert ["quarantined"] == [one.state for one in scene.deliveries()]


def test_a_redelivered_body_is_a_delivery_of_its_own(face, scene):
    """Each arrival is on record, though its body is kept once."""
    for _ in range(3):
        face.post(bodies.message())

    assert 3 == len(scene.deliveries())


def test_what_was_answered_with_200_survives_everything(face, scene, sqlite_url):
    """Another process, opening the file anew, finds it."""
    face.post(bodies.approved())
    other = Ledger.open(sqlite_url)

    assert [bodies.approved()] == [
        other.read(deliveries.body, one) for one in other.read(deliveries.listing, scene.store.id)
    ]
    other.close()


def test_a_store_whose_adapter_is_missing_still_stores(tmp_path, sqlite_url):
    """Receiving needs only the store's secrets: what arrives while the adapter is away is done when it is back."""
    document = {
        "ledger": {"url": sqlite_url},
        "stores": {
            "main": {
                "id": "main-1",
                "adapter": "no_such_adapter",
                "api_url": "https://api.example.com",
                "api_token": "not-a-real-token-0000",
                "webhook_secrets": [SECRET],
            }
        },
    }
    settings = Settings.of(tmp_path / "op.toml", document, {})
    with Core.of(settings, Ledger.open(sqlite_url)) as core:
        assert "main" in core.parked
        assert 200 == core.receive("main", {"X-Webhook-Secret": SECRET}, bodies.approved()).status
        assert 401 == core.receive("main", {"X-Webhook-Secret": "wrong"}, bodies.approved()).status
        assert {} == core.run_once().failed
        (waiting,) = core.ledger.read(deliveries.listing, "main-1")
        assert "received" == waiting.state


def test_a_store_without_secrets_lets_nobody_in(scene):
    """No secret is no open door: not even for an empty one."""
    receiver = Receiver(scene.ledger, {"main": "main-1"}, {"main": ()})

    assert [401, 401] == [receiver.receive("main", head, b"{}").status for head in ({}, {"X-Webhook-Secret": ""})]
