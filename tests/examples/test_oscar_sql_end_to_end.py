"""The SQL example as it stands, on both databases: sixty claims, decided, acted upon, delivered again, reported."""

import json
import random
import re
import shutil
import urllib.request
from collections import Counter
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings
from sqlalchemy import create_engine, text

import op_core
from op_core.ledger import actions
from op_core.models import LineQuantity
from op_core.plugins import StoreInfo
from op_core.requests import CheckStockRequest, ExportOrdersRequest
from op_core.sandbox import Sandbox
from op_core.testing import postgres
from op_core.testing.serving import listening

EXAMPLE = Path(__file__).parents[2] / "examples" / "oscar_sql"
TOKEN, SECRET = "fake-token-for-tests", "fake-webhook-secret-for-tests"
CLAIMS = 60
PATIENCE = 100  # seconds at most for work that usually takes a tenth of it
# Oscar's own tables, asked past the adapter and its mapping. What differs by chance is left out, or masked by `told`.
EFFECTS = {
    "replacements": """select o.currency, o.total_incl_tax, o.total_excl_tax, o.shipping_incl_tax, o.shipping_excl_tax,
        o.status, o.shipping_code, o.guest_email, o.user_id, o.site_id, a.first_name, a.last_name, a.line1, a.line2,
        a.line3, a.line4, a.state, a.postcode, a.country_id, a.phone_number, a.search_text
        from order_order o join order_shippingaddress a on a.id = o.shipping_address_id where o.number like 'RS-%'""",
    "lines": """select l.title, l.partner_sku, l.quantity, l.num_allocated, l.status, l.line_price_incl_tax,
        l.line_price_excl_tax, l.line_price_before_discounts_incl_tax, l.unit_price_incl_tax, l.partner_line_notes,
        l.product_id, l.stockrecord_id from order_line l join order_order o on o.id = l.order_id
        where o.number like 'RS-%'""",
    "refunds": """select s.order_id, s.id, t.txn_type, t.status, t.amount
        from payment_transaction t join payment_source s on s.id = t.source_id where t.reference like 'OP-%'""",
    "events": """select e.order_id, e.amount, t.code, q.line_id, q.quantity from order_paymentevent e
        join order_paymenteventtype t on t.id = e.event_type_id
        left join order_paymenteventquantity q on q.event_id = e.id where e.reference like 'claim:%'""",
    "sources": "select id, amount_allocated, amount_debited, amount_refunded from payment_source",
    "stock": "select id, num_in_stock, num_allocated from partner_stockrecord",
    "notes": """select n.note_type, n.message, case when o.number like 'RS-%' then 0 else o.id end
        from order_ordernote n join order_order o on o.id = n.order_id where n.message like 'OP-%'""",
}


def told(value):
    """Return a value as both databases would have it, without what is new in each run: references, claims, numbers."""
    if isinstance(value, float | Decimal):
        return Decimal(str(value)).quantize(Decimal("0.01"))
    return re.sub(r"(OP|RS)-\w+|claim [\w-]+", "…", value) if isinstance(value, str) else value


@attrs.define(eq=False)
class Story:
    """What happened to one copy of the shop."""

    core: op_core.Core
    sandbox: Sandbox
    engine: object
    address: str = ""
    chosen: list = attrs.field(factory=list)
    counts: object = None
    before: dict = attrs.field(factory=dict)

    def ask(self, statement):
        with self.engine.connect() as db:
            return [tuple(row) for row in db.execute(text(statement))]

    def effects(self):
        return {name: Counter(tuple(map(told, row)) for row in self.ask(sql)) for name, sql in EFFECTS.items()}

    def states(self):
        return Counter(one.state for one in self.core.ledger.read(actions.listing, "oscar-main"))


@contextmanager
def opened(folder, url):
    """Load the example over one copy of the shop, beside a local Order Protection of its own."""
    shutil.copytree(EXAMPLE, folder)
    engine = create_engine(url)
    with Sandbox(token=TOKEN, backoff=(0.05, 0.1, 0.2)) as sandbox:
        with pytest.MonkeyPatch.context() as environment:
            named = {"SHOP_URL": url, "OP_API_URL": sandbox.url, "OP_TOKEN": TOKEN, "OP_SECRET": SECRET}
            for name, value in named.items():
                environment.setenv(name, value)
            core = op_core.load(folder / "op.toml")
        with core, listening(core.asgi) as address:
            yield Story(core, sandbox, engine, f"{address}/webhooks/main")
    engine.dispose()


@pytest.fixture(scope="module")
def stories(tmp_path_factory, oscar_unpacked, postgres_server, oscar_postgres_template):
    """Two copies of the shop, one of each kind: exported, and sixty claims decided and acted upon."""
    folder = tmp_path_factory.mktemp("oscar-sql")
    (folder / "oscar.sqlite3").write_bytes(oscar_unpacked)
    with ExitStack() as stack:
        url = stack.enter_context(postgres.database(postgres_server, oscar_postgres_template))
        urls = {"sqlite": f"sqlite:///{folder}/oscar.sqlite3", "postgresql": url}
        made = {name: stack.enter_context(opened(folder / name, url)) for name, url in urls.items()}
        for name, story in made.items():
            live(story, SqlShopSettings(url=urls[name], mapping="shop.toml"))
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def story(request, stories):
    """One of them."""
    return stories[request.param]


def live(story, settings):
    """Export all orders; decide sixty claims, every second one sent again, the others refunded; act upon them."""
    adapter = SqlShopAdapter(settings, StoreInfo("main", "oscar-main", EXAMPLE))
    list(adapter.install())
    story.counts = story.core.export("main")
    story.before = {"stock": dict(row[::2] for row in story.ask(EFFECTS["stock"]))}
    story.chosen = list(candidates(adapter))[:CLAIMS]
    adapter.close()
    story.sandbox.local.store.put("webhook", story.address, {"url": story.address, "secret": SECRET})
    for at, (order, line) in enumerate(story.chosen):
        item = {"sourceItemId": line.id, "quantity": 1}
        filed = story.sandbox.local.claims.file({"source_order_id": order.id, "items": [item]})
        resolution = {"type": "RESHIP" if at % 2 else "REFUND", "details": {"items": [item]}}
        story.sandbox.local.claims.approve(filed["claim_id"], {"resolutions": [resolution]})
    assert story.sandbox.settle(PATIENCE)
    story.core.run_once()


def candidates(adapter):
    """Yield orders whose first unit can be sent again or refunded, with that line."""
    page = adapter.op_export_orders(ExportOrdersRequest("main", limit=500))
    for order in sorted(page.orders, key=lambda order: int(order.id)):
        line = next((line for line in order.lines if not line.is_protection), None)
        if line is None or order.status == "Cancelled" or any(payment.refunded for payment in order.payments):
            continue
        (stock,) = adapter.op_check_stock(CheckStockRequest("main", order, (LineQuantity(line.id, 1),)))
        if line.unit_price <= order.refundable and (stock.available is None or stock.available > 3):
            yield order, line


def shown(value):
    """Return what Order Protection holds as text, without what it adds itself: ids and times of its own."""
    own = {"id", "orderId", "createdAt", "updatedAt"}

    def without(value):
        if isinstance(value, list):
            return [without(one) for one in value]
        return (
            {name: without(one) for name, one in value.items() if name not in own} if isinstance(value, dict) else value
        )

    return json.dumps(without(value), default=str, sort_keys=True)


def test_both_databases_export_the_same(stories):
    """All 300 orders and 299 parcels arrive, and what arrived from one database is what arrived from the other."""
    there = {
        (name, kind): sorted(
            shown(one) for one in story.sandbox.local.store.all(kind) if not one.get("originalSourceOrderId")
        )
        for name, story in stories.items()
        for kind in ("order", "fulfillment")
    }

    assert (300, 299) == (len(there["sqlite", "order"]), len(there["sqlite", "fulfillment"]))
    for kind in ("order", "fulfillment"):
        assert there["sqlite", kind] == there["postgresql", kind]


def test_both_databases_end_the_same(stories):
    """Oscar's own tables hold the same replacements, refunds, allocations and notes."""
    assert stories["sqlite"].effects() == stories["postgresql"].effects()


def test_thirty_replacements_cost_the_customer_nothing(story):
    """Each is an order at 0 of one line at 0, allocated, and both orders say so; nothing points nowhere."""
    effects = story.effects()
    sent = Counter(line.id for at, (_, line) in enumerate(story.chosen) if at % 2)
    records = dict(story.ask("select id, stockrecord_id from order_line"))
    grown = {record: (n or 0) - (story.before["stock"][record] or 0) for record, _, n in story.ask(EFFECTS["stock"])}
    units = Counter(records[int(line)] for line in sent.elements())

    assert 30 == effects["replacements"].total() == effects["lines"].total()
    assert {(Decimal(0),) * 4} == {row[1:5] for row in effects["replacements"]}
    assert {(1, 1, "Pending", Decimal(0), Decimal(0), Decimal(0), Decimal(0))} == {row[2:9] for row in effects["lines"]}
    assert units == Counter({record: n for record, n in grown.items() if n})
    assert 60 == effects["notes"].total()
    if story.engine.dialect.name == "sqlite":  # PostgreSQL took its own constraints
        assert [] == story.ask("pragma foreign_key_check")


def test_thirty_refunds_are_booked_and_none_is_above_what_was_paid(story):
    """Each is a transaction, its sum is what was owed; its units are counted once and never above what was ordered."""
    effects = story.effects()
    owed = sum(line.unit_price.amount for at, (_, line) in enumerate(story.chosen) if not at % 2)
    over = "select count(*) from payment_source where round(amount_refunded, 2) > round(amount_debited, 2)"
    many = """select count(*) from order_line l where quantity < (select sum(q.quantity)
        from order_paymenteventquantity q join order_paymentevent e on e.id = q.event_id
        join order_paymenteventtype t on t.id = e.event_type_id and t.code = 'refunded' where q.line_id = l.id)"""

    assert {("Refund", "booked")} == {row[2:4] for row in effects["refunds"]}
    assert owed == sum(row[4] * n for row, n in effects["refunds"].items())
    assert owed == sum(row[1] * n for row, n in effects["events"].items())
    assert 30 == sum(row[4] or 0 for row in effects["events"])
    assert [(0,)] == story.ask(over) == story.ask(many)


def test_booked_money_is_never_called_paid(story):
    """Every refund says that the money moves elsewhere."""
    listed = story.core.ledger.read(actions.listing, "oscar-main")

    assert {"booked"} == {action.money for action in listed if action.verb == "refund"}
    assert {"done"} == {action.state for action in listed}


def test_replacements_are_reported_and_left_out_of_the_ordinary_export(story):
    """Each is posted once, by the report step, with the order that it replaces."""
    again = story.core.export("main", full=True)
    reported = [one["originalSourceOrderId"] for one in story.sandbox.local.store.all("order")]
    sent = sorted(order.id for at, (order, _) in enumerate(story.chosen) if at % 2)

    assert (0, 30) == (again.created, again.replacements)
    assert sent == sorted(filter(None, reported))


def test_three_more_deliveries_in_both_spellings_change_nothing(story):
    """The same webhooks, shuffled, three times over and in both spellings, have no second effect."""
    before, states = story.effects(), story.states()
    payloads = [json.loads(json.dumps(one["payload"], default=float))
                for one in story.sandbox.local.store.all("delivery") if one["topic"] == "claim.approved"]  # fmt: skip
    slashed = [{"topic": one["topic"].replace(".", "/"), "body": one["body"]} for one in payloads]
    bodies = [json.dumps(one).encode() for one in (*payloads, *slashed, *payloads)]
    random.Random(300).shuffle(bodies)  # noqa: S311 - an order to be repeated, not a secret
    for body in bodies:
        request = urllib.request.Request(story.address, body, {"x-webhook-secret": SECRET})  # noqa: S310 - loopback
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            assert 200 == answer.status
    story.core.run_once()

    assert 3 * CLAIMS == len(bodies)
    assert (before, states) == (story.effects(), story.states())
