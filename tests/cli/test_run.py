"""``op-core run`` and ``op-core report``."""

from datetime import UTC, datetime, timedelta

import pytest

ACTING = """
[stores.main.limits]
hold_above = { USD = "250.00" }
"""
ROUTE = """
[stores.main.report.refund]
path = "/v1/claims/{claim_id}/resolutions"
[stores.main.report.refund.body]
verb = "{verb}"
reference = "{reference}"
"""


def test_nothing_to_do_is_said(cli, home):
    """A run without work ends well."""
    ended = cli("run")

    assert (0, "nothing was due\n") == (ended.code, ended.out)
    assert {"counts": {}, "failed": {}, "parked": {}} == cli("run", "--json").json


def test_what_arrived_is_done_in_one_run(cli, home, claim):
    """A delivery is planned, acted upon and reported."""
    home.settings(ACTING + ROUTE)
    cli("webhook", "send", claim.decide())
    ended = cli("run", "main", "--json")

    assert 0 == ended.code
    assert {"delivery planned": 1, "action done": 1, "report sent": 1} == ended.json["counts"]
    assert "nothing was due\n" == cli("run").out


def test_a_parked_store_is_not_well(cli, home):
    """Which one, why, and how many of its webhooks wait; the others work."""
    two = home.config.read_text()
    cli("webhook", "send", home.body("empty", "{}"))
    home.config.write_text(
        two.replace('adapter = "custom_store"', 'adapter = "custom_stor"')
        + two[two.index("[stores") :].replace("stores.main", "stores.two").replace("main-1", "t-2")
    )
    told, some = cli("run"), cli("run", "two", "main", "--json")

    assert (1, "nothing was due\n") == (told.code, told.out)
    assert 1 == told.err.count("store main is parked")
    assert "'custom_store'" in told.err
    assert "stored, and wait until that is mended; 1 waits now" in told.err
    assert (1, 1) == (some.code, some.json["parked"]["main"]["waiting"])
    assert "'custom_store'" in some.json["parked"]["main"]["reason"]
    assert 0 == cli("run", "two").code


@pytest.fixture
def unreported(cli, home, claim):
    """Give a refund that was done while there was no route for its report."""
    home.settings(ACTING)
    claim.arrive()
    return claim


def test_a_report_is_sent_once_there_is_a_route(cli, home, unreported):
    """After the route is set, the report goes out, and nothing is done again in the shop."""
    home.settings(ACTING + ROUTE)
    ended = cli("report", "main", "--since", "3 days", "--json")

    assert (0, {"counts": {"sent": 1}, "reasons": []}) == (ended.code, ended.json)
    assert 1 == len(home.sandbox.local.store.all("report"))
    assert 1 == len(list(home.shop.effects()))


def test_a_report_without_a_route_is_not_well(cli, unreported):
    """The text says which setting is missing."""
    ended = cli("report", "main", "--since", "2020-01-01")

    assert 1 == ended.code
    assert "stores.main.report.refund is not set" in ended.out


def test_only_reports_since_a_time_are_sent(cli, home, unreported):
    """What is older is left as it is."""
    home.settings(ACTING + ROUTE)
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()

    assert "no report to send\n" == cli("report", "main", "--since", tomorrow).out
    assert [] == home.sandbox.local.store.all("report")


def test_a_time_that_is_none_is_wrong_use(cli, home):
    """The text says what is expected."""
    ended = cli("report", "main", "--since", "yesterday")

    assert 2 == ended.code
    assert '"3 days"' in ended.err
