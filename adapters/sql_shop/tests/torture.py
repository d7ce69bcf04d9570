"""
Torment a small SQL shop with real processes, and count what is left.

    python adapters/sql_shop/tests/torture.py same --processes 16 --requests 200 [--url postgresql://…]
    python adapters/sql_shop/tests/torture.py race --processes 8
    python adapters/sql_shop/tests/torture.py crash

``same``: every process asks for the same effects. ``race``: many small refunds of one order, and sendings of one stock,
that together exceed it. ``crash``: a process is killed with SIGKILL at every crash point of every verb, then asked.
Without a URL it is a SQLite file; ``--url private`` starts a PostgreSQL server. Prints JSON; ends with 1 if a rule is
broken.
"""

import argparse
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings
from sqlalchemy.engine import make_url

from op_core.errors import NotSent, Refused
from op_core.hooks import EFFECTS, QUESTIONS
from op_core.models import Address, Found, LineQuantity, NotFound, Outcome
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import (
    FindRequest,
    GetOrderRequest,
    NoteRequest,
    OperationKey,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)
from op_core.testing import postgres
from op_core.testing.crash import armed
from op_core.untrusted import Untrusted

PAID = Decimal("20.00")
TIMES = {"postgresql": "timestamptz", "sqlite": "text"}
IDS = {"postgresql": "serial primary key", "sqlite": "integer primary key"}
SCHEMA = """
create table orders (id integer primary key, number varchar(40), total numeric(12, 2), at {time});
create table order_lines (id integer primary key, order_id integer, name varchar(40), quantity integer,
    price numeric(12, 2), sku varchar(20));
create table payments (id integer primary key, order_id integer, captured numeric(12, 2), refunded numeric(12, 2));
create table stock (sku varchar(20) primary key, free integer);
create table effects (id {id}, verb varchar(30), order_id integer, amount numeric(12, 2), reference varchar(40));
create table parts (reference varchar(40), line_id integer, quantity integer)
"""
_STEPS = """
[[{verb}.steps]]
sql = "insert into effects (verb, order_id, amount, reference) values ('{verb}', :order_id, {amount}, :reference)"
last_id = "row_id"
[[{verb}.steps]]
sql = "insert into parts (reference, line_id, quantity) values (:reference, 0, 1)"
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
money = {{ sqlite = "real", postgresql = "decimal", mysql = "decimal" }}
[orders]
select = "select id, number, total, at as created_at, at as updated_at from orders"
lock = "orders.id"
[lines]
select = "select order_id, id, name, quantity, price as unit_price, sku from order_lines"
[payments]
select = "select order_id, id, captured, refunded from payments"
[refund]
money = "booked"
[[refund.steps]]
sql = '''update payments set refunded = refunded + :amount
    where id = :payment_id and order_id = :order_id and captured - refunded >= cast(:amount as decimal(12, 2))'''
expect_rows = 1
refused = "not so much is left"
{refund}
[reship]
[[reship.steps]]
each = "lines"
sql = "update stock set free = free - :quantity where sku = :line_sku and free >= :quantity"
expect_rows = 1
refused = "not enough in stock"
[[reship.steps]]
each = "lines"
sql = "insert into parts (reference, line_id, quantity) values (:reference, :line_id, :quantity)"
{reship}
[store_credit]
money = "booked"
{store_credit}
[charge_protection]
money = "booked"
{charge_protection}
[refund_protection]
money = "booked"
{refund_protection}
[note]
{note}
"""


def mapping(dialect):
    """Return the mapping; PostgreSQL tells ids by RETURNING."""
    steps = {
        verb: _STEPS.format(verb=verb, amount="null" if verb in ("reship", "note") else ":amount") for verb in EFFECTS
    }
    text = MAPPING.format(**steps)
    if dialect == "postgresql":
        text = text.replace(':reference)"\nlast_id = "row_id"', ':reference) returning id as row_id"')
    return text


def shop_at(url, folder):
    """Connect. A forked process leaves the connections to its parent and makes its own."""
    settings = SqlShopSettings(url=url, mapping="shop.toml", lock_timeout="20 s", connections=8)
    return SqlShopAdapter(settings, StoreInfo("main", "main-1", folder))


def made(url, folder, orders):
    """Make the shop: so many paid orders of one line, and stock for half of them."""
    dialect = make_url(url).get_backend_name()
    (folder / "shop.toml").write_text(mapping(dialect), encoding="utf-8")
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    known = {"time": TIMES.get(dialect, "datetime(6)"), "id": IDS.get(dialect, "integer auto_increment primary key")}
    with engine.begin() as db:
        for statement in SCHEMA.format(**known).split(";"):
            db.execute(sa.text(statement))
        each = [{"n": n, "number": f"A{n}", "paid": str(PAID)} for n in range(1, orders + 1)]
        db.execute(sa.text("insert into orders values (:n, :number, :paid, '2029-12-01')"), each)
        db.execute(sa.text("insert into order_lines values (:n, :n, 'Mug', 99, 10, 'MUG')"), each)
        db.execute(sa.text("insert into payments values (:n, :n, :paid, 0)"), each)
        db.execute(sa.text("insert into stock values ('MUG', :free)"), {"free": orders})
    list(shop_at(url, folder).install())
    return engine


def requested(shop, verb, order_id, reference, amount="1.00"):
    """Return a request of that verb."""
    order = shop.op_get_order(GetOrderRequest("main", str(order_id)))
    common = {
        "store": "main",
        "key": OperationKey("main-1", f"claim:{reference}", verb, 1),
        "reference": reference,
        "order": order,
        "deadline": datetime.now(UTC) + timedelta(seconds=60),
    }
    worth, lines = {"amount": Money(amount, "USD")}, {"lines": (LineQuantity(order.lines[0].id, 1),)}
    return {
        "refund": lambda: RefundRequest(**common, **worth, **lines, payment_id=order.payments[0].id),
        "reship": lambda: ReshipRequest(**common, **lines, address=Address(country="US")),
        "store_credit": lambda: StoreCreditRequest(**common, **worth, **lines),
        "charge_protection": lambda: ProtectionChangeRequest(**common, **worth),
        "refund_protection": lambda: ProtectionChangeRequest(**common, **worth),
        "note": lambda: NoteRequest(**common, text=Untrusted("hello")),
    }[verb]()


def done(shop, verb, order_id, reference):
    """Ask until there is an answer, as the engine does after NotSent."""
    for _ in range(200):
        try:
            outcome: Outcome = getattr(shop, EFFECTS[verb])(requested(shop, verb, order_id, reference))
        except NotSent:
            time.sleep(0.05)
        except Refused:
            return "refused"
        else:
            return f"{outcome.state} {outcome.shop_id}"
    return "never"


def in_processes(count, work):
    """Run ``work(n)`` in so many forked processes that start together, and return what each answered."""
    start, gate = os.pipe()
    children = []
    for n in range(count):
        out, answer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(gate)
            os.read(start, 1)  # until the parent lets all go at once
            os.write(answer, json.dumps(work(n)).encode())
            os._exit(0)
        os.close(answer)
        children.append((pid, out))
    os.close(start)
    os.close(gate)
    answers = []
    for pid, out in children:
        with open(out, "rb") as said:  # noqa: PTH123 - a pipe has no path
            answers.append(json.loads(said.read() or b"null"))
        os.waitpid(pid, 0)
    return answers


def counts(engine):
    """Return what the shop holds."""
    ask = {
        "effects": "select count(*) from effects",
        "references": "select count(distinct reference) from effects",
        "marks": "select count(*) from op_references",
        "refunded": "select coalesce(sum(refunded), 0) from payments",
        "over_refunded": "select count(*) from payments where refunded > captured",
        "free": "select sum(free) from stock",
        "sent": "select count(*) from parts where line_id > 0",
    }
    with engine.connect() as db:
        return {name: float(db.execute(sa.text(sql)).scalar_one()) for name, sql in ask.items()}


def same(url, folder, processes, requests):
    """Have every process ask for all of the same effects, each in an order of its own."""
    engine = made(url, folder, requests)
    verbs = ("refund", "reship", "note", "store_credit")

    shop = shop_at(url, folder)

    def work(n):
        todo = list(range(1, requests + 1))
        random.Random(n).shuffle(todo)  # noqa: S311 - an order, no secret
        return {order: done(shop, verbs[order % 4], order, f"OP-{order}") for order in todo}

    began = time.monotonic()
    answers = in_processes(processes, work)
    seconds = time.monotonic() - began
    engine.dispose()
    found = counts(engine)
    agreed = all(one == answers[0] for one in answers)
    bad = [one for one in answers[0].values() if not one.startswith("done")]
    well = agreed and not bad and found["effects"] == found["references"] == found["marks"] == requests
    return {"well": well, "asked": processes * requests, "agreed": agreed, "seconds": round(seconds, 1), **found}


def race(url, folder, processes):
    """Refund 1.00 of 20.00 many more times than fit, and send more units than there are."""
    engine = made(url, folder, 1)
    with engine.begin() as db:
        db.execute(sa.text("update stock set free = 5"))

    shop = shop_at(url, folder)

    def work(n):
        refunds = [done(shop, "refund", 1, f"OP-R{n}x{i}") for i in range(6)]
        return refunds + [done(shop, "reship", 1, f"OP-S{n}x{i}") for i in range(2)]

    answers = in_processes(processes, work)
    found = counts(engine)
    said = Counter(one.split()[0] for answer in answers for one in answer)
    well = found["over_refunded"] == 0 and found["refunded"] == min(20, 6 * processes)
    well = well and found["free"] == 0 and found["sent"] == 5 and said["done"] == found["marks"] == found["effects"]
    return {"well": well, "answers": said, **found}


def crash(url, folder, _processes):
    """Kill a process at every crash point of every verb; then effect and mark are both there or neither."""
    engine, points, wrong = made(url, folder, 1), 0, []
    with engine.begin() as db:
        db.execute(sa.text("update stock set free = 1000"))
    shop = shop_at(url, folder)
    for verb in EFFECTS:
        passed = []
        with armed(passed.append):
            done(shop, verb, 1, f"OP-{verb}")
        for nth in range(len(passed)):
            points += 1
            reference = f"OP-{verb}{nth}".replace("_", "")

            def work(_n, verb=verb, nth=nth, reference=reference):
                left = [nth]

                def die(_point):
                    if left[0] == 0:
                        os.kill(os.getpid(), signal.SIGKILL)
                    left[0] -= 1

                asked = requested(shop, verb, 1, reference, "0.01")
                with armed(die):
                    getattr(shop, EFFECTS[verb])(asked)
                return "lived"

            lived = in_processes(1, work)[0]
            wrong += _after(shop, engine, verb, reference, f"{verb} at {passed[nth]} ({nth})", lived)
    return {"well": not wrong, "points": points, "wrong": wrong, **counts(engine)}


def _after(shop, engine, verb, reference, where, lived):
    """Look, ask and try again after a crash, and return what is wrong."""

    def rows(table):
        with engine.connect() as db:
            sql = sa.text(f"select count(*) from {table} where reference = :reference")  # noqa: S608 - a table of ours
            return db.execute(sql, {"reference": reference}).scalar_one()

    asked = requested(shop, verb, 1, reference, "0.01")
    effect, mark = rows("effects"), rows("op_references")
    amount = getattr(asked, "amount", None)
    found = getattr(shop, QUESTIONS[verb])(FindRequest("main", asked.key, reference, asked.order, amount))
    again = getattr(shop, EFFECTS[verb])(asked)
    wrong = [f"{where}: lived"] if lived is not None else []
    if effect != mark or isinstance(found, Found) != bool(mark) or isinstance(found, NotFound) == bool(mark):
        wrong.append(f"{where}: {effect} effects, {mark} marks, {type(found).__name__}")
    if (rows("effects"), rows("op_references"), again.state) != (1, 1, "done"):
        wrong.append(f"{where}: after a second try {rows('effects')} effects, {again.state}")
    return wrong


def main():
    """Run one of them."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("what", choices=("same", "race", "crash"))
    parser.add_argument("--url", help="an empty database; 'private': a PostgreSQL server of its own")
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--requests", type=int, default=40)
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = given.url or f"sqlite:///{folder}/shop.db"
        if url == "private":
            url = stack.enter_context(postgres.database(stack.enter_context(postgres.server())))
        if url.startswith("sqlite"):
            (folder / "shop.db").touch()
        if given.what == "same":
            said = same(url, folder, given.processes, given.requests)
        else:
            said = {"race": race, "crash": crash}[given.what](url, folder, given.processes)
    json.dump(said, sys.stdout)
    return 0 if said["well"] else 1


if __name__ == "__main__":
    sys.exit(main())
