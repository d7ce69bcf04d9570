"""``op-core doctor``."""

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
    assert ("well", "sqlite, schema 0001 of 0001") == found(ended, "ledger")
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
