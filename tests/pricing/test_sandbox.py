"""Prices over a socket: the client, the sandbox's rules, and an API that is slow or away."""

import asyncio
from decimal import Decimal

import pytest

import op_core
from op_core.errors import RequestNotSent, Unauthorized
from op_core.money import Money
from op_core.sandbox import Sandbox
from op_core.sandbox.quotes import SetQuote
from op_core.testing.clock import Clock

SETTINGS = """
[ledger]
url = "sqlite:///op.db"

[stores.main]
id = "main-1"
adapter = "custom_store"
api_url = "{url}"
api_token = "not-a-real-token-0000"
webhook_secrets = ["not-a-real-secret-0000"]

[stores.main.settings]
backend = "op_core.demo.shop:DemoShop"
options = {{ database = "shop.db" }}

[stores.main.quote]
store_url = "shop.example"
{more}
"""


@pytest.fixture
def sandbox():
    """Run a sandbox whose store asks 0.98 USD up to 50, and 1.98 from there on."""
    with Sandbox() as running:
        for variant, cheap in ((None, "0.98"), ("b", "0.49")):
            fixed = [{"amount": amount, "type": "fixed"} for amount in (cheap, "1.98")]
            rules = [
                {"id": "r2", "min": 50, "max": 100, "terms": {"paidBy": "customer", "customer": fixed[1]}},
                {"id": "r1", "min": 0, "max": 50, "terms": {"paidBy": "customer", "customer": fixed[0]}},
            ]
            said = {"storeUrl": "shop.example", "rules": rules, "mandatoryOp": True}
            said |= {} if variant is None else {"applicationId": "op_app_1", "variantKey": variant}
            running.local.quotes.set(SetQuote.model_validate(said))
        yield running


@pytest.fixture
def load(tmp_path, sandbox):
    """Give what loads the library for a store with these further settings."""
    opened = []

    def make(more="", url=None, clock=None):
        (tmp_path / "op.toml").write_text(SETTINGS.format(url=url or sandbox.url, more=more), encoding="utf-8")
        opened.append(op_core.load(tmp_path / "op.toml", clock=clock))
        return opened[-1]

    yield make
    for core in opened:
        core.close()


def test_the_front_quotes_in_both_colours(load):
    """`core.quote` and `core.aquote` answer alike, and ask once."""
    core = load(clock=Clock())
    said = core.quote("main", Decimal(50), "USD")

    assert (Money("0.98", "USD"), True, True, "r1") == (said.amount, said.auto_add, said.mandatory, said.rule_id)
    assert said == asyncio.run(core.aquote("main", "50", "USD"))
    assert Money("0.744", "BHD") == core.quote("main", "30", "BHD", "0.376").amount


def test_the_borders_are_read_as_the_setting_says(load):
    """The store's own reading of 50.00."""
    core = load('[stores.main.wire]\nquote_borders = "max_exclusive"')

    assert Money("1.98", "USD") == core.quote("main", "50", "USD").amount


def test_a_cohort_has_its_own_prices(load):
    """By the headers of page DEV-QS."""
    core = load('partner_app_id = "op_app_1"\npartner_variant = "b"')

    assert Money("0.49", "USD") == core.quote("main", "10", "USD").amount


def test_the_host_stands_in_the_path_where_the_api_has_it_there(load, sandbox):
    """C-21, by the same switch on both sides."""
    sandbox.local.switchboard.change({"wire": {"quote_store": "path"}})
    core = load('[stores.main.wire]\nquote_store = "path"')

    assert core.quote("main", "10", "USD").offered


def test_older_prices_are_used_while_the_api_fails(load, sandbox):
    """And the answer says how old they are."""
    clock = Clock()
    core = load(clock=clock)
    core.quote("main", "10", "USD")
    clock.move(hours=2)
    sandbox.local.switchboard.change({"faults": [{"kind": "drop", "path": "/v1/quote"}]})
    said = core.quote("main", "10", "USD")

    assert (True, True, 7200) == (said.offered, said.stale, said.age.total_seconds())


def test_the_rules_are_public(load):
    """An API that refuses the store's token tells them all the same."""
    with Sandbox(token="another-made-up-token") as strict:
        rule = {"min": 0, "max": 50, "terms": {"paidBy": "customer", "customer": {"amount": "0.98"}}}
        strict.local.quotes.set(SetQuote.model_validate({"storeUrl": "shop.example", "rules": [rule]}))
        core = load(url=strict.url)
        with pytest.raises(Unauthorized):
            core.claims("main", "1001")

        assert core.quote("main", "10", "USD").offered


def test_where_nothing_was_ever_read_the_error_comes_out(load):
    """Nobody listens there; the text says that nothing was sent."""
    with pytest.raises(RequestNotSent):
        load(url="http://127.0.0.1:9").quote("main", "10", "USD")
