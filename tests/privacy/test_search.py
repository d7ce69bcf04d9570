"""The orders of an e-mail address are found in what webhooks said."""

import json

from op_core.ledger.erasure import drop_bodies
from op_core.privacy import OfEmail, orders_of
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

EMAIL = "Canary.Person@example.com"


def of(email, raw):
    said = json.loads(raw)
    said["body"]["customer"] = {"email": email}
    return json.dumps(said).encode()


def scene_of(*delivered):
    scene = Scene.make(ModelShop([an_order(id=one, number=f"#{one}") for one in ("1001", "1002", "1003")]))
    for body in delivered:
        scene.deliver(body)
    scene.run()
    return scene


def test_every_order_with_the_address_as_a_value_is_found():
    """Whatever the case of its letters; of another person, none."""
    scene = scene_of(
        of(EMAIL.lower(), bodies.approved()),
        of(EMAIL.upper(), bodies.approved(claim="C2", order="1002", event="e2")),
        of("another@example.com", bodies.approved(claim="C3", order="1003", event="e3")),
    )

    assert OfEmail(("1001", "1002"), looked=3) == orders_of(scene.ledger, scene.store.id, EMAIL)


def test_an_order_that_names_it_inside_a_text_is_told_apart():
    """What a customer wrote may name somebody else: whoever looks decides."""
    scene = scene_of(bodies.message(f"my neighbour, {EMAIL}, has it"), of(EMAIL, bodies.created("C2", "1002")))
    found = orders_of(scene.ledger, scene.store.id, EMAIL)

    assert (("1002",), ("1001",)) == (found.orders, found.mentioned)


def test_the_order_of_a_claim_is_known_by_another_webhook():
    """A short webhook names only its claim."""
    scene = scene_of(bodies.created(), of(EMAIL, bodies.approved(dialect="camel")))

    assert ("1001",) == orders_of(scene.ledger, scene.store.id, EMAIL).orders


def test_a_webhook_of_no_known_order_is_listed_by_its_number():
    """Nobody could read it, and it names the person."""
    scene = scene_of(b"not JSON, from " + EMAIL.encode())

    assert (1,) == orders_of(scene.ledger, scene.store.id, EMAIL).unnamed


def test_what_cannot_be_looked_at_is_counted_and_progress_is_told():
    """A body that is kept no longer may have named the person."""
    scene = scene_of(of(EMAIL, bodies.created()), of(EMAIL, bodies.created("C2", "1002", event="e2")))
    scene.ledger.write(drop_bodies, scene.store.id, {scene.deliveries()[0].body_sha256})
    told = []
    found = orders_of(scene.ledger, scene.store.id, EMAIL, told.append)

    assert (("1002",), 2, 1) == (found.orders, found.looked, found.gone)
    assert [2] == told
