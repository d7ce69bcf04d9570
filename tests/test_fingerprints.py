"""Fingerprints: what never came before is kept, told once, and quiet when it was learned."""

import json
from pathlib import Path

import attrs
import pytest

from op_core.errors import ServerFailed
from op_core.fingerprints import Fingerprints, learn
from op_core.hooks import hookimpl
from op_core.ledger import deliveries, shapes
from op_core.order_protection.messages import Request, Response
from op_core.testing import bodies
from op_core.testing.scene import Scene

WIRE = Path(__file__).parent / "data" / "wire"
ORDER = Request(method="GET", path="/v1/orders/S-100", page="ORD-G", route="/v1/orders/{sourceOrderId}")
TOKEN = Request(method="POST", path="/v1/oauth/token", page="DEV-AUTH", route="/v1/oauth/token")
CANARY = "Canary McMarked"


class Observer:
    """Keeps what it is told."""

    def __init__(self):
        self.events = []

    @hookimpl
    def op_event(self, request):
        """Take note."""
        self.events.append(request)


@attrs.define
class Watched:
    """A store, its fingerprints, and who hears of them."""

    scene: Scene
    observer: Observer
    prints: Fingerprints

    def deliver(self, name="webhook.message.created.json", change=lambda value: value):
        """Have a changed sample delivered, and return the delivery as it was taken up."""
        value = change(json.loads((WIRE / name).read_bytes()))
        return self.arrive(json.dumps(value).encode())

    def arrive(self, raw):
        number = self.scene.deliver(raw)
        self.scene.plan()
        return self.scene.ledger.read(deliveries.get, number)

    def answer(self, body=b"{}", *, status=200, request=ORDER, reason=None):
        return self.prints.answer(request, Response(status=status, body=body), reason)

    def rows(self, **more):
        return self.scene.ledger.read(shapes.listing, **more)

    def new(self):
        return self.rows(new=True)

    def told(self):
        return [event for event in self.observer.events if event.name == "wire.new_shape"]


@pytest.fixture
def watched(ledger_url):
    """Give a store on each database."""
    observer = Observer()
    scene = Scene.make(url=ledger_url, observers={"observer": observer})
    yield Watched(scene, observer, scene.desk.fingerprints)
    scene.ledger.close()


def sample(name, **more):
    return json.dumps({**json.loads((WIRE / name).read_bytes()), **more}).encode()


def surprising(value):
    value["body"]["surprise"] = CANARY
    return value


# --- Deliveries ----------------------------------------------------------------------------------------------------


def test_a_documented_delivery_is_no_news(watched):
    """Its hash stands beside it, and nobody is told."""
    taken = watched.deliver()

    assert ("planned", 16) == (taken.state, len(taken.shape))
    assert [("message.created", taken.shape, False)] == [(one.what, one.shape, one.is_new) for one in watched.rows()]
    assert [] == watched.told()


def test_an_unknown_field_is_told_once(watched, caplog):
    """As an event with what is new, and one line of the log; the second of its kind is silent."""
    first = watched.deliver(change=surprising)
    second = watched.deliver(change=lambda value: surprising(value | {"id": "evt-other"}))
    (event,) = watched.told()

    assert first.shape == second.shape
    assert {"what": "message.created", "shape": first.shape, "added": ["body.surprise:text"], "lacking": []} == dict(
        event.facts
    )
    assert 1 == caplog.text.count("message.created came in a new shape: +body.surprise:text; see `op-core wire show 1`")
    assert [first.id] == [one.delivery_id for one in watched.new()]


def test_the_same_news_in_another_company_is_not_told_again(watched):
    """A new field comes with an event's id and without one (C-3): two shapes, one event."""
    one = watched.deliver(change=surprising)
    other = watched.deliver(change=lambda value: surprising({"topic": value["topic"], "body": value["body"]}))

    assert one.shape != other.shape
    assert (2, 1) == (len(watched.new()), len(watched.told()))


def test_a_field_that_went_and_a_type_that_turned_are_told(watched):
    """Both are what a page did not show."""

    def changed(value):
        value["body"] = {"claim_id": 7, "order_id": "op-1", "source_order_id": "S-100"}
        return value

    taken = watched.deliver(change=changed)
    (event,) = watched.told()

    assert "quarantined" == taken.state
    assert (["body.claim_id:number"], ["body.message:text"]) == (event.facts["added"], event.facts["lacking"])


@pytest.mark.parametrize(
    ("raw", "what", "added"),
    [
        (b"{", "unknown", "$:unreadable"),
        (b"", "unknown", "$:nothing"),
        (b'{"topic": "claim/exploded", "body": {}}', "unknown", "topic:text"),
    ],
)
def test_what_is_quarantined_has_a_shape_too(watched, raw, what, added):
    """No JSON, no body, or a topic that nobody knows."""
    taken = watched.arrive(raw)
    (row,) = watched.new()

    assert ("quarantined", row.shape, what) == (taken.state, taken.shape, row.what)
    assert added in row.news["added"]
    assert raw == watched.scene.ledger.read(shapes.body, row)


def test_a_delivery_that_waits_has_its_shape(watched):
    """It is taken up when it is looked at first, not when it is planned."""
    watched.scene.api.faults["get_order"] = [ServerFailed("down", status=503)]
    item = bodies.item("an id of theirs", variant_id="V1", sku="S1")
    taken = watched.arrive(bodies.approved(bodies.resolution("RESHIP", item)))

    assert "received" == taken.state
    assert taken.shape


def test_the_other_body_of_an_approval_is_a_thing_of_its_own(watched):
    """Neither of the two (C-4) lacks what the other has."""
    watched.deliver("webhook.claim.approved.json")
    watched.deliver("webhook.claim-approved.developer-page.json")

    assert ["claim.approved", "claim.approved (camel)"] == [one.what for one in watched.rows()]
    assert [] == watched.new()


# --- Answers -------------------------------------------------------------------------------------------------------


def test_a_documented_answer_is_no_news_and_keeps_no_body(watched):
    """Its shape is kept once."""
    assert [1, 1] == [watched.answer(sample("get_order.response.json")) for _ in range(2)]
    assert [("GET /v1/orders/{sourceOrderId} (ORD-G)", None, False)] == [
        (one.what, one.body_sha256, one.is_new) for one in watched.rows()
    ]


def test_a_new_answer_is_kept_and_told(watched):
    """With its body, and what is new in it."""
    raw = sample("get_order.response.json", loyalty={"points": 5})
    number = watched.answer(raw)
    (row,) = watched.new()
    assert raw == watched.scene.ledger.read(shapes.body, row)
    assert [(str(number), ["loyalty.points:number", "loyalty:object"])] == [
        (event.subject, event.facts["added"]) for event in watched.told()
    ]


def test_an_answer_that_cannot_be_read_is_kept_with_its_reason(watched):
    """Also where its keys and types are known: what one of them said was not."""
    ok = Request(method="POST", path="/v1/orders", page="ORD-C", route="/v1/orders")
    good = watched.answer(b'{"status": "ok"}', request=ok)
    bad = watched.answer(b'{"status": "failed"}', request=ok, reason="expected ok")
    (row,) = watched.new()

    assert good != bad == row.id
    assert ("POST /v1/orders (ORD-C), not readable", "expected ok", None) == (row.what, row.reason, row.news)
    assert b'{"status": "failed"}' == watched.scene.ledger.read(shapes.body, row)
    assert [str(bad)] == [event.subject for event in watched.told()]


def test_the_answers_that_are_no_success_are_one_thing(watched):
    """No page shows their form (G-9): the first one is news, whichever call it answers."""
    watched.answer(b'{"message": "no"}', status=404)
    watched.answer(b'{"message": "no"}', status=500, request=TOKEN)

    assert ["errors"] == [one.what for one in watched.rows()]
    assert ["$:object", "message:text"] == watched.new()[0].news["added"]


def test_an_answer_that_holds_tokens_is_never_kept(watched):
    """Its shape is, and that it could not be read."""
    watched.answer(sample("token.response.json", extra="op_at_not-a-real-token"), request=TOKEN)
    watched.answer(b'{"access_token": 5}', request=TOKEN, reason="expected an access_token")

    assert 2 == len(watched.new())
    assert [None, None] == [one.body_sha256 for one in watched.new()]


def test_no_more_than_a_mebibyte_of_an_answer_is_kept(watched):
    """The first bytes of it."""
    watched.answer(b"[" + b" " * 2_000_000, reason="no JSON")
    assert 1024 * 1024 == len(watched.scene.ledger.read(shapes.body, watched.new()[0]))


def test_a_ledger_that_fails_makes_no_call_fail(watched, caplog):
    """The answer is passed on; what went wrong is named by its type alone."""
    watched.prints.ledger = None

    assert None is watched.answer(CANARY.encode())
    assert "an answer was not fingerprinted: AttributeError" in caplog.text
    assert "Canary" not in caplog.text


def test_endless_new_forms_are_not_written_down(watched):
    """Data in the place of keys must not fill the ledger: so many of one thing, until a person has looked."""
    letters = "abcdefghijklmnop"
    numbers = [watched.answer(json.dumps({f"{a}{b}": 1}).encode()) for a in letters for b in letters]

    assert (200, 200) == (len(watched.new()), len([one for one in numbers if one is not None]))
    watched.scene.ledger.write(learn, [one.id for one in watched.new()], watched.scene.clock())
    assert watched.answer(b'{"zz": 1}')


def test_a_second_process_knows_what_the_first_one_saw(watched):
    """One row, one event, whoever comes first."""
    watched.answer(b'{"x": 1}')
    other = Fingerprints(watched.scene.store, watched.scene.ledger, watched.scene.desk.shop)
    other.answer(ORDER, Response(status=200, body=b'{"x": 2}'))

    assert (1, 1) == (len(watched.rows()), len(watched.told()))


def test_what_is_learned_is_quiet_and_known(watched):
    """The form itself, and every other one that has nothing else new."""
    watched.deliver(change=surprising)
    watched.deliver(change=lambda value: surprising({"topic": value["topic"], "body": value["body"]}))
    count = watched.scene.ledger.write(learn, [watched.new()[0].id], watched.scene.clock())

    assert (1, []) == (count, watched.new())
    watched.deliver(change=lambda value: surprising({**value, "id": None}))
    assert ([], 1) == (watched.new(), len(watched.told()))


def test_what_is_new_beside_it_stays_new(watched):
    """Only what was accepted is taken off the news of the others."""
    watched.deliver(change=surprising)
    watched.deliver(change=lambda value: surprising(value) | {"more": 1})
    watched.scene.ledger.write(learn, [1], watched.scene.clock())

    assert [["more:number"]] == [one.news["added"] for one in watched.new()]


def test_what_could_not_be_read_is_learned_by_itself(watched):
    """Its reason is its news: accepting the form of a good answer does not silence a bad one."""
    good = watched.answer(b'{"x": 1}')
    bad = watched.answer(b'{"x": 1}', reason="expected a sourceOrderId")
    watched.scene.ledger.write(learn, [good], watched.scene.clock())

    assert [bad] == [one.id for one in watched.new()]
    assert 1 == watched.scene.ledger.write(learn, [bad], watched.scene.clock())
    assert [] == watched.new()


def test_nothing_that_people_wrote_is_told(watched, caplog):
    """Marked names in keys and in values are in no path, no event and no line of the log."""

    def marked(value):
        value["body"] |= {CANARY: 1, "canary@example.com": {CANARY: CANARY}, "note": CANARY, "message": CANARY}
        return value

    watched.deliver(change=marked)
    watched.answer(json.dumps({CANARY: CANARY, "note": [CANARY]}).encode(), reason="expected a sourceOrderId")
    told = [*map(repr, watched.told()), *map(repr, watched.new()), *("\n".join(one.paths) for one in watched.rows())]

    assert (2, 2) == (len(watched.told()), len(watched.new()))
    assert not [text for text in (*told, caplog.text) if "canary" in text.lower()]
