"""``op-core forget``."""

import io

import pytest

EMAIL = "canary.person@example.com"


@pytest.fixture
def over(claim):
    """Give a claim that is refunded and over; its webhook names its customer."""
    claim.home.settings("[stores.main.limits]\nhold_above = { USD = 1000 }")
    claim.arrive(customer_email=EMAIL)
    return claim


def test_without_yes_it_only_shows(cli, over):
    """What would be erased, and that nothing is."""
    shown = cli("forget", "main", "--order", over.order_id)

    assert 0 == shown.code
    assert f"order {over.order_id}" in shown.out
    assert "Nothing is erased yet: add --yes to erase it." in shown.out
    assert EMAIL in cli("deliveries", "show", "1", "--reveal").out


def test_with_yes_the_person_is_gone_and_the_refund_is_proved(cli, over):
    """The body says that it is gone; the action has its amount, its reference and the shop's id."""
    before = cli("actions", "show", "1", "--json").json
    erased = cli("forget", "main", "--order", over.order_id, "--yes")
    after = cli("actions", "show", "1", "--json").json

    assert 0 == erased.code
    assert "erased" in erased.out
    shown = cli("deliveries", "show", "1", "--reveal")
    assert "The body is gone: it was erased, or is kept no longer." in shown.out
    assert EMAIL not in shown.out
    same = ("state", "amount", "currency", "reference", "shop_id", "lines", "owed", "key")
    assert [before[name] for name in same] == [after[name] for name in same]
    assert 0 == cli("actions", "explain", "1").code


def test_the_orders_of_an_address_are_found(cli, over, monkeypatch):
    """By the address, also read from stdin, so that it stands in no history of a shell."""
    (one,) = cli("forget", "main", "--email", EMAIL.upper(), "--json").json["orders"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{EMAIL}\n"))
    told = cli("forget", "main", "--email", "-", "--yes", "--json").json

    assert (over.order_id, False) == (one["order_id"], one["erased"])
    assert [(over.order_id, True)] == [(one["order_id"], one["erased"]) for one in told["orders"]]
    assert {"mentioned": [], "unnamed": [], "looked": 1, "gone": 0} == told["search"]
    assert [] == cli("forget", "main", "--email", EMAIL, "--json").json["orders"]


def test_what_is_not_over_ends_it_with_1(cli, home, claim):
    """The reason names what has to be settled first; other orders are erased."""
    cli("webhook", "send", claim.decide())
    ended = cli("forget", "main", "--order", claim.order_id, "--yes", "--json")

    assert 1 == ended.code
    assert "webhook 1 names it and is not read yet" in ended.json["orders"][0]["failed"]
    assert not ended.json["orders"][0]["erased"]


def test_an_order_that_nothing_is_known_of_ends_it_with_1(cli, home):
    """It may be mistyped."""
    ended = cli("forget", "main", "--order", "no-such", "--yes")

    assert 1 == ended.code
    assert "nothing is known of it" in ended.out


@pytest.mark.parametrize("said", [(), ("--order", "1", "--email", EMAIL), ("--email", "not an address")])
def test_one_of_order_and_email_is_said(cli, home, said):
    """Neither, both and half an address are wrong use."""
    ended = cli("forget", "main", *said)

    assert 2 == ended.code
    assert "--email" in ended.err
