"""One customer is forgotten, and only that one: every row about another stays as it is, to the letter."""

import json
from datetime import timedelta

import attrs
import pytest
import sqlalchemy as sa

from op_core.ledger import actions, deliveries, exports, filings, schema, shapes
from op_core.ledger.filings import Filing
from op_core.ledger.keyed import is_keyed
from op_core.ledger.traces import forgotten_again
from op_core.privacy import forget, look
from op_core.testing import bodies
from op_core.testing.clock import START
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

ORDERS = {"1001": "C1", "2002": "C2"}
RESHIP = bodies.resolution("RESHIP", bodies.item("2"), total="15.00", shipping_address=bodies.ADDRESS)
OF_ACTION = (schema.attempts, schema.decisions, schema.reports)
LATER = START + timedelta(days=1)


def a_filing(order_id, key, content_hash="sha"):
    return Filing(
        store_id="main-1", key=key, kind="online", order_id=order_id, content_hash=content_hash, begun_at=START
    )


@pytest.fixture
def scene(ledger_url):
    """Give a store with two orders, each with a claim, and everything that can be kept of one."""
    made = Scene.make(ModelShop([an_order(), an_order(id="2002", number="#2002")]), url=ledger_url)
    made.export()
    for order, claim in ORDERS.items():
        names = {"order": order, "claim": claim}
        made.deliver(bodies.approved(bodies.resolution(), RESHIP, event=f"approved-{order}", **names))
        made.deliver(bodies.message(f"a note of {order}", event=f"message-{order}", **names))
        made.run()
        filing = a_filing(order, f"form-{order}")
        made.ledger.write(filings.begin, filing)
        made.ledger.write(exports.put_fulfillment, "main-1", order, "f1", state="sent", at=START)
        made.ledger.write(actions.add_decision, made.actions()[-1], "ops", "approve", START, f"{order} called")
        made.ledger.write(filings.settle, attrs.evolve(filing, state="filed", reason="201"))
    return made


def about(scene, order):
    """Return every row about one order, by table."""
    claim = ORDERS[order]

    def read(connection):
        def rows(table, *where):
            return connection.execute(sa.select(table).where(sa.or_(*where)).order_by(*table.primary_key.columns)).all()

        acted = rows(schema.actions, schema.actions.c.order_id == order)
        came = rows(schema.deliveries, schema.deliveries.c.order_id == order)
        found = {
            "actions": acted,
            "deliveries": came,
            "bodies": rows(schema.bodies, schema.bodies.c.sha256.in_([one.body_sha256 for one in came])),
            "claims": rows(schema.claims, schema.claims.c.claim_id == claim),
            "plans": rows(schema.plans, schema.plans.c.claim_id == claim),
        }
        for table in OF_ACTION:
            found[table.name] = rows(table, table.c.action_id.in_([one.id for one in acted]))
        for table in (schema.filings, schema.exported_orders, schema.exported_fulfillments):
            found[table.name] = rows(table, table.c.order_id == order)
        return found

    return scene.ledger.read(read)


def forgotten(scene, order="1001"):
    return scene.ledger.write(forget, scene.store.id, order, scene.clock())


@pytest.mark.parametrize(("gone", "other"), [("1001", "2002"), ("2002", "1001")])
def test_of_another_customer_every_row_stays(scene, gone, other):
    """Decisions, texts, answers, hashes: whoever was not asked to be forgotten is not."""
    before = about(scene, other)
    forgotten(scene, gone)

    assert before == about(scene, other)
    assert all(before.values())


def test_it_is_looked_at_alone(scene):
    """What is shown before anything is erased is about this order, and so is what is erased."""
    seen = look_at(scene, "1001")

    assert (("C1",), 2, False) == (seen.claims, seen.webhooks, seen.is_empty)
    assert {"1001"} == {one.order_id for one in scene.actions() if one.id in seen.actions}
    assert len(seen.actions) == len([one for one in scene.actions() if one.order_id == "1001"])


def look_at(scene, order):
    return scene.ledger.read(look, scene.store.id, order)


def test_an_order_that_nobody_knows_is_empty(scene):
    """However much is known of others: a mistyped id is told from one that was there."""
    seen = look_at(scene, "9999")

    assert ((), 0, (), (), True) == (seen.claims, seen.webhooks, seen.actions, seen.open, seen.is_empty)


def test_what_another_order_waits_for_stands_in_nobody_s_way(scene):
    """Its report waits, its decision is held, its webhook is unread: the first customer is forgotten all the same."""
    scene.shop.faults = {("refund", 3): "lost"}
    scene.deliver(bodies.approved(bodies.resolution(), claim="C3", order="2002", event="evt-3"))
    scene.plan()
    scene.act()
    scene.deliver(bodies.approved(RESHIP, claim="C4", order="2002", event="evt-4"))

    assert () == look_at(scene, "1001").open
    assert () != look_at(scene, "2002").open
    assert forgotten(scene).erased


def test_a_claim_without_a_decision_is_its_order_s(scene):
    """What is said of it later names the claim alone, and goes with the order that the claim was made about."""
    scene.deliver(bodies.created(claim="C5", order="1001", event="evt-5"))
    scene.run()
    said = json.loads(bodies.message("call me", claim="C5", order="1001", event="evt-6"))
    said["body"].pop("orderId", None)
    scene.deliver(json.dumps(said).encode())
    scene.run()
    late = scene.deliveries()[-1]
    forgotten(scene)

    assert "C5" in look_at(scene, "1001").claims
    assert scene.ledger.read(deliveries.body, late) is None


def test_what_was_decided_before_a_claim_had_an_order_is_its_order_s():
    """The decision named the claim alone, and was declined; it goes with the order that was named later."""
    scene = Scene.make()
    scene.deliver(bodies.approved(dialect="camel", claim="C6", store="main"))
    scene.run()
    scene.decline(scene.action())
    scene.deliver(bodies.created(claim="C6", event="evt-8"))
    scene.run()
    first = scene.deliveries()[0]
    assert (first.order_id, first.claim_id) == (None, "C6")
    forgotten(scene)
    (row,) = scene.ledger.read(lambda connection: connection.execute(sa.select(schema.actions)).all())

    assert scene.ledger.read(deliveries.body, first) is None
    assert is_keyed(row.content_hash)


def test_what_was_done_for_its_claim_about_another_order_stays(scene):
    """Once a claim was decided about two orders: the other customer's refund keeps its words."""
    scene.deliver(bodies.approved(bodies.resolution(total="1.00"), claim="C1", order="2002", event="evt-10"))
    scene.run()
    for held in [one for one in scene.actions() if one.needs_person]:
        scene.decline(held)
    before = about(scene, "2002")["actions"]
    assert "claim:C1" in {one.subject for one in before}
    forgotten(scene)

    assert before == about(scene, "2002")["actions"]


def test_an_answer_that_names_it_by_order_protection_s_own_id_goes(scene):
    """Order Protection numbers orders itself, and its answers may hold nothing but that number."""
    scene.deliver(bodies.created(claim="C7", order="1001", event="evt-11").replace(b"op-1001", b"their-77"))
    scene.run()
    for name, told in (("mine", "their-77"), ("theirs", "their-88")):
        scene.ledger.write(
            shapes.seen, scene.store.id, f"GET /{name}", name, ["a"], scene.clock(), news={"added": []},
            kept=json.dumps({"order": told}).encode(),
        )  # fmt: skip
    forgotten(scene)
    kept = {row.what: scene.ledger.read(shapes.body, row) for row in scene.ledger.read(shapes.listing, scene.store.id)}

    assert kept["GET /mine"] is None
    assert kept["GET /theirs"] is not None


def again(scene):
    return scene.ledger.read(forgotten_again, scene.store.id)


def test_nobody_is_forgotten_who_was_not(scene):
    """What comes about other orders never puts them among those that are erased once more."""
    forgotten(scene)
    scene.deliver(bodies.message("a note", claim="C2", order="2002", event="evt-7"))
    scene.run()
    scene.ledger.write(filings.begin, a_filing("2002", "form-new"))

    assert [] == again(scene)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (schema.attempts, {"what": "late", "fence": 9, "at": LATER, "reason": "shipped to Anna"}),
        (schema.decisions, {"who": "ops", "what": "record", "at": LATER, "reason": "Anna called"}),
        (schema.reports, {"reason": "Anna is no customer"}),
        (schema.reports, {"answer": "Anna is no customer"}),
    ],
    ids=["attempt", "decision", "report", "answer"],
)
def test_words_that_are_written_down_later_are_erased_too(scene, table, words):
    """A late answer of the shop, a person's word and an answer to a report may each name the customer."""
    mine = next(one.id for one in scene.actions("reship") if one.order_id == "1001")
    forgotten(scene)
    assert [] == again(scene)
    change = table.update().where(table.c.action_id == mine) if table is schema.reports else table.insert()
    more = {} if table is schema.reports else {"action_id": mine}
    scene.ledger.write(lambda connection: connection.execute(change.values(**more, **words)))

    assert ["1001"] == again(scene)


def test_a_claim_that_is_filed_later_is_erased_too(scene):
    """Its hash is one that can be guessed, until it is keyed."""
    forgotten(scene)
    scene.ledger.write(filings.begin, a_filing("1001", "form-late"))

    assert ["1001"] == again(scene)


def test_what_a_person_let_pass_is_known_by_a_keyed_hash():
    """What was approved, and that it was this: the mark of it stays, and tells nobody what it was."""
    scene = Scene.make(limits={"hold_above": {}})
    scene.deliver(bodies.approved())
    scene.plan()
    held = scene.approve(scene.action())
    scene.run()
    forgotten(scene)
    (row,) = scene.ledger.read(lambda connection: connection.execute(sa.select(schema.actions)).all())

    assert is_keyed(row.approved_hash)
    assert row.approved_hash not in (held.approved_hash, row.resolution_hash)


def test_where_nothing_was_said_nothing_is_erased(scene):
    """A row without a reason has none afterwards: the mark of erasure says that there were words."""
    silent = [one.id for one in about(scene, "1001")["actions"] if one.reason is None]
    forgotten(scene)

    assert silent == [one.id for one in about(scene, "1001")["actions"] if one.reason is None]
    assert {None} == {one.reason for one in about(scene, "1001")["deliveries"]}
