"""Products and stock of a real shop's database, exported over HTTP: what the sandbox ends with is what Oscar holds."""

import os
import shutil
import signal
import subprocess
import sys
import time
from decimal import Decimal

import pytest

from op_core.core import Core
from op_core.errors import RateLimited, ServerFailed, Unauthorized
from op_core.export import ExportedProducts
from op_core.http import Manners
from op_core.ledger import Ledger
from op_core.order_protection.client import Client
from op_core.sandbox import Sandbox
from op_core.settings import load_settings

TOKEN = "fake-token-for-tests"
PATIENCE = 60  # seconds at most for work that usually takes a tenth of it
SETTINGS = """
[stores.main.export]
page_size = 20
in_flight = 2
"""
# What Oscar sells, said by its own tables and not by the example: one row for each stock record.
SOLD = """
select coalesce(p.parent_id, p.id), case when p.parent_id is null then '' else p.id end, s.partner_sku, p.title,
    parent.title, s.price, k.track_stock, s.num_in_stock - coalesce(s.num_allocated, 0),
    p.is_public and coalesce(parent.is_public, 1)
from partner_stockrecord s join catalogue_product p on p.id = s.product_id
left join catalogue_product parent on parent.id = p.parent_id
join catalogue_productclass k on k.id = coalesce(p.product_class_id, parent.product_class_id)
"""


@pytest.fixture
def sandbox():
    """A local Order Protection."""
    with Sandbox(token=TOKEN) as running:
        yield running


@pytest.fixture
def config(tmp_path, oscar_example):
    """A copy of the example's folder, with small pages; return its op.toml."""
    example = os.path.dirname(oscar_example("oscar_op").__file__)  # noqa: PTH120 - a module's file is text
    shutil.copytree(example, tmp_path / "example", ignore=shutil.ignore_patterns("__pycache__"))
    path = tmp_path / "example" / "op.toml"
    path.write_text(path.read_text() + SETTINGS)
    return path


@pytest.fixture
def environ(config, sandbox, oscar_file):
    """What the settings ask of the environment."""
    names = {"OP_CONFIG": config, "OP_API_URL": sandbox.url, "OP_TOKEN": TOKEN, "OP_SECRET": "fake-secret",
             "SHOP_DB": oscar_file}  # fmt: skip
    return {**os.environ, **{name: str(value) for name, value in names.items()}}


@pytest.fixture
def core(config, environ):
    """The whole of op-core over the example, with a client that repeats nothing by itself."""
    settings = load_settings(config, environ)
    with Core.of(settings, Ledger.open(settings.ledger.url)) as made:
        work = made.runner.stores["main"]
        with Client(work.exporter.store.api_url, TOKEN, manners=Manners(attempts=1)) as client:
            work.exporter.api = client
            yield made


@pytest.fixture
def there(sandbox):
    """Return what the sandbox holds, by product and variant."""

    def read():
        return {(one["productId"], one.get("variantId") or ""): one for one in sandbox.local.store.all("product")}

    return read


@pytest.fixture
def held(there):
    """Return what the sandbox holds, in the form of `sold`."""

    def read():
        return {
            key: (one["sku"], one["name"], Decimal(one["price"]), one["inventoryType"], one["inventoryQuantity"],
                  one["status"])
            for key, one in there().items()
        }  # fmt: skip

    return read


@pytest.fixture
def sold(sql):
    """Return what Oscar sells."""

    def read():
        return {
            (str(product), str(variant)): (
                sku,
                title or parent,
                Decimal(str(price)).quantize(Decimal("0.01")),
                *(("FULL", max(left or 0, 0)) if counted else ("SIMPLE", 1)),
                "ACTIVE" if public else "DRAFT",
            )
            for product, variant, sku, title, parent, price, counted, left, public in sql(SOLD)
        }

    return read


def test_every_sellable_record_arrives(core, held, sold, sql):
    """All 146 are there with Oscar's own price and stock; 36 variants of 12 parents, and no parent by itself."""
    assert ExportedProducts(seen=146, created=146) == core.export_products("main")
    parents = {str(one) for (one,) in sql("select id from catalogue_product where structure = 'parent'")}
    variants = {key for key in held() if key[1]}

    assert sold() == held()
    assert (146, 36, 12) == (len(held()), len(variants), len(parents))
    assert parents == {product for product, _ in variants}
    assert not {(one, "") for one in parents} & held().keys()
    assert {"PROTECT-STD", "GIFTCARD-50"} == {sku for sku, _, _, kind, *_ in held().values() if kind == "SIMPLE"}


def test_exactly_what_changed_is_sent(core, there, held, sold, sql):
    """Sales that Oscar dates nowhere, a price, a hidden product and a parent's name; nothing else is sent."""
    core.export_products("main")
    before = {key: one["updatedAt"] for key, one in there().items()}
    sql("update partner_stockrecord set num_allocated = coalesce(num_allocated, 0) + 1 where partner_sku in"
        " ('BIR-WOO-008-S', 'FER-WOO-018-L') or product_id = 1")  # fmt: skip
    sql("update partner_stockrecord set price = 19.99 where product_id = 2")
    sql("update catalogue_product set is_public = 0 where id in (3, 34)")  # 34 is the parent of 35, 36 and 37
    changed = {("8", "9"), ("21", "24"), ("1", ""), ("2", ""), ("3", ""), ("34", "35"), ("34", "36"), ("34", "37")}

    assert ExportedProducts(seen=146, updated=8, unchanged=138) == core.export_products("main")
    assert changed == {key for key, one in there().items() if one["updatedAt"] != before[key]}
    assert sold() == held()
    assert ExportedProducts(seen=146, unchanged=146) == core.export_products("main")


def test_what_oscar_sells_no_more(core, there, held, sold, sql):
    """A variant whose stock record is gone is told as deleted; its siblings and all others stay."""
    core.export_products("main")
    sql("update partner_stockrecord set price = null where product_id = 9")

    assert ExportedProducts(seen=145, unchanged=145, gone=1) == core.export_products("main")
    assert ("DELETED", 0) == (there()["8", "9"]["status"], there()["8", "9"]["inventoryQuantity"])
    assert {"DELETED": 1, "ACTIVE": 145} == {
        status: sum(one[-1] == status for one in held().values()) for status in ("DELETED", "ACTIVE")
    }
    assert ExportedProducts(seen=145, unchanged=145) == core.export_products("main")


@pytest.mark.parametrize(
    ("status", "error"), [(401, Unauthorized), (429, RateLimited), (503, ServerFailed)], ids=["401", "429", "503"]
)
def test_an_api_that_fails_in_the_middle(core, sandbox, held, sold, status, error):
    """The run stops, what was sent stays sent, and the next run sends each of the others once."""

    def break_it(told):
        if told.pages == 3:
            fault = {"kind": "status", "status": status, "retry_after": 3600, "times": 1000}
            sandbox.local.switchboard.change({"faults": [fault]})

    with pytest.raises(error):
        core.export_products("main", progress=break_it)
    sent = len(held())
    sandbox.local.switchboard.change({"faults": []})

    assert 60 == sent
    assert ExportedProducts(seen=86, created=86) == core.export_products("main")
    assert sold() == held()


def test_a_run_that_is_stopped_goes_on(core, held):
    """Stopped between two pages, the next run sends the rest: each product is made known once and never updated."""

    class Stopped(Exception):
        pass

    def stop(told):
        if told.pages == 4:
            raise Stopped

    with pytest.raises(Stopped):
        core.export_products("main", progress=stop)

    assert 80 == len(held())
    assert ExportedProducts(seen=66, created=66) == core.export_products("main")


def test_a_process_that_is_killed(core, environ, sandbox, held, sold):
    """Killed without warning in the middle of a page, the next run ends with all of Oscar, each record once."""
    slow = {"kind": "slow", "seconds": "0.05", "method": "POST", "times": 1000}
    sandbox.local.switchboard.change({"faults": [slow]})
    with subprocess.Popen([sys.executable, "-m", "op_core", "products", "export", "main"], env=environ) as process:
        end = time.monotonic() + PATIENCE
        while len(held()) < 50:
            assert time.monotonic() < end, "it never got so far"
            time.sleep(0.02)  # between two looks at another process
        process.send_signal(signal.SIGKILL)
    sandbox.local.switchboard.change({"faults": []})
    sent = len(held())
    again = core.export_products("main")

    assert 50 <= sent < 146
    assert 146 - sent == again.created
    assert again.updated <= 20  # of the page that nobody wrote down
    assert sold() == held()
    assert ExportedProducts(seen=146, unchanged=146) == core.export_products("main")
