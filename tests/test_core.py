"""The front of the library: what a shop's code calls, from one ``op.toml``."""

import asyncio
from datetime import UTC, datetime

import pytest

import op_core
from op_core.demo.seed import fill
from op_core.demo.shop import DemoShop
from op_core.errors import LedgerError, PersonError, SettingsError, StoreParked, UnknownStore
from op_core.ledger import actions, deliveries, exports, reports
from op_core.testing import bodies
from op_core.testing.clock import Clock

SECRET = "not-a-real-secret-0000"
HEADERS = {"X-Webhook-Secret": SECRET}
LEDGER = '[ledger]\nurl = "sqlite:///op.db"\n'
STORE = """
[stores.{name}]
id = "{id}"
adapter = "{adapter}"
api_url = "http://127.0.0.1:9"
api_token = "not-a-real-token-0000"
webhook_secrets = ["not-a-real-secret-0000"]
verify_claims = "never"
{more}
[stores.{name}.settings]
backend = "op_core.demo.shop:DemoShop"
options = {{ database = "{name}.db" }}
[stores.{name}.limits]
hold_above = {{ USD = "{limit}" }}
"""


def store(name="main", **said):
    return STORE.format(
        **({"name": name, "id": f"{name}-1", "adapter": "custom_store", "more": "", "limit": "1000"} | said)
    )


@pytest.fixture
def load(tmp_path):
    """Give what writes an op.toml of these stores and loads it; all are closed at the end."""
    opened = []

    def make(*stores, clock=None):
        (tmp_path / "op.toml").write_text(LEDGER + "".join(stores), encoding="utf-8")
        core = op_core.load(tmp_path / "op.toml", clock=clock)
        opened.append(core)
        return core

    yield make
    for core in opened:
        core.close()


@pytest.fixture
def sale(tmp_path):
    """Give an order of the demo shop in USD, and an approval of a refund of one of its units."""
    shop = DemoShop(tmp_path / "main.db")
    for order in map(shop.order, fill(shop, now=datetime(2025, 5, 1, tzinfo=UTC))):
        line = next((one for one in order.lines if not one.is_protection), None)
        if order.currency == "USD" and line is not None:
            price = line.unit_price.rounded().amount
            said = bodies.resolution("REFUND", bodies.item(line.id, 1, price), total=price)
            return shop, order, bodies.approved(said, order=order.id)
    raise AssertionError("the seed has orders in USD")


def only_action(core):
    (action,) = core.ledger.read(actions.listing, "main-1")
    return action


def test_a_claim_from_the_webhook_to_the_shop(load, sale):
    """`receive`, `run_once`: the refund is in the shop's own tables, under our reference."""
    shop, _, approval = sale
    core = load(store())
    assert 200 == core.receive("main", HEADERS, approval).status
    summary = core.run_once()

    assert 1 == summary.counts["action done"]
    assert [only_action(core).reference] == [effect.reference for effect in shop.effects()]


def test_the_same_in_the_other_colour(load, sale):
    """`areceive` and `arun_once` for a shop that is async."""
    shop, _, approval = sale
    core = load(store())

    async def both():
        answer = await core.areceive("main", HEADERS, approval)
        refused = await core.areceive("main", {}, approval)
        await core.arun_once("main")
        return answer.status, refused.status

    assert (200, 401) == asyncio.run(both())
    assert 1 == len(shop.effects())


def test_an_order_that_changed_is_remembered(load):
    """`order_changed` is a row and no call: it works while the API is away, for parked stores too."""
    core = load(store(), store("other", adapter="no_such_adapter"))
    core.order_changed("main", "1001")
    core.order_changed("main", "1001")
    core.order_changed("other", "7")

    assert ["1001"] == [row.order_id for row in core.ledger.read(exports.changed, "main-1", core.ledger.now(), 10)]
    assert ["7"] == [row.order_id for row in core.ledger.read(exports.changed, "other-1", core.ledger.now(), 10)]
    with pytest.raises(UnknownStore):
        core.order_changed("nobody", "1001")


def test_a_person_decides_through_it(load, sale):
    """Approve is bound to the plan that was shown; decline, record and retry take their words."""
    shop, _, approval = sale
    core = load(store(limit="0"))
    core.receive("main", HEADERS, approval)
    core.run_once()
    held = only_action(core)
    assert "held" == held.state
    with pytest.raises(PersonError):
        core.approve(held.id, plan="something else")
    with pytest.raises(PersonError):
        core.retry(held.id)
    core.approve(held.id, plan=held.content_hash, who="a person")
    core.run_once()

    assert "done" == only_action(core).state
    with pytest.raises(PersonError):
        core.decline(held.id, reason="too late")
    with pytest.raises(PersonError):
        core.record(held.id, done="r-1")
    assert ["a person"] == [one["who"] for one in core.ledger.read(actions.decisions_of, held.id)]
    assert 1 == len(shop.effects())


def test_what_was_quarantined_is_replayed_after_a_mend(load, sale):
    """`replay` puts it back in line, and the next run takes it up."""
    _, order, _ = sale
    core = load(store(more='op_store_id = "wrong"'))
    short = bodies.approved(bodies.resolution("RESHIP", bodies.item(order.lines[0].id)), dialect="camel", store="right")
    core.receive("main", HEADERS, short)
    core.run_once()
    core.close()
    core = load(store(more='op_store_id = "right"'))

    assert 1 == core.replay("main")
    core.run_once()
    assert ["planned"] == [one.state for one in core.ledger.read(deliveries.listing, "main-1")]


def test_reports_without_a_route_are_sent_again_on_request(load, sale):
    """`report_again` since a time."""
    _, _, approval = sale
    clock = Clock()
    core = load(store(), clock=clock)
    core.receive("main", HEADERS, approval)
    core.run_once()
    assert ["no_route"] == [one.state for one in core.ledger.read(reports.listing, "main-1")]

    assert 1 == core.report_again("main", clock())
    clock.move(days=1)
    assert 0 == core.report_again("main", clock())


# --- Promise 7: stores are apart -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (store("other", adapter="no_such_adapter"), "no adapter 'no_such_adapter' is installed"),
        (store("other", more='verify_claims_ = "never"'), "unknown key"),
        (store("other").replace("op_core.demo.shop:DemoShop", "op_core.demo.shop:NoShop"), "NoShop"),
        (store("other", more="observers = ['nobody']"), "nobody"),
    ],
    ids=["no adapter", "settings", "no backend", "no observer"],
)
def test_what_is_wrong_with_one_store_parks_that_store(load, sale, caplog, bad, why):
    """It says so at start, and the other store works at full rate."""
    _, _, approval = sale
    core = load(store(), bad)

    assert {"other"} == set(core.parked)
    assert why in core.parked["other"]
    assert "store other is parked" in caplog.text
    core.receive("main", HEADERS, approval)
    assert 1 == core.run_once().counts["action done"]
    with pytest.raises(StoreParked, match="store 'other' is parked"):
        core.run_once("other")


def test_a_renamed_store_goes_on_under_its_id(load, sale, tmp_path):
    """What was done under the old name is known under the new one: no second refund."""
    shop, _, approval = sale
    core = load(store())
    core.receive("main", HEADERS, approval)
    core.run_once()
    core.close()
    core = load(store("shop", id="main-1").replace("shop.db", "main.db"))
    core.receive("shop", HEADERS, approval)
    core.run_once()

    assert {} == core.parked
    assert 1 == len(shop.effects())


def test_a_changed_id_is_refused_and_its_door_is_closed(load, sale):
    """Under a new id everything would be done again: the store is parked, and asks senders to come back later."""
    _, _, approval = sale
    load(store()).close()
    core = load(store(id="main-2"))

    assert "an id is permanent" in core.parked["main"]
    assert 503 == core.receive("main", HEADERS, approval).status
    assert [] == core.ledger.read(deliveries.listing)


def test_an_unknown_store_is_told_the_known_ones(load):
    """The text names them."""
    with pytest.raises(UnknownStore, match="there are: main"):
        load(store()).run_once("mian")


# --- What cannot be used -------------------------------------------------------------------------------------------


def test_a_file_that_cannot_be_used_raises(tmp_path):
    """A missing file and a ledger that cannot be opened end the start."""
    with pytest.raises(SettingsError, match="no such file"):
        op_core.load(tmp_path / "op.toml")
    (tmp_path / "op.toml").write_text('[ledger]\nurl = "sqlite:///no/such/folder/op.db"\n', encoding="utf-8")
    with pytest.raises(LedgerError, match="folder does not exist"):
        op_core.load(tmp_path / "op.toml")


def test_a_call_that_runs_cannot_be_decided_about(load, sale):
    """While the shop is being called right now, nobody knows the outcome."""
    _, _, approval = sale
    core = load(store(limit="0"))
    core.receive("main", HEADERS, approval)
    core.run_once()
    action = only_action(core)
    calls = core.work("main").desk.shop.calls
    with pytest.raises(PersonError, match="is being called right now"):
        calls.run(lambda: core.record(action.id, done="r-1"), 10, name=action.reference)


def test_it_mounts_in_both_kinds_of_servers(load):
    """``core.asgi`` and ``core.wsgi`` are apps."""
    core = load(store())
    said = []
    list(core.wsgi({"PATH_INFO": "/elsewhere"}, lambda status, headers: said.append(status[:3])))

    assert ["404"] == said
    assert callable(core.asgi)


def test_its_repr_shows_no_secret(load):
    """Nor does anything inside it."""
    core = load(store())

    assert SECRET not in repr(core)
    assert "not-a-real-token-0000" not in repr(core)
