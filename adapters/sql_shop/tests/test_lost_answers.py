"""Refunds, replacements and store credits through a proxy that loses, delays or repeats what becomes of a COMMIT."""

import re
import threading
from collections import Counter
from contextlib import ExitStack, closing
from itertools import product
from typing import get_args

import attrs
import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.ledger import actions
from op_core.models import Found, NotFound, Outcome
from op_core.plugins import StoreInfo
from op_core.runners.embedded import Embedded
from op_core.testing import bodies
from op_core.testing.commits import CommitFault, CommitProxy
from op_core.testing.scene import Scene

SCHEMA = """
create table orders (id int primary key, total numeric(12, 2), refunded numeric(12, 2), at {time});
create table effects (id {serial}, verb varchar(20), order_id int, amount numeric(12, 2),
    reference varchar(40) {unique})
"""
TYPES = {
    "postgresql": {"time": "timestamptz", "serial": "serial primary key"},
    "mysql": {"time": "datetime(6)", "serial": "int auto_increment primary key"},
}
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
[orders]
select = "select id, id as number, total, at as created_at, at as updated_at from orders"
lock = "orders.id"
[lines]
select = "select id as order_id, id, 'Mug' as name, 1 as quantity, total as unit_price from orders"
[payments]
select = "select id as order_id, id, total as captured, refunded from orders"
[addresses]
select = "select id as order_id, 'shipping' as kind, 'US' as country, '1 Main St' as street_address_1, 'Town' as city, '84601' as postal_code from orders"
[refund]
money = "booked"
[[refund.steps]]
sql = "update orders set refunded = refunded + :amount where id = :payment_id and total - refunded >= :amount"
expect_rows = 1
refused = "not so much is left"
[[refund.steps]]
sql = "insert into effects (verb, order_id, amount, reference) values ('refund', :order_id, :amount, :reference)"
[store_credit]
money = "booked"
[[store_credit.steps]]
sql = "insert into effects (verb, order_id, amount, reference) values ('store_credit', :order_id, :amount, :reference)"
[reship]
[[reship.steps]]
sql = "insert into effects (verb, order_id, amount, reference) values ('reship', :order_id, null, :reference)"
"""  # noqa: E501 - one statement
FIND = """
find = "select id as shop_id, order_id, amount from effects where reference = :reference"
unique = "effects.reference"
"""
FOUND = re.sub(r"(?m)^\[(refund|store_credit|reship)\]$", rf"\g<0>{FIND.rstrip()}", MAPPING)
TIMING = {"deadline": "20 s", "lease": "1 min", "quiet_period": "1 min", "calls": 32}
LATE = 0.5  # seconds that are enough to see that a call is late
VERBS = ("refund", "reship", "store_credit")
FAULTS = get_args(CommitFault)
ONCE = [(verb, fault, 1) for verb, fault in product(VERBS, FAULTS)]
LOST = [fault for fault in FAULTS if fault != "twice"]
PAID = [*product(("refund", "store_credit"), LOST, (1, 2))]  # of its two COMMITs: before the gateway is called, after


class Gateway:
    """A gateway without a key: whatever it is asked, it pays."""

    def __init__(self):
        self.paid = []

    def pay(self, request):
        self.paid.append((int(request.order.id), request.reference))
        return Outcome("done", shop_id=f"pay-{len(self.paid)}")

    def find(self, request):
        made = [f"pay-{n}" for n, (_, reference) in enumerate(self.paid, 1) if reference == request.reference]
        found = [Outcome("done", shop_id=one) for one in made]
        return Found(found[0], tuple(found[1:])) if found else NotFound()


@attrs.define(eq=False)
class Play:
    """
    A shop behind a proxy, and the store that works for it.

    Attributes:
        cases: Number of an order to what is decided about it, what goes wrong, and with which COMMIT of it.
        hit: Number of an order to how many COMMITs it took.
        arrived: Counts the COMMITs that are late.
    """

    cases: dict
    proxy: CommitProxy
    scene: Scene
    runner: Embedded
    hit: Counter
    arrived: threading.Semaphore
    engine: sa.Engine

    def begin(self):
        """Have everything decided and called: what is late is given up soon, and only that."""
        late = [number for number, (_, fault, _) in self.cases.items() if fault.startswith("late")]
        self.decide(self.cases.keys() - set(late))
        self.work(1)
        self.decide(late)
        shop = self.scene.desk.shop
        shop.deadline, patience = LATE, shop.deadline
        for _ in range(5):  # on a busy machine the time of a call may be out before it begins: then it begins later
            self.work(1)
            late = late[sum(self.arrived.acquire(timeout=30) for _ in late) :]
            if not late:
                break
        shop.deadline = patience

    def decide(self, numbers):
        """Have Order Protection decide the claims about these orders."""
        for number in numbers:
            verb = self.cases[number][0]
            total = None if verb == "reship" else 15
            said = bodies.resolution(verb.upper(), bodies.item(str(number), 1, 15), total=total)
            self.scene.deliver(bodies.approved(said, claim=f"C-{number}", order=str(number), event=f"e-{number}"))

    def work(self, rounds):
        """Do all that is due, again and again, with time between."""
        for _ in range(rounds):
            self.runner.run_once()
            self.scene.clock.move(minutes=20)

    def restart(self):
        """End this process while what is late still travels, and begin another one."""
        self.runner.stop()
        self.scene.restart()
        self.runner = self.scene.runner

    def release(self):
        """Let what is late arrive, and whoever waited for it say so."""
        self.proxy.release()
        for thread in threading.enumerate():
            if thread.name.startswith("op-core call OP-"):
                thread.join(20)

    def effects(self):
        """Return how often each order has each effect, in the shop's own table."""
        with self.engine.connect() as db:
            return Counter(tuple(row) for row in db.exec_driver_sql("select order_id, verb from effects"))

    def acted(self):
        """Return the actions by the number of their order."""
        return {int(one.order_id): one for one in self.scene.actions()}

    def stories(self):
        """Return what was tried of each action, by the number of its order."""
        read, acted = self.scene.ledger.read, self.acted()
        return {number: [one.result for one in read(actions.attempts_of, acted[number].id)] for number in acted}


@pytest.fixture(params=["postgresql", pytest.param("mysql", marks=pytest.mark.mariadb)])
def database(request):
    """Give an empty database, and its dialect."""
    return request.getfixturevalue({"postgresql": "postgres_url", "mysql": "mariadb_url"}[request.param]), request.param


@pytest.fixture
def play_of(database, tmp_path):
    """Make a shop with an order for each case."""
    url, dialect = database
    with ExitStack() as stack:

        def play(mapping, listed, unique=""):
            cases, hit, lock = dict(enumerate(listed, 1)), Counter(), threading.Lock()
            arrived = threading.Semaphore(0)
            engine = sa.create_engine(url, poolclass=sa.NullPool)
            with engine.begin() as db:
                for statement in SCHEMA.format(unique=unique, **TYPES[dialect]).split(";"):
                    db.exec_driver_sql(statement)
                orders = [{"number": number} for number in cases]
                db.execute(sa.text("insert into orders values (:number, 15, 0, '2029-12-01')"), orders)

            def fault(said):
                found = re.search(rb"OP-[0-9A-Z]+", said)
                if found is None:
                    return None  # it is no effect's
                (action,) = scene.ledger.read(actions.find, "main-1", [found[0].decode()])
                number = int(action.order_id)
                _, wanted, nth = cases[number]
                with lock:
                    hit[number] += 1
                    if hit[number] != nth:
                        return None
                if wanted.startswith("late"):
                    arrived.release()
                return wanted

            proxy = stack.enter_context(CommitProxy(url, fault))
            (tmp_path / "shop.toml").write_text(mapping)
            settings = SqlShopSettings(url=proxy.url, mapping="shop.toml", connections=32, lock_timeout="0.1 s")
            info = StoreInfo("main", "main-1", tmp_path)
            adapter = stack.enter_context(
                closing(SqlShopAdapter(settings, info, clock=lambda: scene.clock()))  # noqa: PLW0108 - it is made below
            )
            list(adapter.install())
            ledger = f"sqlite:///{tmp_path}/op.db"
            scene = Scene.make(adapter, url=ledger, timing=TIMING, resolutions={"store_credit": "act"})
            return Play(cases, proxy, scene, scene.runner, hit, arrived, engine)

        yield play


@pytest.fixture
def gateway(monkeypatch):
    """Stand where the module of the mapping would be found."""
    made = Gateway()
    monkeypatch.setattr("op_core.named.named", lambda _key, name, _folder: getattr(made, name.partition(":")[2]))
    return made


def asked_first(story):
    """Tell whether nothing was called again after an outcome that nobody knew, unless the shop was asked meanwhile."""
    return "result: unknown, call: begun" not in ", ".join(story)


@pytest.mark.parametrize(("mapping", "unique"), [(MAPPING, ""), (FOUND, "unique")], ids=["op_references", "its own"])
def test_what_the_database_took_is_found_and_what_it_did_not_is_made(play_of, mapping, unique):
    """
    Each effect is there once and told as done, though the process ends while a COMMIT or its answer travels.

    A COMMIT that travels longer than the quiet period holds the order's row until it arrives: no second one passes it.
    """
    play = play_of(mapping, ONCE, unique)
    play.begin()
    play.restart()
    play.work(2)
    late = {number for number, (_, fault, _) in play.cases.items() if fault == "late commit"}
    assert {(number, verb): 1 for number, (verb, *_) in play.cases.items() if number not in late} == play.effects()
    play.release()
    play.work(2)

    assert {(number, verb): 1 for number, (verb, *_) in play.cases.items()} == play.effects()
    assert {"done"} == {action.state for action in play.acted().values()}
    assert {number: 2 if fault == "drop before" else 1 for number, (_, fault, _) in play.cases.items()} == play.hit
    assert all(map(asked_first, play.stories().values()))


def test_while_the_call_lives_nobody_asks_and_its_late_word_counts(play_of):
    """What is late says so itself when it arrives: it is neither asked for nor made again."""
    play = play_of(MAPPING, [(verb, fault, 1) for verb, fault in product(VERBS, ("late commit", "late answer"))])
    play.begin()
    play.work(2)
    assert {"unknown"} == {action.state for action in play.acted().values()}
    play.release()
    play.work(1)

    assert {(number, verb): 1 for number, (verb, *_) in play.cases.items()} == play.effects()
    assert {("result: unknown", "late: done", "result: done")} == {tuple(one[-3:]) for one in play.stories().values()}
    assert not [one for story in play.stories().values() for one in story if one.startswith("ask")]


def test_what_a_gateway_paid_is_asked_of_it(play_of, gateway):
    """Whatever becomes of the COMMIT before its call, or after it: it pays once, and its rows are there once."""
    play = play_of(MAPPING.replace('"booked"', '"gateway:pay"\nfind_money = "gateway:find"'), PAID)
    play.begin()
    play.restart()
    play.work(2)
    play.release()
    play.work(2)

    assert dict.fromkeys(play.cases, 1) == Counter(number for number, _ in gateway.paid)
    assert {(number, verb): 1 for number, (verb, *_) in play.cases.items()} == play.effects()
    assert {"done"} == {action.state for action in play.acted().values()}
    assert all(map(asked_first, play.stories().values()))


def test_where_the_gateway_cannot_be_asked_a_person_is(play_of, gateway):
    """It is never called in doubt, neither a first time nor a second one."""
    play = play_of(MAPPING.replace('"booked"', '"gateway:pay"'), PAID)
    play.begin()
    play.restart()
    play.work(2)
    play.release()
    play.work(2)

    unknown = {("drop after", 1), ("late answer", 1), ("drop before", 2)}
    held = {number for number, (_, *case) in play.cases.items() if tuple(case) in unknown}
    assert held == {number for number, action in play.acted().items() if action.needs_person}
    assert play.cases.keys() - held == {number for number, action in play.acted().items() if action.state == "done"}
    paid = {number for number, (*_, nth) in play.cases.items() if number not in held or nth == 2}
    assert dict.fromkeys(paid, 1) == Counter(number for number, _ in gateway.paid)
    assert {(number, verb): 1 for number, (verb, *_) in play.cases.items() if number not in held} == play.effects()
