"""``op-core quote``."""

import pytest

from op_core.sandbox.quotes import SetQuote

HOST = '[stores.main.quote]\nstore_url = "shop.example"'


def rule(name, low, high, amount, paid_by="customer"):
    terms = {"paidBy": paid_by, paid_by: {"amount": amount, "type": "fixed"}}
    return {"id": name, "min": low, "max": high, "terms": terms}


@pytest.fixture
def priced(home):
    """Give the sandbox's store rules: up to 50 USD the customer pays, above the brand."""
    home.settings(HOST)
    rules = [rule("r1", 0, 50, "1.98"), rule("r2", 50, 100, 4, "brand")]
    said = {"storeUrl": "shop.example", "rules": rules, "automaticallyAddToCart": True}
    home.sandbox.local.quotes.set(SetQuote.model_validate(said))
    return home


def test_what_the_customer_pays(cli, priced):
    """In the cart's currency, rounded as it is."""
    said = cli("quote", "main", "4000", "JPY", "--rate", "149.5", "--json")

    assert 0 == said.code
    assert (True, "296", "1.98", "JPY", "customer", True, False, "r1", None) == tuple(
        said.json[name]
        for name in ("offered", "amount", "in_usd", "currency", "paid_by", "auto_add", "mandatory", "rule_id", "reason")
    )
    printed = cli("quote", "main", "4000", "JPY", "--rate", "149.5").out
    assert all(word in printed for word in ("296 JPY", "1.98 USD", "customer", "auto add", "yes"))


def test_what_the_brand_pays_is_no_offer(cli, priced):
    """The reason says so; the amount is told beside."""
    said = cli("quote", "main", "70", "USD", "--json")

    assert (0, False, None, "4.00", "brand") == (
        said.code,
        *(said.json[name] for name in ("offered", "amount", "brand_amount", "paid_by")),
    )
    assert "the brand pays" in cli("quote", "main", "70", "USD").out


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("10", "EUX"), "currency: found 'EUX', expected one of the 302 codes of ORD-C; the nearest are XEU, EUR"),
        (("10", "EUR"), "rate: missing"),
        (("ten", "USD"), "subtotal: found no number"),
    ],
)
def test_a_cart_that_cannot_be_is_wrong_use(cli, priced, asked, said):
    """What was found and what was expected."""
    ended = cli("quote", "main", *asked)

    assert 2 == ended.code
    assert said in ended.err


def test_without_a_host_it_is_a_matter_of_settings(cli, home):
    """The key is named."""
    ended = cli("quote", "main", "10", "USD")

    assert 2 == ended.code
    assert "stores.main.quote.store_url: missing" in ended.err


def test_a_store_without_rules_exits_1(cli, home):
    """The API's answer is said."""
    home.settings(HOST)
    ended = cli("quote", "main", "10", "USD")

    assert 1 == ended.code
    assert "404" in ended.err
