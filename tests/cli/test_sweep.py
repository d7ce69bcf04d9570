"""``op-core sweep``, over a real sandbox whose webhooks go nowhere."""

from datetime import UTC, datetime, timedelta

import pytest


@pytest.fixture
def missed(home, claim):
    """A refund that was approved a day ago while nobody received; its webhook, as a file."""
    webhook = claim.decide()
    local = home.sandbox.local
    old = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    local.store.put("claim", claim.id, local.claims.find(claim.id) | {"updated_at": old, "resolution_date": old})
    return webhook


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


def test_a_failing_api_ends_it_with_its_words(cli, home):
    """The sweep stops, says why, and counts as none."""
    cli("orders", "export", "main")
    home.sandbox.local.switchboard.change(
        {"faults": [{"kind": "status", "status": 401, "times": 9, "path": "/v1/orders/"}]}
    )
    swept = cli("sweep", "main")

    assert 1 == swept.code
    assert "401" in swept.err
    assert "never read back" in cli("doctor", "main").out
