"""``op-core doctor``."""

import socket

import pytest

from op_core.ledger import filings
from op_core.ledger.database import HEAD
from op_core.ledger.filings import Filing
from op_core.sandbox.quotes import SetQuote
from op_core.testing.clock import START

ACTING = """
[stores.main.limits]
hold_above = { USD = "250.00" }
[stores.main.report.refund]
path = "/v1/claims/{claim_id}/resolutions"
"""


def found(ended, check):
    """Return the state and the words of one check."""
    (one,) = [one for one in ended.json["checks"] if one["check"] == check]
    return one["state"], one["said"]


def test_a_well_store_is_well(cli, home):
    """Everything is looked at and said, and the exit code is 0."""
    home.settings(ACTING)
    ended = cli("doctor", "--json")

    assert (0, True) == (ended.code, ended.json["well"])
    assert ("well", f"sqlite, schema {HEAD} of {HEAD}") == found(ended, "ledger")
    assert ("well", "can be read: order order-1001") == found(ended, "shop")
    assert ("well", f"{home.sandbox.url} takes the token, has no order yet") == found(ended, "Order Protection")
    assert ("well", "POST /v1/claims/{claim_id}/resolutions") == found(ended, "report of refund")
    assert "look" == found(ended, "report of store_credit")[0]
    assert "no_route" in found(ended, "report of store_credit")[1]
    assert "https://<your host>/webhooks/main" in found(ended, "webhook")[1]
    assert "up to 250.00 USD" in found(ended, "limits")[1]
    assert "custom_store" in [adapter["name"] for adapter in ended.json["adapters"]]
    assert {"supported"} == {hook["support"] for hook in ended.json["capabilities"]["main"]}


def test_the_table_says_it_too(cli, home):
    """A person reads the same facts."""
    ended = cli("doctor", "main")

    assert 0 == ended.code
    assert "All is well." in ended.out
    assert "op_issue_refund" in ended.out


def test_a_parked_store_is_not_well(cli, home):
    """The reason is said, and nobody is asked."""
    home.settings(store="no_such_key = 1")
    ended = cli("doctor", "main", "--json")

    assert 1 == ended.code
    assert "not well" == found(ended, "parked")[0]
    assert "no_such_key" in found(ended, "parked")[1]


def test_a_token_that_is_not_accepted_is_not_well(cli, home):
    """The API's answer is said, the token is not."""
    home.token = "another-token-0000"
    home.settings()
    ended = cli("doctor", "--json")

    assert 1 == ended.code
    assert "not well" == found(ended, "Order Protection")[0]
    assert "401" in found(ended, "Order Protection")[1]


def test_a_shop_that_cannot_be_read_is_not_well(cli, home):
    """The shop is asked for one order."""
    (home.folder / "broken.py").write_text(
        "class Shop:\n"
        "    def order(self, order_id): return None\n"
        "    def changed_orders(self, since, cursor, limit): raise OSError('the text of it is not shown')\n"
    )
    home.config.write_text(
        home.config.read_text()
        .replace("op_core.demo.shop:DemoShop", "broken:Shop")
        .replace('options = { database = "shop.db" }', "")
    )
    ended = cli("doctor", "--json")

    assert 1 == ended.code
    assert "not well" == found(ended, "shop")[0]
    assert "is not shown" not in ended.out
    assert "every refund is held" in found(ended, "without op_issue_refund")[1]
    assert "stock is not asked" in found(ended, "without op_check_stock")[1]


def asked_alone(home, answer):
    """Make the shop answer *answer* when it is asked for one order."""
    (home.folder / f"alone_{home.folder.name}.py").write_text(
        f"from op_core.demo.shop import DemoShop\nclass Shop(DemoShop):\n    def order(self, order_id): {answer}\n"
    )
    home.config.write_text(
        home.config.read_text().replace("op_core.demo.shop:DemoShop", f"alone_{home.folder.name}:Shop")
    )


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("return None", "op_get_order says that there is none"),
        ("raise OSError('the text of it is not shown')", "OSError"),
        ("return super().order('order-1002')", "answered order 'order-1002'"),
    ],
)
def test_an_order_that_cannot_be_read_alone_is_not_well(cli, home, answer, said):
    """Claims are acted upon by reading their order: a page of orders is not enough."""
    asked_alone(home, answer)
    ended = cli("doctor", "--json")

    assert 1 == ended.code
    assert "not well" == found(ended, "shop")[0]
    assert "op_export_orders gives order order-1001" in found(ended, "shop")[1]
    assert said in found(ended, "shop")[1]
    assert "is not shown" not in ended.out


def test_a_missing_hook_is_said_once(cli, home):
    """With what it means; and a missing question is said only where there is something to ask for."""
    (home.folder / "little.py").write_text(
        "from op_core.demo.shop import DemoShop\n"
        "class Shop:\n"
        "    def __init__(self, database, directory): self.shop = DemoShop(database, directory=directory)\n"
        "    def order(self, order_id): return self.shop.order(order_id)\n"
        "    def changed_orders(self, *request): return self.shop.changed_orders(*request)\n"
        "    def grant_refund(self, request): return self.shop.grant_refund(request)\n"
    )
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", "little:Shop"))
    ended = cli("doctor")

    assert 1 == ended.out.count("op_add_note")
    assert 1 == ended.out.count("op_find_refund")
    assert 0 == ended.out.count("op_find_note")
    assert 0 == ended.out.count("op_find_protection_change")


def test_a_sandbox_that_is_not_started_is_said(cli, home):
    """Where the address is one of this machine, the command that starts one is told."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    home.config.write_text(home.config.read_text().replace(home.sandbox.url, f"http://127.0.0.1:{port}"))

    assert f"op-core sandbox --port {port} --db sandbox.db" in found(cli("doctor", "--json"), "Order Protection")[1]


def test_what_waits_is_counted(cli, home, claim):
    """Held actions are a thing to look at, quarantined deliveries are not well."""
    claim.arrive()
    cli("webhook", "send", home.body("broken", "{"))
    cli("run")
    ended = cli("doctor", "--json")

    assert 1 == ended.code
    assert "look" == found(ended, "held")[0]
    assert found(ended, "held")[1].startswith("1 wait for a person")
    assert "not well" == found(ended, "quarantined")[0]
    assert found(ended, "quarantined")[1].startswith("1 kept aside")


def test_an_unknown_store_is_wrong_use(cli, home):
    """There is nothing to look at."""
    assert 2 == cli("doctor", "mian").code


def test_the_prices_of_a_cart_are_looked_at(cli, home):
    """Where a host is set: whether the rules can be read, and what is wrong with them."""
    assert "prices" not in [one["check"] for one in cli("doctor", "--json").json["checks"]]
    home.settings('[stores.main.quote]\nstore_url = "shop.example"')
    ended = cli("doctor", "--json")
    assert (1, "not well") == (ended.code, found(ended, "prices")[0])
    rule = {"id": "r1", "min": 0, "max": 50, "terms": {"paidBy": "customer", "customer": {"amount": 1}}}
    home.sandbox.local.quotes.set(SetQuote.model_validate({"storeUrl": "shop.example", "rules": [rule]}))
    assert ("well", "the rules of shop.example can be read") == found(cli("doctor", "--json"), "prices")
    rules = [rule, rule | {"id": "r2", "min": 20}]
    home.sandbox.local.quotes.set(SetQuote.model_validate({"storeUrl": "shop.example", "rules": rules}))

    assert ("look", "rule r1 and rule r2 overlap from 20 on") == found(cli("doctor", "--json"), "prices")


def test_claims_that_may_have_been_filed_are_named(cli, home):
    """By their keys, so that somebody finds out."""
    with home.loaded() as core:
        for state in ("filed", "unknown"):
            one = Filing(
                store_id="main-1",
                key=f"ticket-{state}",
                kind="online",
                order_id="order-1001",
                content_hash="0",
                state=state,
                begun_at=START,
            )
            core.ledger.write(filings.begin, one)
    state, said = found(cli("doctor", "--json"), "claims filed")

    assert "look" == state
    assert said.startswith("1 may have been filed")
    assert said.endswith(": ticket-unknown")
