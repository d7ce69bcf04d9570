"""Refunds, replacements and store credits through a proxy that loses, delays or repeats answers."""

import json
import re
import threading
from collections import Counter
from itertools import product
from typing import get_args

import pytest

import op_core
from op_core.ledger import actions, deliveries
from op_core.testing import bodies
from op_core.testing.proxy import Proxy, ProxyFault

SETTINGS = """
[ledger]
url = "sqlite:///op.db"
[stores.main]
id = "main-1"
adapter = "rest_shop"
api_url = "http://127.0.0.1:1"
api_token = "not-a-real-token-0000"
webhook_secrets = ["not-a-real-secret-0000"]
verify_claims = "never"
limits = {{ hold_above = {{ USD = "1000" }} }}
[stores.main.timing]
deadline = "3 s"
lease = "4 s"
quiet_period = "3 s"
calls = 16
[stores.main.resolutions]
store_credit = "act"
[stores.main.settings]
manifest = "shop.toml"
url = "{url}"
env = {{ SHOP_TOKEN = "not-a-real-token" }}
timeout = "2 s"
connections = 16
"""

VERBS = ("refund", "reship", "store_credit")
CASES = dict(enumerate(product(VERBS, get_args(ProxyFault)), 1))  # number of an order to what is decided and goes wrong
EFFECT = re.compile(r"/payments/pay_(\d+)/refund|/claims/(claim_\d+)/confirm|/credits")
ROUNDS = 60


@pytest.fixture
def played(shop_of, tmp_path, manifest):
    """Return what lets op-core act on one claim for each verb and fault, by a manifest."""

    def play(text):
        shop, hit, lock = shop_of(len(CASES)), Counter(), threading.Lock()

        def fault(request):
            found = EFFECT.fullmatch(request.path) if request.method == "POST" else None
            if found is None:
                return None
            order = found[1] or (shop.claims[found[2]] if found[2] else json.loads(request.body))
            number = int(order if isinstance(order, str) else order.get("order_id", order.get("order"))[6:])
            with lock:
                hit[number] += 1
            return CASES[number][1] if hit[number] == 1 else None

        (tmp_path / "shop.toml").write_text(text)
        with Proxy(shop.url, fault) as proxy:
            (tmp_path / "op.toml").write_text(SETTINGS.format(url=proxy.url))
            with op_core.load(tmp_path / "op.toml") as core:
                for number, (verb, _) in CASES.items():
                    item = bodies.item(f"li_{number}", 1, 15)
                    total = None if verb == "reship" else 15
                    said = bodies.resolution(verb.upper(), item, total=total)
                    body = bodies.approved(said, claim=f"C-{number}", order=f"order_{number}", event=f"e-{number}")
                    core.ledger.write(deliveries.store, "main-1", body, core.ledger.now())
                for _ in range(ROUNDS):
                    core.run_once()
                    listed = core.ledger.read(actions.listing, "main-1")
                    if all(one.state == "done" or one.needs_person for one in listed):
                        break
                    threading.Event().wait(0.5)
        return shop, hit, {int(one.order_id[6:]): one for one in listed}

    return play


def effects(shop):
    """Return how often each order has each effect, in the shop's own tables."""
    found = Counter((int(claim["order_id"][6:]), "reship") for claim in shop.confirmed)
    found += Counter((int(one["order"][6:]), "store_credit") for one in shop.credits)
    for number in CASES:
        (payment,) = shop.orders[f"order_{number}"]["payments"]
        found[number, "refund"] += len(payment["refunds"])
    return +found


def test_what_the_shop_did_is_found_and_what_it_did_not_is_made(played, manifest):
    """Every effect is there once and told as done; only what never reached the shop was sent a second time."""
    shop, hit, acted = played(manifest)

    assert {(number, verb): 1 for number, (verb, _) in CASES.items()} == effects(shop)
    assert {"done"} == {action.state for action in acted.values()}
    assert {number: 2 if fault == "drop before" else 1 for number, (_, fault) in CASES.items()} == hit
    assert len(shop.confirmed) == len(shop.claims)


def test_without_a_look_up_a_person_is_asked(played, manifest):
    """What is in doubt is sent once, and held; what was answered, if twice, is done."""
    blind = re.sub(r"\[\w+\.find\]\n(?:\w+ = .*\n)*", "", manifest)
    assert ".find]" not in blind
    shop, hit, acted = played(blind)

    doubtful = {number for number, (_, fault) in CASES.items() if fault != "twice"}
    assert doubtful == {number for number, action in acted.items() if action.needs_person}
    assert set(CASES) - doubtful == {number for number, action in acted.items() if action.state == "done"}
    assert dict.fromkeys(CASES, 1) == hit
    lost = {number for number, (_, fault) in CASES.items() if fault != "drop before"}
    assert {(number, verb): 1 for number, (verb, _) in CASES.items() if number in lost} == effects(shop)
