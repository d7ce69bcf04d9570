"""``op-core sweep``, over a real sandbox whose webhooks go nowhere."""

import socket
import time
from datetime import UTC, datetime, timedelta

import pytest

from op_core.testing.serving import listening


@pytest.fixture
def missed(home, claim):
    """A refund that was approved a day ago while nobody received; its webhook, as a file."""
    webhook = claim.decide()
    a_day_ago(home, claim)
    return webhook


def a_day_ago(home, claim):
    """Let the sandbox say that the claim was decided a day ago."""
    local = home.sandbox.local
    old = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    local.store.put("claim", claim.id, local.claims.find(claim.id) | {"updated_at": old, "resolution_date": old})


def wait_for(condition):
    """Look until it is so, for at most twenty seconds."""
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
    return True


def test_from_a_receiver_that_is_down_to_one_refund(cli, home, claim):
    """Nobody listens when it is decided; the sweep holds it; sent again by Order Protection, it is given back once."""
    home.settings("[stores.main.limits]\nhold_above = { USD = 1000 }")
    local = home.sandbox.local
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    target = {"url": f"http://127.0.0.1:{port}/webhooks/main", "secret": home.secret}
    local.store.put("webhook", target["url"], target)
    one = {"type": "REFUND", "details": {"items": [{"sourceItemId": claim.line.id, "quantity": 1}]}}
    (delivery,) = local.claims.approve(claim.id, {"resolutions": [one]})["deliveries"]
    assert wait_for(lambda: local.store.get("delivery", delivery)["attempts"])
    a_day_ago(home, claim)
    (number,) = cli("sweep", "main", "--json").json["never_delivered"]

    with home.loaded() as core, listening(core.asgi, port):
        local.sender.resend(delivery)
        assert wait_for(lambda: local.store.get("delivery", delivery)["state"] == "delivered")
        core.run_once()
    shown = cli("actions", "show", number, "--json").json
    assert ("done", 1) == (shown["state"], len(home.shop.effects()))
    swept = cli("sweep", "main", "--json")
    assert (0, []) == (swept.code, swept.json["never_delivered"])


def test_it_is_recorded_with_its_amount(cli, home, missed):
    """Done by hand, and said how much; a wrong amount is wrong use, and one where none is asked for is refused."""
    (number,) = cli("sweep", "main", "--json").json["never_delivered"]
    wrong = cli("actions", "record", number, "--done", "R-1", "--amount", "twenty")
    alone = cli("actions", "record", number, "--not-done", "--amount", "20.00 USD")
    done = cli("actions", "record", number, "--done", "R-1", "--amount", "20.00 usd", "--json")

    assert (2, 1) == (wrong.code, alone.code)
    assert 'expected an amount and its currency, such as "20.00 USD"' in wrong.err
    assert (0, "done", "20.00", "USD") == (done.code, *(done.json[name] for name in ("state", "amount", "currency")))
    again = cli("actions", "record", number, "--done", "R-1", "--amount", "20.00 USD")
    assert (1, True) == (again.code, "has its amount, 20.00 USD" in again.err)


def test_a_decision_whose_webhook_is_lost_is_found(cli, claim, missed):
    """It waits under its own action, is said where and why, and ends the command with 1."""
    swept = cli("sweep", "main", "--json")

    assert (1, 1) == (swept.code, swept.json["counts"]["never_delivered"])
    (number,) = swept.json["never_delivered"]
    shown = cli("actions", "show", number, "--json").json
    assert ("held", claim.order_id, claim.id) == (shown["state"], shown["order_id"], shown["claim_id"])
    again = cli("sweep", "main")
    assert (1, True) == (again.code, f"never delivered: {number}" in again.out)


def test_a_webhook_that_is_sent_again_takes_over(cli, home, claim, missed):
    """Resent at last, it acts once, and nothing waits any more."""
    home.settings("[stores.main.limits]\nhold_above = { USD = 1000 }")
    cli("sweep", "main")
    cli("webhook", "send", missed)
    cli("run")
    swept = cli("sweep", "main", "--json")

    assert [] == swept.json["never_delivered"]
    (action,) = cli("actions", "list", "main", "--json").json
    assert ("refund", "done") == (action["verb"], action["state"])


def test_what_was_never_delivered_is_explained(cli, claim, missed):
    """Without a delivery or a plan, explain says what there is."""
    (number,) = cli("sweep", "main", "--json").json["never_delivered"]
    explained = cli("actions", "explain", number)

    assert (0, True) == (explained.code, "never_delivered" in explained.out)


def test_nothing_to_say(cli, home):
    """Orders without claims: the counts, and 0."""
    cli("orders", "export", "main")
    swept = cli("sweep", "main", "--days", "365", "--json")

    assert 0 == swept.code
    assert (6, 0, []) == (swept.json["counts"]["orders"], swept.json["counts"]["claims"], swept.json["differences"])


def test_doctor_says_when_the_last_sweep_was(cli, home):
    """Never, or when; and how many things differ."""
    assert "never read back" in cli("doctor", "main").out
    cli("sweep", "main")

    assert "claims were last read back on" in cli("doctor", "main").out


def test_what_is_told_differently_is_a_table(cli, home, claim):
    """Both words, since when, and a count by the doctor; it ends with 1."""
    home.settings("[stores.main.limits]\nhold_above = { USD = 1000 }\n[stores.main.sweep]\ngrace = '0 s'")
    claim.arrive()
    home.sandbox.local.claims.set_state(claim.id, {"state": "OPEN"})
    swept = cli("sweep", "main")

    assert 1 == swept.code
    assert ["undecided", "done: refund", "OPEN"] == [
        one for one in ("undecided", "done: refund", "OPEN") if one in swept.out
    ]
    assert "1 things are told differently" in cli("doctor", "main").out


def test_a_failing_api_ends_it_with_its_words(cli, home):
    """The sweep stops, says why, and counts as none; the doctor says that it stands still."""
    cli("orders", "export", "main")
    home.sandbox.local.switchboard.change(
        {"faults": [{"kind": "status", "status": 401, "times": 9, "path": "/v1/orders/"}]}
    )
    swept = cli("sweep", "main")

    assert 1 == swept.code
    assert "401" in swept.err
    assert "claims were never read back; a sweep stands still since" in cli("doctor", "main").out
