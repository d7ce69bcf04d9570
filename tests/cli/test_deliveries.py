"""``op-core deliveries list | show | replay``."""

import pytest


def of_another_store(home, claim):
    """Write the camelCase webhook of a store whose id the settings do not have yet."""
    said = {"claimId": claim.id, "storeId": "store_right", "resolutions": [
        {"type": "REFUND", "itemId": claim.line.id, "quantity": 1}]}  # fmt: skip
    return home.body("camel", {"topic": "claim/approved", "body": said})


@pytest.fixture
def quarantined(cli, home, claim):
    """Give a claim whose decision named a store that op.toml spells otherwise."""
    home.settings(store='op_store_id = "store_wrong"')
    cli("webhook", "send", of_another_store(home, claim))
    cli("run")
    return claim


def test_a_list_is_filtered_by_state(cli, quarantined):
    """What is quarantined is found with its reason."""
    (one,) = cli("deliveries", "list", "main", "--state", "quarantined", "--json").json

    assert (1, "main") == (one["id"], one["store"])
    assert "op_store_id" in one["reason"]
    assert [] == cli("deliveries", "list", "--state", "planned", "--json").json
    assert "op_store_id" in cli("deliveries", "list").out


def test_what_is_mended_can_be_replayed(cli, home, quarantined):
    """After the settings are mended the same bytes are planned."""
    home.settings(store='op_store_id = "store_right"')
    ended = cli("deliveries", "replay", "main", "1", "--json")
    cli("run")

    assert (0, {"replayed": 1}) == (ended.code, ended.json)
    assert "planned" == cli("deliveries", "show", "1", "--json").json["state"]
    assert 1 == len(cli("actions", "list", "--json").json)


def test_all_are_replayed_where_none_is_named(cli, quarantined):
    """Without a number, all that is quarantined; then there is none left."""
    first, second = cli("deliveries", "replay", "main"), cli("deliveries", "replay", "main")

    assert ["1 back in line; `op-core run` or `op-core serve` takes them up\n", "0 back in line\n"] == [
        first.out,
        second.out,
    ]


def test_only_what_is_quarantined_can_be_replayed(cli, home, quarantined):
    """A number that is not there is wrong use, one that is not quarantined cannot be done; nothing is replayed."""
    cli("webhook", "send", home.body("other", "{"))
    unknown, other = cli("deliveries", "replay", "main", "1", "9"), cli("deliveries", "replay", "main", "1", "2")

    assert (2, "op-core: there is no delivery 9; the newest is 2\n") == (unknown.code, unknown.err)
    assert (1, "") == (other.code, other.out)
    assert "is received" in other.err
    assert "quarantined" == cli("deliveries", "show", "1", "--json").json["state"]


def test_a_body_is_hidden_where_it_may_be_about_a_person(cli, home, claim):
    """Ids and amounts are shown, what people wrote is not, unless it is asked for."""
    body = {"topic": "message.created", "body": {"claim_id": claim.id, "source_order_id": "order-1001",
            "order_id": "op-order", "message": "Ask customer@example.com"}}  # fmt: skip
    cli("webhook", "send", home.body("message", body))
    hidden, shown = cli("deliveries", "show", "1", "--json"), cli("deliveries", "show", "1", "--json", "--reveal")

    assert (claim.id, "***") == (hidden.json["body"]["body"]["claim_id"], hidden.json["body"]["body"]["message"])
    assert body == shown.json["body"]
    assert "example.com" not in cli("deliveries", "show", "1").out
    assert "example.com" in cli("deliveries", "show", "1", "--reveal").out


def test_a_body_that_is_no_json_is_shown_only_when_asked_for(cli, home):
    """Nobody can say what it holds."""
    cli("webhook", "send", home.body("broken", "{customer@example.com"))
    hidden, shown = cli("deliveries", "show", "1", "--json"), cli("deliveries", "show", "1", "--json", "--reveal")

    assert (21, None) == (hidden.json["bytes"], hidden.json["body"])
    assert "{customer@example.com" == shown.json["body"]
    assert "no JSON" in cli("deliveries", "show", "1").out


def test_an_unknown_state_names_the_nearest(cli, home):
    """A mistyped state is wrong use."""
    assert "nearest known: 'quarantined'" in cli("deliveries", "list", "--state", "quarantine").err
