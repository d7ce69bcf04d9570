"""A real shop's database, the ordinary command line, and sixty claims: the whole way round."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import time
import urllib.request
from contextlib import closing, contextmanager
from decimal import Decimal

import pytest

from op_core.sandbox import Sandbox

TOKEN = "fake-token-for-tests"
SECRET = "fake-webhook-secret-for-tests"
CLAIMS = 60
PATIENCE = 100  # seconds at most for work that usually takes a tenth of it


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory, oscar_unpacked, oscar_example):
    """One copy of the example and the shop's database for the whole story."""
    folder = tmp_path_factory.mktemp("oscar")
    example = oscar_example("oscar_op").__file__
    shutil.copytree(os.path.dirname(example), folder / "example", ignore=shutil.ignore_patterns("__pycache__"))  # noqa: PTH120 - a module's file is text
    (folder / "oscar.sqlite3").write_bytes(oscar_unpacked)
    return folder


@pytest.fixture(scope="module")
def sandbox():
    """A local Order Protection."""
    with Sandbox(token=TOKEN, backoff=(0.05, 0.1, 0.2, 0.5)) as running:
        yield running


@pytest.fixture(scope="module")
def cli(unpacked, sandbox):
    """Run the ordinary command line over the example, and return what it prints as JSON."""
    environ = {
        **os.environ,
        "OP_CONFIG": str(unpacked / "example" / "op.toml"),
        "OP_API_URL": sandbox.url,
        "OP_TOKEN": TOKEN,
        "OP_SECRET": SECRET,
        "SHOP_DB": str(unpacked / "oscar.sqlite3"),
    }

    def run(*arguments, code=0):
        command = [sys.executable, "-m", "op_core", *arguments, "--json"]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert code == done.returncode, done.stderr
        return json.loads(done.stdout)

    run.environ = environ
    return run


@pytest.fixture(scope="module")
def sql(unpacked):
    """Ask Oscar's own tables."""

    def ask(statement, *values):
        with closing(sqlite3.connect(unpacked / "oscar.sqlite3")) as db:
            return db.execute(statement, values).fetchall()

    return ask


@contextmanager
def serving(cli):
    """Run ``op-core serve`` beside the shop, and yield its address."""
    command = [sys.executable, "-m", "op_core", "serve", "--port", "0"]
    with subprocess.Popen(command, env=cli.environ, stderr=subprocess.PIPE, text=True) as process:
        lines = []
        for line in process.stderr:
            lines.append(line)
            if "http://" in line:
                break
        else:
            raise AssertionError("".join(lines))
        address = "http://" + lines[-1].split("http://")[1].split()[0].rstrip("/,.").split("/")[0]
        try:
            yield address
        finally:
            process.terminate()
            process.communicate(timeout=20)


def until(condition):
    """Ask again and again, for a bounded time, until *condition* holds."""
    end = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < end, "it never came about"
        time.sleep(0.2)  # between two looks at another process
    return found


@pytest.fixture(scope="module")
def exported(cli):
    """All orders, sent by the ordinary verb."""
    return cli("orders", "export", "main")["counts"]


def test_all_orders_arrive_with_oscars_own_totals(exported, sandbox, sql):
    """Every order is accepted, and its total equals Oscar's to the cent."""
    totals = {str(id_): Decimal(str(total)).quantize(Decimal("0.01")) for id_, total in
              sql("SELECT id, total_incl_tax FROM order_order")}  # fmt: skip

    there = {order["sourceOrderId"]: Decimal(order["total"]) for order in sandbox.local.store.all("order")}

    assert 300 == len(there)
    assert totals == there
    assert 300 == exported["created"]


def test_all_shipments_arrive_with_a_status(exported, sandbox, sql):
    """Every shipment is a fulfillment, and each has a status."""
    shipped = sql("SELECT count(*) FROM order_shippingevent e JOIN order_shippingeventtype t ON t.id = e.event_type_id"
                  " WHERE t.code = 'shipped'")  # fmt: skip

    there = sandbox.local.store.all("fulfillment")

    assert shipped[0][0] <= len(there)
    assert {"DELIVERED", "IN_TRANSIT", "FAILURE"} <= {parcel["fulfillmentStatus"] for parcel in there}


def test_a_second_export_sends_nothing(exported, cli):
    """What did not change is not sent again."""
    again = cli("orders", "export", "main", "--full")["counts"]

    assert (0, 0, 300) == (again["created"], again["updated"], again["unchanged"])


def candidates(unpacked, oscar_example):
    """Return orders whose first unit can be sent again or refunded, with that line, its price and its stock."""
    shop = oscar_example("oscar_op").OscarShop("oscar.sqlite3", directory=unpacked)
    page = shop.changed_orders(None, None, 500)
    for order in sorted(page.orders, key=lambda order: int(order.id)):
        line = next((line for line in order.lines if not line.is_protection), None)
        if line is None or order.status == "Cancelled" or order.currency != "USD":
            continue
        refunded = any(payment.refunded for payment in order.payments)
        stock = shop.stock(order, [oscar_example("oscar_op").LineQuantity(line.id, 1)])[0].available
        if not refunded and line.unit_price <= order.refundable and (stock is None or stock > 3):
            yield order, line


def done_claims(cli):
    """Count the claims all of whose actions are done: a refund over two payments is two actions."""
    listed = cli("actions", "list", "main")
    open_ones = {action["claim_id"] for action in listed if action["state"] != "done"}
    return len({action["claim_id"] for action in listed} - open_ones)


@pytest.fixture(scope="module")
def decided(exported, cli, sandbox, unpacked, oscar_example):
    """Sixty claims, thirty sent again and thirty refunded, delivered to ``op-core serve`` and acted upon."""
    chosen = list(candidates(unpacked, oscar_example))[:CLAIMS]
    assert len(chosen) == CLAIMS
    with serving(cli) as address:
        url = f"{address}/webhooks/main"
        sandbox.local.store.put("webhook", url, {"url": url, "secret": SECRET})
        for at, (order, line) in enumerate(chosen):
            item = {"sourceItemId": line.id, "quantity": 1}
            filed = sandbox.local.claims.file({"source_order_id": order.id, "items": [item]})
            resolution = {"type": "RESHIP" if at % 2 else "REFUND", "details": {"items": [item]}}
            sandbox.local.claims.approve(filed["claim_id"], {"resolutions": [resolution]})
        assert sandbox.settle(PATIENCE)
        until(lambda: done_claims(cli) == CLAIMS)
        yield chosen, address


def effects(sql):
    """Return what Oscar's own tables say was done because of claims."""
    replacements = sql("SELECT id, total_incl_tax, total_excl_tax, shipping_incl_tax FROM order_order"
                       " WHERE number LIKE 'RS-%' ORDER BY id")  # fmt: skip
    refunds = sql("SELECT id, source_id, amount FROM payment_transaction WHERE txn_type = 'Refund'"
                  " AND reference LIKE 'OP-%' ORDER BY id")  # fmt: skip
    return replacements, refunds


def test_thirty_replacements_cost_the_customer_nothing(decided, sql):
    """Each reship is an order of its own in Oscar, with nothing to pay."""
    replacements, _ = effects(sql)

    lines = sql("SELECT l.line_price_incl_tax, l.unit_price_incl_tax FROM order_line l JOIN order_order o"
                " ON o.id = l.order_id WHERE o.number LIKE 'RS-%'")  # fmt: skip
    assert 30 == len(replacements)
    assert {0} == {amount for row in replacements for amount in row[1:]}
    assert {0} == {price for row in lines for price in row}


def test_thirty_refunds_are_booked_and_none_is_above_what_was_paid(decided, sql):
    """Each refund is a transaction in Oscar; no payment gives back more than it took."""
    chosen, _ = decided
    _, refunds = effects(sql)

    owed = sorted(line.unit_price.amount for at, (_, line) in enumerate(chosen) if at % 2 == 0)
    over = sql("SELECT count(*) FROM payment_source WHERE round(amount_refunded, 2) > round(amount_debited, 2)")
    claims = sql("SELECT DISTINCT reference FROM order_paymentevent WHERE reference LIKE 'claim:%'")
    assert 30 == len(claims)
    assert sum(owed) == sum(Decimal(str(amount)).quantize(Decimal("0.01")) for _, _, amount in refunds)
    assert 0 == over[0][0]
    assert [] == sql("PRAGMA foreign_key_check")


def test_booked_money_is_never_called_paid(decided, cli):
    """Oscar's tables move no money, and every refund says so."""
    listed = cli("actions", "list", "main")

    assert {"booked"} == {action["money"] for action in listed if action["verb"] == "refund"}


def test_replacements_are_reported_and_left_out_of_the_ordinary_export(decided, cli, sandbox):
    """A replacement is posted once, by the report step, with the original order."""
    cli("orders", "export", "main")
    until(lambda: len([o for o in sandbox.local.store.all("order") if o["originalSourceOrderId"]]) == 30)

    again = cli("orders", "export", "main", "--full")["counts"]

    assert 0 == again["created"]
    assert 30 == again["replacements"]
    assert 330 == len(sandbox.local.store.all("order"))


def spelled(payload, *, slash):
    """Return a delivery's bytes as they were, or in the developer page's spelling: a slash, and no id."""
    if not slash:
        return json.dumps(payload).encode()
    return json.dumps({"topic": payload["topic"].replace(".", "/"), "body": payload["body"]}).encode()


def test_three_more_deliveries_in_both_spellings_change_nothing(decided, cli, sandbox, sql):
    """The same webhooks, shuffled, three times over and in both spellings, have no second effect."""
    _, address = decided
    before = effects(sql)
    payloads = [json.loads(json.dumps(one["payload"], default=float)) for one in sandbox.local.store.all("delivery")
                if one["topic"] == "claim.approved"]  # fmt: skip
    bodies = [spelled(payload, slash=bool(at % 2)) for at in range(3) for payload in payloads]
    random.Random(300).shuffle(bodies)  # noqa: S311 - an order to be repeated, not a secret

    for body in bodies:
        request = urllib.request.Request(f"{address}/webhooks/main", body, {"x-webhook-secret": SECRET})  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            assert 200 == answer.status
    until(lambda: not cli("deliveries", "list", "main", "--state", "received"))

    assert 3 * CLAIMS == len(bodies)
    assert before == effects(sql)
    assert {"done"} == {action["state"] for action in cli("actions", "list", "main")}
