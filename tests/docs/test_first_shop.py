"""The shop of the README and the tutorial does what they say that it does, against the real sandbox."""

import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest

import op_core
from op_core.http import Session
from op_core.ledger import actions, reports
from op_core.order_protection import jsonmoney
from op_core.order_protection.messages import Request
from op_core.sandbox import Sandbox
from op_core.testing.serving import listening

EXAMPLE = Path(__file__).parents[2] / "examples" / "first_shop"
SECRET = "any-text-you-choose"
SETTINGS = """
[ledger]
url = "sqlite:///op.db"

[stores.main]
id = "first-shop"
adapter = "custom_store"
api_url = "{url}"
api_token = "anything"
webhook_secrets = ["{secret}"]

[stores.main.settings]
backend = "myshop:MyShop"

[stores.main.limits]
hold_above = {{ USD = "250.00" }}
"""


class Story:
    """The shop's folder, its Order Protection, and the way between them."""

    def __init__(self, folder, core, sandbox, webhooks):
        self.folder, self.core = folder, core
        self._session = Session(sandbox.url, "anything")
        self.call("PUT", "/sandbox/webhooks", {"url": webhooks, "secret": SECRET})

    def call(self, method, path, body=None):
        return jsonmoney.loads(self._session.send(Request(method=method, path=path, body=body)).body)

    def decide(self, order, **resolution):
        """File a claim, approve it, and let the shop work."""
        claim = self.call("POST", "/sandbox/claims", {"source_order_id": order})["claim_id"]
        self.call("POST", f"/sandbox/claims/{claim}/approve", {"resolutions": [resolution]})
        self.work()

    def work(self):
        self.call("POST", "/sandbox/flush", {"wait": 30})
        self.core.run_once()

    def refunds(self):
        with closing(sqlite3.connect(self.folder / "shop.db")) as db:
            return db.execute("SELECT order_id, amount FROM refunds ORDER BY id").fetchall()

    def held(self):
        return {action.verb: [one["code"] for one in action.holds] for action in self.core.ledger.read(actions.listing)}

    def close(self):
        self._session.close()


@pytest.fixture
def story(tmp_path):
    """The example in a folder of its own, exported."""
    for name in ("myshop.py", "shop_db.py"):
        shutil.copy(EXAMPLE / name, tmp_path)
    with Sandbox() as sandbox:
        (tmp_path / "op.toml").write_text(SETTINGS.format(url=sandbox.url, secret=SECRET))
        with op_core.load(tmp_path / "op.toml") as core, listening(core.asgi) as url:
            assert {} == dict(core.parked)
            made = Story(tmp_path, core, sandbox, f"{url}/webhooks/main")
            core.export("main")
            yield made
            made.close()
    sys.path[:] = [place for place in sys.path if place != str(tmp_path.resolve())]
    for name in ("myshop", "shop_db"):
        del sys.modules[name]


def test_orders_are_exported_with_their_premium(story):
    """All three orders arrive, each with what the shop says that it cost."""
    orders = story.call("GET", "/sandbox/orders")["orders"]

    # Several threads send them, so they arrive in any order.
    assert {("1", "25.50", "1.50"), ("2", "42.50", "2.50"), ("3", "909.00", "9.00")} == {
        (order["sourceOrderId"], str(order["total"]), str(order["premiumPaid"])) for order in orders
    }
    assert 3 == len(orders)


def test_a_small_refund_goes_through_once(story):
    """Decided, refunded, and delivered again: one refund. Its report has no route, and says so."""
    story.decide("1", type="REFUND", details={"items": [{"sourceItemId": "1-1", "quantity": 1}]})
    for delivery in story.call("GET", "/sandbox/deliveries")["deliveries"]:
        story.call("POST", f"/sandbox/deliveries/{delivery['id']}/resend")
    story.work()

    assert [(1, "12.00")] == story.refunds()
    assert ["no_route"] == [report.state for report in story.core.ledger.read(reports.listing)]


def test_what_is_too_much_or_not_overridden_is_held(story):
    """A refund above the limit waits until it is approved; a reship that the shop cannot make stays held."""
    story.decide("3", type="REFUND")
    story.decide("2", type="RESHIP")

    assert [] == story.refunds()
    assert {"refund": ["above_limit"], "reship": ["not_supported"]} == story.held()

    refund = next(one for one in story.core.ledger.read(actions.listing) if one.verb == "refund")
    story.core.approve(refund.id, plan=refund.content_hash[:12], who="owner")
    story.core.run_once()

    assert [(3, "900.00")] == story.refunds()


def test_pages_skip_nothing(story):
    """Read one at a time, every order comes once, oldest change first."""
    from myshop import MyShop  # noqa: PLC0415 - importable once the store is connected

    shop, found, cursor, done = MyShop(story.folder), [], None, False
    while not done:
        page = shop.changed_orders(None, cursor, 1)
        found, cursor, done = [*found, *(order.id for order in page.orders)], page.cursor, page.done

    assert ["1", "2", "3"] == found
