"""A customer is forgotten: nothing says who it was, and what was done is proved as before."""

import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from op_core.claims import outcomes
from op_core.errors import PersonError
from op_core.ledger import Ledger, reports, schema, shapes
from op_core.ledger.deliveries import body, listing
from op_core.models import Outcome
from op_core.privacy import forget, look, tidy
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

CANARIES = ("canary.person@example.com", "Canary Lane 7", "Canarytown", "+1 555 0100 CANARY", "CANARY said")
WORDS = f"shipped to {CANARIES[1]}"
ELSEWHERE = {**bodies.ADDRESS, "address1": CANARIES[1], "city": CANARIES[2]}
REFUND = bodies.resolution()
RESHIP = bodies.resolution("RESHIP", bodies.item("2"), total="15.00", shipping_address=ELSEWHERE)


def with_person(raw):
    """Put what a customer is known by into a webhook, in fields that nothing reads."""
    said = json.loads(raw)
    said["body"]["customer"] = {"email": CANARIES[0], "phone": CANARIES[3]}
    return json.dumps(said).encode()


def decided(scene, *resolutions, **about):
    scene.deliver(with_person(bodies.approved(*(resolutions or (REFUND, RESHIP)), **about)))
    scene.run()


@pytest.fixture
def scene(ledger_url):
    """Give a store with two orders, and a claim of the first that was decided and acted on, in every kind of row."""
    made = Scene.make(ModelShop([an_order(), an_order(id="2002", number="#2002")]), url=ledger_url)
    made.export()
    made.deliver(with_person(bodies.created()))
    made.deliver(bodies.message(f"{CANARIES[4]}: call {CANARIES[3]}"))
    decided(made)
    made.deliver(with_person(bodies.approved(REFUND, RESHIP, event="evt-again")))
    made.deliver(with_person(bodies.denied()))
    made.run()
    return made


def forgotten(scene, order_id="1001", **how):
    gone = scene.ledger.write(forget, scene.store.id, order_id, scene.clock(), **how)
    scene.ledger.wipe()
    return gone


def everything(ledger):
    """Return every value of every row, as text."""

    def read(connection):
        return [
            value if isinstance(value, bytes) else str(value).encode()
            for table in schema.metadata.sorted_tables
            for row in connection.execute(sa.select(table))
            for value in row
            if value is not None
        ]

    return b"\n".join(ledger.read(read))


def test_no_row_says_who_it_was(scene):
    """Of address, e-mail, phone and what the customer wrote nothing is left in any column of any table."""
    assert all(canary.encode() in everything(scene.ledger) for canary in CANARIES)
    forgotten(scene)

    assert [] == [canary for canary in CANARIES if canary.encode() in everything(scene.ledger)]


def test_no_file_says_who_it_was(sqlite_url):
    """Of a SQLite ledger: neither the database nor its log, for what is taken out is overwritten."""
    scene = Scene.make(url=sqlite_url)
    decided(scene)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    files = [path, path.with_name(f"{path.name}-wal")]
    assert any(CANARIES[0].encode() in one.read_bytes() for one in files)
    forgotten(scene)

    assert [] == [canary for canary in CANARIES if any(canary.encode() in one.read_bytes() for one in files)]


def test_no_hash_can_be_guessed(scene):
    """Whoever hashes a list of bodies or orders finds none of them: what stays is keyed, or gone."""
    hashes = {
        value
        for row in scene.deliveries()
        if row.order_id == "1001"
        for value in (row.body_sha256, row.content_hash)
        if value is not None
    }
    hashes |= {one for action in scene.actions() for one in (action.content_hash, action.resolution_hash) if one}
    with_address = {one for one in hashes if one.encode() in everything(scene.ledger)}
    forgotten(scene)
    left = {one for one in with_address if one.encode() in everything(scene.ledger)}

    assert hashes == with_address
    assert {action.resolution_hash for action in scene.actions("refund")} == left  # of a refund: no address is in it


def test_what_was_done_is_proved_as_before(scene):
    """Keys, references, units, amounts, states, times and the shop's ids stay, and so does who decided."""

    def proof():
        kept = ("id", "key", "reference", "state", "worth", "order_id", "claim_id", "payment_id", "shop_id", "begun_at")
        return [
            ({name: getattr(one, name) for name in kept}, one.content.get("lines"), one.content.get("owed"))
            for one in scene.actions()
        ]

    before = proof()
    forgotten(scene)

    assert before == proof()
    assert {"done"} == set(scene.states())


@pytest.mark.parametrize("event", ["evt-approved", "evt-anew", None])
def test_a_late_copy_is_known_again(scene, event):
    """Redelivered, under its own id or another, it is a duplicate: nothing is done a second time."""
    forgotten(scene)
    done = len(scene.shop.effects)
    dialect = "slash" if event is None else "reference"
    decided(scene, event=event, dialect=dialect)

    assert "duplicate" == scene.deliveries()[-1].state
    assert done == len(scene.shop.effects)


def test_another_address_is_another_decision(scene):
    """A reship that now goes elsewhere is no copy: a person is asked, and nothing is sent."""
    forgotten(scene)
    done = len(scene.shop.effects)
    other = bodies.resolution("RESHIP", bodies.item("2"), total="15.00", shipping_address=bodies.ADDRESS)
    decided(scene, REFUND, other, event="evt-other")

    assert done == len(scene.shop.effects)
    assert ["held"] == [one.state for one in scene.actions("reship") if one.state != "done"]


def test_a_denial_and_a_message_that_come_again_change_nothing(scene):
    """Their hashes are keyed, and are found all the same."""
    forgotten(scene)
    before = [(one.id, one.state, one.holds) for one in scene.actions()]
    scene.deliver(bodies.denied(event=None, dialect="slash"))
    scene.deliver(bodies.message(f"{CANARIES[4]}: call {CANARIES[3]}"))
    scene.run()

    assert ["duplicate", "duplicate"] == [one.state for one in scene.deliveries()[-2:]]
    assert before == [(one.id, one.state, one.holds) for one in scene.actions()]


def test_to_forget_twice_is_to_forget_once(scene):
    """What was erased is not hashed over again, so that late copies are known ever after."""
    forgotten(scene)
    before = everything(scene.ledger)
    forgotten(scene)

    assert before == everything(scene.ledger)


def test_of_another_order_nothing_is_erased(scene):
    """Its webhooks, its decision and its hashes are as they were."""
    scene.deliver(with_person(bodies.approved(REFUND, claim="C2", order="2002", event="evt-2")))
    scene.run()
    mine = [one for one in scene.deliveries() if one.order_id == "2002"]
    forgotten(scene)

    assert mine == [one for one in scene.deliveries() if one.order_id == "2002"]
    assert all(scene.ledger.read(body, one) for one in mine)


def test_nothing_of_the_order_is_sent_any_more(scene):
    """Neither by a full export nor by one that sends all again, nor as an order that the shop marked."""
    forgotten(scene)
    calls = len(scene.api.calls)
    full = scene.work.exporter.run(full=True)
    named = scene.work.exporter.orders(["1001"])

    assert (1, 1) == (full.forgotten, named.forgotten)
    assert [] == [call for call in scene.api.calls[calls:] if "1001" in str(call)]


def test_a_report_of_it_is_not_put_back_in_line(scene):
    """The report of a reship names the customer."""
    forgotten(scene)

    assert 0 == scene.ledger.write(reports.again, scene.store.id, scene.clock(), ("sent", "confirmed", "no_route"))


# --- Not yet -------------------------------------------------------------------------------------------------------


def test_what_is_not_over_stands_against_it(ledger_url):
    """A held action needs its address: nothing is erased, and the reason names the action."""
    scene = Scene.make(url=ledger_url, limits={"hold_above": {}})
    decided(scene)
    before = everything(scene.ledger)

    with pytest.raises(PersonError, match=r"cannot be forgotten yet: action 1 \(reship\) is held; action 2"):
        forgotten(scene)
    assert before == everything(scene.ledger)


def test_a_webhook_that_waits_stands_against_it(scene):
    """It may decide something new."""
    number = scene.deliver(with_person(bodies.approved(claim="C9", event="evt-new")))

    with pytest.raises(PersonError, match=f"webhook {number} names it and is not read yet"):
        forgotten(scene)


def test_a_webhook_that_nobody_could_read_is_given_up_only_if_asked(scene):
    """It may be a decision; erased, it is neither waiting nor replayed, and its number stays."""
    number = scene.deliver(with_person(bodies.approved(bodies.resolution("BARTER"), claim="C9", event="evt-9")))
    scene.run()

    assert (number,) == scene.ledger.read(look, scene.store.id, "1001").unread
    with pytest.raises(PersonError, match=f"nobody could read webhook {number}"):
        forgotten(scene)
    forgotten(scene, unread=[number])
    (gone,) = scene.ledger.read(listing, scene.store.id, "erased")
    assert number == gone.id
    assert scene.ledger.read(body, gone) is None


def test_a_number_that_equals_an_order_id_names_no_order():
    """A quantity of 2 is not order 2: another customer's webhook neither stands in the way nor is given up."""
    scene = Scene.make(ModelShop([an_order(id="2", number="#2"), an_order(id="2002", number="#2002")]))
    decided(scene, order="2")
    barter = bodies.resolution("BARTER", bodies.item("1", 2, "2"))
    scene.deliver(bodies.approved(barter, claim="C9", order="2002", event="evt-9"))
    scene.plan()
    scene.deliver(
        bodies.approved(bodies.resolution("REFUND", bodies.item("1", 2)), claim="C8", order="2002", event="2")
    )

    assert () == scene.ledger.read(look, scene.store.id, "2").unread
    assert forgotten(scene, "2", unread=[2]).erased
    assert ["quarantined", "received"] == [one.state for one in scene.deliveries()[1:]]
    assert all(scene.ledger.read(body, one) for one in scene.deliveries()[1:])


def test_what_is_said_of_its_claim_about_another_order_stays(scene):
    """A message of one claim that names two orders: the other customer's is left alone."""
    scene.deliver(bodies.message("about the other one", order="2002", event="evt-o"))
    scene.run()
    other = scene.deliveries()[-1]
    forgotten(scene)

    assert other == scene.deliveries()[-1]
    assert scene.ledger.read(body, other)


@pytest.mark.parametrize("order_id", ["1001", "1001-R1"])
def test_no_report_tells_of_it_after(order_id):
    """A reship that was refused turns out to be done after all: it is done, and nobody is sent the customer's data."""
    scene = Scene.make()
    scene.shop.faults = {("reship", 1): "lost"}
    scene.deliver(bodies.approved(RESHIP))
    scene.plan()
    scene.act()
    began = scene.action()
    scene.wait(hours=1)
    calls = len(scene.api.calls)
    forgotten(scene, "1001")
    forgotten(scene, "1001-R1")
    scene.ledger.write(reports.again, scene.store.id, scene.clock(), ("sent", "confirmed"))
    scene.wait(hours=1)

    assert began.id == scene.action().id
    assert ["done"] == scene.states()
    assert [] == [call for call in scene.api.calls[calls:] if "create_order" in str(call)]
    (row,) = scene.ledger.read(
        lambda connection: connection.execute(
            sa.select(schema.exported_orders.c.state).where(schema.exported_orders.c.order_id == order_id)
        ).all()
    )
    assert "forgotten" == row.state


def test_a_replacement_whose_report_waits_is_not_forgotten_yet():
    """The report names its customer, and is about to be sent."""
    scene = Scene.make()
    scene.deliver(bodies.approved(RESHIP))
    scene.plan()
    scene.act()

    assert not scene.ledger.read(look, scene.store.id, "1001-R1").is_empty
    with pytest.raises(PersonError, match="the report of action 1 is not sent yet"):
        forgotten(scene, "1001-R1")


def test_a_late_success_is_reported_to_nobody():
    """What was refused, forgotten, and happened all the same is done; its order stays forgotten."""
    scene = Scene.make()
    scene.shop.faults = {("reship", 1): "raise"}
    scene.deliver(bodies.approved(RESHIP))
    scene.plan()
    scene.act()
    began = scene.action()
    scene.clock.move(minutes=5)
    scene.record(began, None)
    forgotten(scene)
    outcome = Outcome("done", shop_id="late-1", order_id="1001-R9", reason=WORDS)
    scene.ledger.write(lambda connection: outcomes.late(connection, scene.desk, scene.clock(), began, outcome))
    scene.wait(hours=2)
    tidy(scene.ledger, scene.store)

    assert ["done"] == scene.states()
    assert [("failed", "erased")] == [(one.state, one.reason) for one in scene.reports()]
    assert WORDS.encode() not in everything(scene.ledger)


def test_what_cannot_be_done_any_more_is_not_tried(ledger_url):
    """A refused reship, tried again, would need the address that is gone."""
    scene = Scene.make(url=ledger_url)
    scene.shop.faults = {("reship", 1): "refuse"}
    decided(scene, RESHIP)
    forgotten(scene)

    with pytest.raises(PersonError, match="the address of action 1 was erased"):
        scene.retry(scene.action())
    assert ["refused"] == scene.states()


def test_an_order_without_claims_loses_its_hashes(scene):
    """Hashes of an order that was only exported hold its customer's name and address as well."""
    gone = forgotten(scene, "2002")
    (row,) = scene.ledger.read(
        lambda connection: connection.execute(
            sa.select(schema.exported_orders).where(schema.exported_orders.c.order_id == "2002")
        ).all()
    )

    assert (True, False) == (gone.erased, gone.is_empty)
    assert ("forgotten", None, None) == (row.state, row.order_hash, row.update_hash)


def test_a_kept_answer_about_it_goes_too(scene):
    """The first answer of a new form is kept whole; one that names the order or its claim is erased."""
    for sha, named in (("one", "C1"), ("other", "C7")):
        scene.ledger.write(
            shapes.seen, scene.store.id, f"GET /{sha}", sha, ["a"], scene.clock(), news={"added": []},
            kept=json.dumps({"claim": named, "email": CANARIES[0]}).encode(),
        )  # fmt: skip
    forgotten(scene)
    kept = {row.what: scene.ledger.read(shapes.body, row) for row in scene.ledger.read(shapes.listing, scene.store.id)}

    assert kept["GET /one"] is None
    assert kept["GET /other"] is not None


def test_each_ledger_has_a_key_of_its_own(tmp_path):
    """The same person leaves another mark in another ledger."""
    marks = []
    for name in ("a", "b"):
        scene = Scene.make(url=f"sqlite:///{tmp_path}/{name}.db")
        decided(scene, RESHIP)
        forgotten(scene)
        marks.append(scene.action().content["address"]["forgotten"])

    assert 2 == len(set(marks))
    assert all(Ledger.open(f"sqlite:///{tmp_path}/{name}.db").read(listing) for name in ("a", "b"))
