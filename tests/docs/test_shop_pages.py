"""The cart and the support page of the how-tos run as they stand, against a sandbox."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from op_core.demo.seed import fill
from op_core.demo.shop import DemoShop
from op_core.sandbox import Sandbox
from op_core.sandbox.quotes import SetQuote
from op_core.testing.clock import START

HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
SETTINGS = """
[ledger]
url = "sqlite:///op.db"
[stores.main]
id = "main-1"
adapter = "custom_store"
api_url = "{url}"
api_token = "not-a-real-token-0000"
webhook_secrets = ["not-a-real-secret-0000"]
op_store_id = "store_123"
[stores.main.settings]
backend = "op_core.demo.shop:DemoShop"
options = {{ database = "shop.db" }}
[stores.main.quote]
store_url = "shop.example"
"""


@pytest.fixture
def sandbox():
    """Run a sandbox."""
    with Sandbox() as running:
        running.local.switchboard.change({"store_id": "store_123"})
        yield running


@pytest.fixture
def page(tmp_path, sandbox, monkeypatch):
    """Give what runs the python blocks of a how-to, one after the other, and returns their names."""
    monkeypatch.chdir(tmp_path)
    fill(DemoShop(tmp_path / "shop.db"), 10, now=START)
    (tmp_path / "op.toml").write_text(SETTINGS.format(url=sandbox.url), encoding="utf-8")
    names = {}

    def run(name, blocks):
        text = (HOW_TO / f"{name}.md").read_text(encoding="utf-8")
        for block in re.findall(r"^```python\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)[:blocks]:
            exec(compile(block, name, "exec"), names)  # noqa: S102 - it is our own page
        return names

    yield run
    names["core"].close()


@pytest.mark.parametrize(
    ("flags", "wanted", "expected"),
    [
        ({}, None, None),
        ({}, True, "0.90"),
        ({"automaticallyAddToCart": True}, None, "0.90"),
        ({"automaticallyAddToCart": True}, False, None),
        ({"mandatoryOp": True}, False, "0.90"),
    ],
)
def test_the_cart(page, sandbox, flags, wanted, expected):
    """A line where it is wanted, added by itself or mandatory; none where the customer took it out."""
    rule = {"id": "r1", "min": 0, "max": 50, "terms": {"paidBy": "customer", "customer": {"amount": "0.98"}}}
    sandbox.local.quotes.set(SetQuote.model_validate({"storeUrl": "shop.example", "rules": [rule], **flags}))
    names = page("quote-protection", 1)

    found = names["protection"](Decimal("20.00"), "EUR", Decimal("0.92"), wanted)
    assert (None if expected is None else Decimal(expected)) == found


def test_the_cart_sells_without_protection_where_there_is_no_price(page):
    """The sandbox knows no rules of the shop."""
    assert None is page("quote-protection", 1)["protection"](Decimal("20.00"), "USD", None, None)


def test_the_support_page(page, sandbox):
    """A claim is filed, a repeat changes nothing, and a wrong line is told to the customer."""
    names = page("file-claims", 1)
    core = names["core"]
    core.export("main")
    shop = core.work("main").desk.shop
    parcel = next(
        parcels[0]
        for order in shop.export_orders(None, None, 100).orders
        if len(parcels := shop.lookup_fulfillments((order.id,))[order.id]) == 1
        and sandbox.local.store.get("fulfillment", parcels[0].id, order.id)
    )
    form = {"id": 7, "email": "customer@example.com", "line": parcel.lines[0].line_id, "units": 1, "issue": "DAMAGED"}
    form |= {"words": "broken", "images": [], "wish": "REFUND"}
    said = names["file"](parcel.order_id, form)
    (claim,) = core.claims("main", parcel.order_id)

    assert f"your claim {claim.id} was filed" == said
    assert said == names["file"](parcel.order_id, form)
    assert "please check: issues[0].line_id" in names["file"](parcel.order_id, {**form, "id": 8, "line": "none"})


def test_the_offline_sale(page, sandbox, capsys):
    """The block of the how-to files it, and prints the order id that was made up."""
    page("file-claims", 2)

    (sale,) = sandbox.local.store.all("offline_sale")
    assert sale["sourceOrderId"] == capsys.readouterr().out.strip()
