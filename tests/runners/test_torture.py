"""Promises 1 and 2 under torture: real processes, killed with SIGKILL, effects counted in the shop's own tables."""

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from op_core.demo.seed import fill
from op_core.demo.shop import DemoShop
from op_core.ledger import Ledger, actions, deliveries, reports, stores
from op_core.order_protection.jsonmoney import loads
from op_core.testing import bodies

CHILD = "import sys, op_core; core = op_core.load(sys.argv[1]); core.run_once(); core.close()"
KILLS = [
    "refund:before", "refund:after", "commit:before:4", "reship:before", "commit:after:6", "reship:after",
    "ask:after:3", "refund:after:2", "commit:before:7", "ask:before:2", "commit:after:9", "reship:after:2",
]  # fmt: skip
CLAIMS = 12
SETTINGS = """
[ledger]
url = "sqlite:///op.db"
[stores.main]
id = "main-1"
adapter = "custom_store"
api_url = "http://127.0.0.1:{port}"
api_token = "not-a-real-token-0000"
webhook_secrets = ["not-a-real-secret-0000"]
verify_claims = "never"
[stores.main.settings]
backend = "op_core.demo.shop:DemoShop"
options = {{ database = "{database}" }}
[stores.main.limits]
hold_above = {{ USD = "100000" }}
[stores.main.timing]
deadline = "2 s"
lease = "2.5 s"
quiet_period = "0.5 s"
"""


@pytest.fixture
def api():
    """Run an API that takes orders, once each; give its port and what was posted."""
    posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            order = loads(self.rfile.read(int(self.headers["content-length"])))["sourceOrderId"]
            posted.append(order)
            self.send_response(409 if posted.count(order) > 1 else 201)
            self.send_header("content-length", "15")
            self.end_headers()
            self.wfile.write(b'{"status":"ok"}')

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.server_port, posted
    server.shutdown()
    thread.join()
    server.server_close()


def decisions(shop, ids):
    """Yield approvals of one refund and one reship each, of orders that can bear both."""
    for order in map(shop.order, ids):
        lines = [line for line in order.lines if not line.is_protection and line.quantity > 1]
        if order.currency != "USD" or not lines or order.shipping_address is None or order.cancelled_at:
            continue
        item = bodies.item(lines[0].id, 1, lines[0].unit_price.amount)
        refund = bodies.resolution("REFUND", item, total=lines[0].unit_price.rounded().amount)
        yield bodies.approved(refund, bodies.resolution("RESHIP", item), claim=f"C-{order.id}", order=order.id,
                              event=f"e-{order.id}")  # fmt: skip


def run(config, crash=None):
    """Let a process work, and return how it ended."""
    environment = {name: value for name, value in os.environ.items() if name != "OP_CRASH_POINT"}
    if crash:
        environment["OP_CRASH_POINT"] = crash
    return subprocess.run([sys.executable, "-c", CHILD, str(config)], env=environment, check=False).returncode


def test_kill_nine_loses_and_doubles_nothing(tmp_path, api):
    """About ten kills: 0 lost, 0 doubled, each replacement posted to the API and taken there once."""
    port, posted = api
    shop = DemoShop(tmp_path / "shop.db")
    bodies_ = list(decisions(shop, fill(shop, 60, now=datetime.now(UTC))))[:CLAIMS]
    assert CLAIMS == len(bodies_)
    config = tmp_path / "op.toml"
    config.write_text(SETTINGS.format(port=port, database=tmp_path / "shop.db"), encoding="utf-8")
    ledger = Ledger.open(f"sqlite:///{tmp_path}/op.db")
    ledger.write(stores.introduce, "main-1", "main", ledger.now())
    killed = 0
    for n, kill in enumerate(KILLS):
        for body in bodies_[n : n + 2]:  # each is delivered twice
            ledger.write(deliveries.store, "main-1", body, ledger.now())
        killed += run(config, kill) == -signal.SIGKILL
    for _ in range(12):
        assert 0 == run(config)
        if {"done"} == {action.state for action in ledger.read(actions.listing, "main-1")}:
            break
        threading.Event().wait(0.5)
    kinds = Counter(effect.kind for effect in shop.effects())
    sent = Counter(report.state for report in ledger.read(reports.listing, "main-1"))
    states = Counter(action.state for action in ledger.read(actions.listing, "main-1"))
    ledger.close()

    assert {"done": 2 * CLAIMS} == states
    assert {} == shop.doubled()
    assert (CLAIMS, CLAIMS) == (kinds["refund"], kinds["replacement"])
    assert CLAIMS == len(set(posted)) == sent["sent"] + sent["confirmed"]
    assert CLAIMS == sent["no_route"]
    assert killed >= 10
