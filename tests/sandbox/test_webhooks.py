"""Webhooks as a shop receives them."""

from __future__ import annotations

import socket
import uuid
from decimal import Decimal

import pytest

from op_core.order_protection.dialects import read
from op_core.sandbox.sender import post

REFERENCE = {
    "claim.created": "webhook.claim.created.json",
    "claim.approved": "webhook.claim.approved.json",
    "claim.denied": "webhook.claim.denied.json",
    "message.created": "webhook.message.created.json",
    "protection.added": "webhook.protection.added.json",
    "protection.removed": "webhook.protection.removed.json",
}


@pytest.fixture
def act(call, placed, sandbox):
    """Make every kind of event happen once to one claim, in a fixed order."""

    def run():
        claim = call("POST", "/sandbox/claims", {"source_order_id": placed}).json["claim_id"]
        call("POST", f"/sandbox/claims/{claim}/approve", {"resolutions": [{"type": "REFUND"}, {"type": "RESHIP"}]})
        call("POST", f"/sandbox/claims/{claim}/deny", {})
        call("POST", f"/sandbox/claims/{claim}/message", {"message": "hello"})
        for action in ("add", "remove"):
            call("POST", "/sandbox/protection", {"source_order_id": placed, "action": action})
        assert sandbox.settle()
        return claim

    return run


def test_secret_and_type(act, receiver):
    """Each delivery is JSON and carries the secret in the documented header."""
    act()
    assert {("application/json", "not-a-real-secret")} == {
        (headers["content-type"], headers["x-webhook-secret"]) for headers, _ in receiver.got
    }


def shape(value):
    if isinstance(value, dict):
        return {name: shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value[:1]]
    return None


def test_bodies_have_the_documented_fields(act, receiver, wire_sample):
    """Every topic is sent in the shape of its page, no field more or less."""
    act()
    events = {event["topic"]: event for event in receiver.events}
    assert set(REFERENCE) == set(events)
    for topic, name in REFERENCE.items():
        assert shape(wire_sample(name)) == shape(events[topic])


@pytest.mark.parametrize("dialect", ["reference", "slash", "camel"])
def test_readable(act, call, receiver, dialect):
    """What the sandbox sends in any dialect is what the project reads."""
    call("PUT", "/sandbox/behaviour", {"dialect": dialect})
    claim = act()
    created, approved, *_, removed = [read(body) for _, body in receiver.got]
    assert (claim, claim) == (created.claim_id, approved.claim_id)
    assert ["REFUND", "RESHIP"] == list(dict.fromkeys(resolution.type for resolution in approved.resolutions))
    assert (False, "1.50", dialect == "camel") == (removed.added, str(removed.amount), removed.event_id is None)


def test_ids_tell_events_apart(act, receiver):
    """Every event has an id of its own, a UUID."""
    act()
    assert len({uuid.UUID(event["id"]) for event in receiver.events}) == len(receiver.events) == 6


def test_amounts_are_exact_numbers(act, receiver):
    """Amounts travel as JSON numbers with the digits that were sent."""
    act()
    approved = next(body for _, body in receiver.got if b"claim.approved" in body)
    removed = next(body for _, body in receiver.got if b"protection.removed" in body)
    assert b'"total_refund_amount":89.99' in approved
    assert b'"price":40.00' in approved
    assert b'"amount":1.50' in removed


def test_denied_owes_nothing(act, receiver):
    """A denial gives a reason as the type and a total of zero."""
    act()
    [denied] = [event for event in receiver.events if event["topic"] == "claim.denied"]
    [resolution] = denied["body"]["resolutions"]
    assert ("NOT_COVERED", 0) == (resolution["type"], resolution["details"]["total_refund_amount"])


def test_slash(act, call, receiver):
    """The slash dialect changes the topic's spelling and nothing else."""
    call("PUT", "/sandbox/behaviour", {"dialect": "slash"})
    act()
    assert {topic.replace(".", "/") for topic in REFERENCE} == {event["topic"] for event in receiver.events}
    assert all("id" in event for event in receiver.events)


def test_camel(act, call, receiver):
    """The camel dialect has no event id; only claim/approved changes its body, to the documented one."""
    call("PUT", "/sandbox/behaviour", {"dialect": "camel", "store_id": "store1"})
    claim = act()
    events = {event["topic"]: event for event in receiver.events}
    assert {("topic", "body")} == {tuple(event) for event in receiver.events}
    items = [{"itemId": "I1", "quantity": 2}, {"itemId": "I2", "quantity": 1}]
    assert {
        "claimId": claim,
        "storeId": "store1",
        "resolutions": [{"type": kind} | item for kind in ("REFUND", "RESHIP") for item in items],
    } == events["claim/approved"]["body"]
    assert events["protection/removed"]["body"]["amount"] == Decimal("1.50")


def test_amended(call, placed, receiver, sandbox):
    """A second approval is a new event of the same claim with its own content."""
    claim = call("POST", "/sandbox/claims", {"source_order_id": placed}).json["claim_id"]
    for total in (10, 20):
        given = {"type": "REFUND", "details": {"total_refund_amount": total}}
        call("POST", f"/sandbox/claims/{claim}/approve", {"resolutions": [given]})
    assert sandbox.settle()
    _, first, second = receiver.events
    assert first["id"] != second["id"]
    assert [10, 20] == [event["body"]["resolutions"][0]["details"]["total_refund_amount"] for event in (first, second)]


def test_duplicates(call, placed, receiver, sandbox):
    """With duplicates, the same bytes arrive that many times."""
    call("PUT", "/sandbox/behaviour", {"duplicates": 3})
    call("POST", "/sandbox/claims", {"source_order_id": placed})
    assert sandbox.settle()
    assert (3, 1) == (len(receiver.got), len({body for _, body in receiver.got}))


def delivery(call, answer):
    [wanted] = answer.json["deliveries"]
    return next(one for one in call("GET", "/sandbox/deliveries").json["deliveries"] if one["id"] == wanted)


@pytest.mark.parametrize(
    ("answers", "statuses", "state"),
    [([500], [500, 200], "delivered"), ([201, 302], [201, 302, 200], "delivered"), ([500] * 9, [500] * 3, "failed")],
)
def test_retries(call, placed, receiver, sandbox, answers, statuses, state):
    """Anything but 200 is tried again, a bounded number of times, and every attempt is on record."""
    receiver.answers = answers
    filed = call("POST", "/sandbox/claims", {"source_order_id": placed})
    assert sandbox.settle()
    found = delivery(call, filed)
    assert (statuses, state) == ([attempt["status"] for attempt in found["attempts"]], found["state"])
    assert len(statuses) == len(receiver.got)


def test_nobody_there(call, placed, sandbox):
    """Where nobody listens, the attempts are recorded with the kind of error, and no secret is shown."""
    target = {"url": "http://127.0.0.1:9", "secret": "not-a-real-secret"}
    call("PUT", "/sandbox/webhooks", target)
    filed = call("POST", "/sandbox/claims", {"source_order_id": placed})
    assert sandbox.settle()
    found = delivery(call, filed)
    assert [(None, "ConnectionRefusedError")] * 3 == [(one["status"], one["error"]) for one in found["attempts"]]
    assert target["secret"] not in str(found) + str(call("GET", "/sandbox/webhooks").json)


def test_silent_receiver():
    """A receiver that takes the request and says nothing is given up."""
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(TimeoutError):
        post(f"http://127.0.0.1:{silent.getsockname()[1]}", {}, b"{}", seconds=0.05)


def test_held_until_flushed(call, placed, receiver, sandbox):
    """With shuffle, nothing arrives before the flush; one seed gives one order, another seed another."""
    call("PUT", "/sandbox/behaviour", {"shuffle": 1})
    claim = call("POST", "/sandbox/claims", {"source_order_id": placed}).json["claim_id"]

    def flushed(seed):
        for number in range(8):
            call("POST", f"/sandbox/claims/{claim}/message", {"message": f"{number}"})
        before = len(receiver.got)
        answer = call("POST", "/sandbox/flush", {"seed": seed, "wait": 10}).json
        assert (len(receiver.got) - before, True) == (answer["flushed"], answer["settled"])
        return [event["body"]["message"] for event in receiver.events[before:] if "message" in event["body"]]

    assert sandbox.settle()
    assert [] == receiver.got
    assert flushed(5)  # the claim.created goes out with the first ones
    first, again, other = flushed(7), flushed(7), flushed(8)
    assert first == again != other
    assert [str(number) for number in range(8)] == sorted(first) != first


def test_resend(call, placed, receiver, sandbox):
    """A delivery that is sent once more is the same event; an unknown one is 404."""
    [wanted] = call("POST", "/sandbox/claims", {"source_order_id": placed}).json["deliveries"]
    assert sandbox.settle()
    assert call("POST", f"/sandbox/deliveries/{wanted}/resend").status == 202
    assert sandbox.settle()
    assert (2, 1) == (len(receiver.got), len({body for _, body in receiver.got}))
    assert call("POST", "/sandbox/deliveries/none/resend").status == 404


def test_targets(call, placed, receiver, sandbox):
    """A target that is forgotten receives nothing; a wrong URL or an empty secret is refused."""
    assert call("DELETE", "/sandbox/webhooks", {"url": receiver.url}).status == 200
    assert call("DELETE", "/sandbox/webhooks", {"url": receiver.url}).status == 404
    assert [] == call("POST", "/sandbox/claims", {"source_order_id": placed}).json["deliveries"]
    assert [] == receiver.got
    assert "url" == call("PUT", "/sandbox/webhooks", {"url": "ftp://x", "secret": "s"}).json["field"]
    assert "secret" == call("PUT", "/sandbox/webhooks", {"url": "http://x", "secret": ""}).json["field"]
