"""Promise 3: marked personal data and secrets go through every path, and come out nowhere but where they belong."""

import json
import logging
import sqlite3
import traceback
from contextlib import closing

import pytest
import sqlalchemy as sa
import typer

from op_core import load
from op_core.cli.app import app
from op_core.ledger import actions, deliveries, plans, reports, schema
from op_core.order_protection import dialects
from op_core.testing import bodies

MARK = "CANARY"
EMAIL, PHONE, STREET, NAME = "canary.1@CANARY.example.com", "+1555CANARY1", "1 CANARY Lane", "CANARY Person"
WORDS = f"I am {NAME} of {STREET}: {EMAIL}, {PHONE}"
ADDRESS = {**bodies.ADDRESS, "address1": STREET, "city": "CANARYtown", "phone": PHONE, "name": NAME}
PERSONAL = {("bodies", "body"), ("plans", "content"), ("actions", "content"), ("reports", "answer")}
"""Columns that hold personal data on purpose; `op-core forget` takes it out of them."""
# A shop whose every second effect fails with a text that its own code made of the customer's data.
SHOP = f"""
from op_core.demo.shop import DemoShop
from op_core.errors import Refused

class Shop(DemoShop):
    def grant_refund(self, request):
        raise RuntimeError("{WORDS}")

    def issue_store_credit(self, request):
        raise ValueError("{WORDS}")

    def find_store_credits(self, reference, order):
        raise KeyError("{WORDS}")
"""
LIMITS = """
[stores.main.limits]
hold_above = { USD = 1000 }

[stores.main.resolutions]
store_credit = "act"
flat_rate = "act"

[stores.main.report.store_credit]
path = "/v1/claims/{claim_id}/no-such-call"
body = { id = "{shop_id}" }
"""


def decision(home, claim_id, order_id, kind, event, **details):
    """Return the webhook that approves one unit of the first line, with marks in all that it says of the customer."""
    line = home.shop.order(order_id).lines[0]
    item = bodies.item(line.id, 1, str(line.unit_price.amount), sku=line.sku, item_name=line.name)
    said = bodies.resolution(kind, item, total=str(line.unit_price.amount), shipping_address=ADDRESS, **details)
    if kind in ("REFUND", "RESHIP", "STORE_CREDIT"):
        home.sandbox.local.claims.approve(claim_id, {"resolutions": [{"type": kind}]})
    raw = json.loads(bodies.approved(said, claim=claim_id, order=order_id, event=event))
    raw["body"] |= {"customer": {"email": EMAIL, NAME: PHONE}, "notes": WORDS, EMAIL: [WORDS]}
    return raw


@pytest.fixture
def went(home, cli, caplog):
    """Send marked data through every path, at every level of logging, and give what was said on the way."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="sqlalchemy")  # which has a level of its own, and gets it back
    name = f"canary_{home.folder.name}"
    (home.folder / f"{name}.py").write_text(SHOP)
    address = {"first_name": NAME, "street_address_1": STREET, "city": "CANARYtown", "phone": PHONE}
    with closing(sqlite3.connect(home.folder / "shop.db")) as db, db:
        for order_id, shipping, billing in db.execute("SELECT id, shipping_address, billing_address FROM orders"):
            both = [json.dumps(json.loads(one) | address) if one else None for one in (shipping, billing)]
            marked = (EMAIL, NAME, PHONE, *both, order_id)
            db.execute(
                "UPDATE orders SET email=?, name=?, phone=?, shipping_address=?, billing_address=? WHERE id=?", marked
            )
    home.settings(LIMITS)
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", f"{name}:Shop"))
    said = []

    def run(*arguments):
        ended = cli(*arguments)
        said.append((arguments, ended.out + ended.err))
        return ended

    _refuse(home, "/v1/orders", 422)
    run("orders", "export", "main")
    run("orders", "export", "main", "--full")
    _deliver(home, run)
    for _ in range(3):
        run("run")
    return said


def _refuse(home, path, status, times=1):
    fault = {"path": path, "kind": "status", "status": status, "times": times}
    home.sandbox.local.switchboard.change({"faults": [fault]})


def _deliver(home, run):
    ids = [f"order-{number}" for number in (1002, 1003, 1004, 1005)]
    claims = [home.sandbox.local.claims.file({"source_order_id": one})["claim_id"] for one in ids]
    kinds = ("REFUND", "RESHIP", "STORE_CREDIT", f"BARTER with {NAME}")
    everything = [
        decision(home, claims[n], one, kind, f"e-{n}") for n, (one, kind) in enumerate(zip(ids, kinds, strict=True))
    ]
    other = {**ADDRESS, "country": "CANARYland"}
    everything += [
        decision(home, claims[1], ids[1], "RESHIP", "e-1", note=WORDS),  # one id, another content
        decision(home, claims[0], ids[0], "RESHIP", "e-9"),
        json.loads(bodies.created(claims[0], ids[0])) | {"note": WORDS},
        json.loads(bodies.message(WORDS, claim=claims[0], order=ids[0])),
        json.loads(bodies.denied(claims[2], ids[2], reasons=(WORDS, "NOT_COVERED"))),
        {"topic": f"{MARK}.of {NAME}", "body": {"claim_id": WORDS, "source_order_id": EMAIL}},
        {"id": EMAIL, "topic": "claim.approved", "body": {"claim_id": WORDS, "resolutions": WORDS}},
        {"id": "x", "topic": "claim.approved", "body": {"claim_id": claims[3], "resolutions": [{EMAIL: other}]}},
    ]
    for n, body in enumerate(everything):
        run("webhook", "send", home.body(f"b{n}", body))
    run("webhook", "send", home.body("broken", f'{{"topic": "claim.approved", "email": "{EMAIL}"'))


def found(text):
    """Return the lines of a text that hold a mark, for whoever has to mend it."""
    return [line for line in text.splitlines() if MARK.casefold() in line.casefold()]


def commands(command, path=()):
    for name, inner in command.commands.items():
        yield from commands(inner, (*path, name)) if hasattr(inner, "commands") else [(*path, name)]


def lookings(core):
    """Return every command that shows something, with every thing that it can show."""
    rows = {
        "actions": [one.id for one in core.ledger.read(actions.listing)],
        "deliveries": [one.id for one in core.ledger.read(deliveries.listing)],
        "claims": ["order-1001", "order-1002"],
    }
    for name in commands(typer.main.get_command(app)):
        match name:
            case ("actions" | "deliveries" | "wire", "list") | ("doctor",) | ("adapters", "list"):
                yield name
            case ("orders" | "products", "list"):
                yield (*name, "main")
            case ("actions" | "deliveries" as kind, "show" | "explain"):
                yield from ((*name, one) for one in rows[kind])
            case ("wire", "show"):
                yield from ((*name, number) for number in range(1, 6))
            case ("claims", "list"):
                yield from ((*name, "main", one) for one in rows["claims"])
            case ("forget",):
                yield (*name, "main", "--order", "order-1001")


def test_nothing_that_was_done_says_who_the_customer_is(went, caplog):
    """What the commands printed, and every log record down to DEBUG, of every library, with its traceback."""
    printed = {arguments: found(text) for arguments, text in went if found(text)}
    logged = [found(caplog.handler.format(record)) for record in caplog.records]

    assert {} == printed
    assert [] == [lines for lines in logged if lines]


def test_no_command_shows_it_unasked(went, home, cli):
    """Every command that lists, shows or explains, as text and as JSON; with --reveal it is there to be seen."""
    with load(home.config) as core:
        asked = list(lookings(core))
    shown = {}
    for name in asked:
        for more in ((), ("--json",)):
            ended = cli(*name, *more)
            shown[(*name, *more)] = found(ended.out + ended.err)

    assert len(asked) > 30
    assert {} == {name: lines for name, lines in shown.items() if lines}
    assert found(cli("deliveries", "show", 1, "--reveal").out)


def test_no_column_holds_it_but_those_that_have_to(went, home):
    """Reasons, holds, attempts, decisions, forms and export rows are free of it; bodies, plans and contents hold it."""
    with load(home.config) as core:
        rows = {
            (table.name, column.name): [str(value) for value in core.ledger.read(_values, column)]
            for table in schema.metadata.sorted_tables
            for column in table.columns
        }
    holding = {name for name, values in rows.items() if any(map(found, values))}

    assert {("bodies", "body"), ("plans", "content"), ("actions", "content")} <= holding <= PERSONAL


def _values(connection, column):
    return connection.execute(sa.select(column).where(column.is_not(None))).scalars().all()


def test_no_repr_shows_it(went, home):
    """Of deliveries, events, plans, actions, reports, orders, settings and the core itself."""
    with load(home.config) as core:
        read = core.ledger.read
        work = core.work("main")
        things = [core, core.settings, work.desk, work.desk.store, work.exporter, core.receiver, core.runner]
        things += read(deliveries.listing) + read(actions.listing) + read(reports.listing)
        things += [plan for one in read(deliveries.listing) for plan in read(plans.plans_of, "main-1", one.claim_id)]
        things += [home.shop.order("order-1001"), work.desk.shop.get_order("order-1001")]
        for one in read(deliveries.listing):
            try:
                things.append(dialects.read(read(deliveries.body, one)))
            except Exception as error:  # noqa: BLE001 - whatever is raised is a thing to look at as well
                things += [error, "".join(traceback.format_exception(error))]
    shown = {type(thing).__name__: found(repr(thing)) for thing in things if found(repr(thing))}

    assert {} == shown
    secrets = [home.token, home.secret]
    assert [] == [type(thing).__name__ for thing in things if any(secret in repr(thing) for secret in secrets)]


def test_no_secret_is_said_anywhere(went, home, caplog):
    """Token and webhook secret: in no output, no log and no column."""
    texts = [text for _, text in went] + [caplog.handler.format(record) for record in caplog.records]
    with closing(sqlite3.connect(home.folder / "op.db")) as db:
        texts += list(db.iterdump())

    assert [] == [text for text in texts if home.token in text or home.secret in text]
