"""What a webhook says in words reaches a shop as data, or not at all."""

import itertools
import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from op_core.testing import bodies
from op_core.testing.hostile import TEXTS
from op_core.testing.scene import Scene
from op_core.untrusted import Untrusted


def ended(body):
    """Deliver one body, work, and return the scene."""
    scene = Scene.make()
    scene.deliver(body)
    scene.run()
    return scene


@pytest.mark.parametrize("text", TEXTS)
def test_a_message_reaches_the_shop_as_it_came_and_marked(text):
    """Not a letter is lost on its way through the ledger, and the adapter is given no mere text."""
    scene = ended(bodies.message(text))
    (request,) = scene.shop.requests

    assert Untrusted(text) == request.text
    assert text not in repr(request)
    assert ["done"] == scene.states()


@pytest.mark.parametrize("where", ["id", "SKU"])
def test_an_item_is_named_only_by_what_names_are_made_of(where):
    """Whatever stands where an id or a SKU should be is kept with the plan, and in no reason that is shown."""
    words = "customer@example.com, 1 Example Street"
    item = bodies.item(words) if where == "id" else bodies.item(None, sku=words)
    scene = ended(bodies.approved(bodies.resolution("REFUND", item)))
    scene.deliver(bodies.approved(bodies.resolution("REFUND", item, bodies.item("1"), total="40.00"), event="evt-2"))
    scene.run()

    assert {"held"} == set(scene.states())
    assert "no line of the order is one that is no id" in str(scene.actions()[0].holds)
    assert not any("customer@" in str(one.holds) for one in scene.actions())


@pytest.fixture(scope="module")
def told():
    """Give a store, and what becomes of a message that it is told: the words that the shop was given, or the reason."""
    scene, count = Scene.make(), itertools.count()

    def tell(text):
        scene.deliver(bodies.message("@", event=f"e{next(count)}").replace(b'"@"', json.dumps(text).encode()))
        scene.run()
        if scene.deliveries()[-1].state == "quarantined":
            return scene.deliveries()[-1].reason
        return scene.shop.requests[-1].text

    return tell


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.characters(codec=None), min_size=1))
@example("\ud800")
@example("a\0")
@example("\ud83d\ude00")
def test_any_message_arrives_whole_or_not_at_all(told, text):
    """Whatever is in it: what no database holds is quarantined, all else is the shop's letter for letter."""
    text = json.loads(json.dumps(text))  # two surrogates that stand side by side are one letter in JSON
    said = told(text)
    kept = "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)

    assert (Untrusted(text) if kept else "text holds U+0000 or a lone surrogate, which no database holds") == said


@pytest.mark.parametrize("text", TEXTS)
def test_a_claim_of_another_id_than_ids_are_made_of_is_kept_aside(text):
    """Its id stands in words for the shop's staff: such a body is stored, quarantined, and its words are not told."""
    for body in (bodies.approved(claim=text), bodies.message(claim=text), bodies.denied(claim=text)):
        scene = ended(body)
        (delivery,) = scene.deliveries()

        assert ("quarantined", []) == (delivery.state, scene.shop.requests)
        assert delivery.reason == "body.claim_id: found other text, expected an id of letters, digits and . _ : = ~ -"


@pytest.mark.parametrize(
    "claim", ["C1", "cm0b57zjv00myq52xh0c590b8", "0d9c6a5e-0f0c-4b8e-9a34-3f6d8e1f2a3b", "OP_1.a:b"]
)
def test_a_claim_of_a_usual_id_is_taken(claim):
    """Numbers, UUIDs and the like."""
    scene = ended(bodies.approved(claim=claim))

    assert [f"Order Protection claim {claim}"] == [request.reason for request in scene.shop.requests]


@pytest.mark.parametrize(
    "order",
    ["..", ".", "1001\x1b[2J", "1001\r\nX-Other: header", "\u202e1001", "1001\x7f"],
    ids=["up", "here", "wipes the screen", "a second line", "turns the line round", "deletes"],
)
def test_an_order_id_is_no_place_and_steers_nothing(order):
    """The shop is asked for it: it is one segment of a path, and one line."""
    scene = ended(bodies.approved(order=order))

    assert ["quarantined"] == [one.state for one in scene.deliveries()]


@pytest.mark.parametrize("order", ["gid://shop/Order/1", "#1001", "A 17", "T3JkZXI6MQ==", "Bestellung-ß"])
def test_an_order_id_is_the_shops_own_text(order):
    """Whatever prints is looked for."""
    scene = ended(bodies.approved(order=order))

    assert ["planned"] == [one.state for one in scene.deliveries()]


@pytest.mark.parametrize("part", ["address1", "address2", "city", "state", "zip"])
@pytest.mark.parametrize("text", ["1 Road\x1b[2J", "1 \u202edaoR", "1 Road\x7f"], ids=["wipes", "turns", "deletes"])
def test_an_address_that_steers_a_printer_is_nobodys(part, text):
    """A person looks: it is neither mended nor sent to."""
    said = bodies.ADDRESS | {part: text}
    scene = ended(bodies.approved(bodies.resolution("RESHIP", shipping_address=said)))

    assert [["address"]] == scene.holds()
    assert f"control characters, in {part}" in scene.action().holds[0]["reason"]
    assert [] == scene.shop.requests


def test_an_address_is_otherwise_taken_as_it_is():
    """Quotes, brackets and lines of a street are a street; line ends become spaces."""
    said = bodies.ADDRESS | {"address1": "1 O'Hara <Rd>;\r\n--", "address2": "{{7*7}} $(id)"}
    scene = ended(bodies.approved(bodies.resolution("RESHIP", shipping_address=said)))
    (request,) = scene.shop.requests

    assert ("1 O'Hara <Rd>; --", "{{7*7}} $(id)") == (
        request.address.street_address_1,
        request.address.street_address_2,
    )
