"""The WooCommerce example as it stands, against a local Order Protection: exported, decided, acted upon, reported."""

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

import op_core
from op_core.requests import ExportOrdersRequest
from op_core.sandbox import Sandbox
from op_core.testing.serving import listening

EXAMPLE = Path(__file__).parents[2] / "examples" / "woocommerce_sql"
TOKEN, SECRET = "fake-token-for-tests", "fake-webhook-secret-for-tests"
CLAIMS = 10


@pytest.fixture(scope="module")
def sandbox():
    """A local Order Protection."""
    with Sandbox(token=TOKEN, backoff=(0.05, 0.1, 0.2)) as running:
        yield running


@pytest.fixture(scope="module")
def core(tmp_path_factory, woo, woo_url, sandbox):
    """The settings of the example, with what it takes from the environment."""
    folder = shutil.copytree(EXAMPLE, tmp_path_factory.mktemp("woocommerce") / "example")
    with pytest.MonkeyPatch.context() as environment:
        named = {"SHOP_URL": woo_url, "OP_API_URL": sandbox.url, "OP_TOKEN": TOKEN, "OP_SECRET": SECRET}
        for name, value in named.items():
            environment.setenv(name, value)
        opened = op_core.load(folder / "op.toml")
    with opened:
        yield opened


@pytest.fixture(scope="module")
def exported(core):
    """All orders, sent."""
    return core.export("main")


@pytest.fixture(scope="module")
def decided(core, exported, sandbox, woo):
    """Claims for one unit each, every second one sent again, the others refunded; delivered, and acted upon."""
    orders = woo.op_export_orders(ExportOrdersRequest("main")).orders
    chosen = [
        (order, line)
        for order in orders
        for line in order.lines[:1]
        if line.sku in ("WOO-BEANIE", "TASSE-M", "HOODIE-B-L", "SOCK-42") and line.unit_price <= order.refundable
        if not order.line(line.id).refunded_quantity and order.status in ("wc-completed", "wc-processing")
    ][:CLAIMS]
    with listening(core.asgi) as address:
        url = f"{address}/webhooks/main"
        sandbox.local.store.put("webhook", url, {"url": url, "secret": SECRET})
        for at, (order, line) in enumerate(chosen):
            item = {"sourceItemId": line.id, "quantity": 1}
            filed = sandbox.local.claims.file({"source_order_id": order.id, "items": [item]})
            resolution = {"type": "RESHIP" if at % 2 else "REFUND", "details": {"items": [item]}}
            sandbox.local.claims.approve(filed["claim_id"], {"resolutions": [resolution]})
        assert sandbox.settle(30)
    core.run_once()
    return chosen


def test_every_order_arrives_with_woocommerces_own_total(exported, sandbox, woo_sql):
    """Order Protection takes each of them."""
    totals = dict(
        woo_sql("""select cast(id as char), total_amount from wp_wc_orders where type = 'shop_order' and status
        in ('wc-processing', 'wc-completed', 'wc-on-hold', 'wc-cancelled', 'wc-refunded')""")
    )
    there = {order["sourceOrderId"]: Decimal(order["total"]) for order in sandbox.local.store.all("order")}

    assert 55 == len(there)
    assert totals == there


def test_decided_claims_have_their_effects_once(decided, core, woo_sql, sandbox):
    """Half of them are orders at price 0, half are child orders of what the unit cost; a second run changes nothing."""
    effects = """select o.type, count(*), sum(o.total_amount) from wp_wc_orders o join wp_wc_orders_meta m
        on m.order_id = o.id and m.meta_key = '_op_reference' group by o.type order by o.type"""
    owed = sum(line.unit_price.rounded().amount for at, (_, line) in enumerate(decided) if not at % 2)
    expected = [("shop_order", CLAIMS // 2, 0), ("shop_order_refund", CLAIMS // 2, -owed)]

    assert CLAIMS == len(decided)
    assert expected == woo_sql(effects)
    core.run_once()
    assert expected == woo_sql(effects)
    assert CLAIMS == woo_sql("select count(*) from op_references")[0][0]
    assert CLAIMS // 2 == sum(bool(order["originalSourceOrderId"]) for order in sandbox.local.store.all("order"))
