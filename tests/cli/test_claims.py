"""``op-core claims list | show | file``."""

import io
import json
import sys
from pathlib import Path

import pytest

WIRE = Path(__file__).parents[1] / "data" / "wire"


def test_a_list_has_what_both_sides_know(cli, claim):
    """Each claim of the order comes with the API's state and with our actions."""
    claim.arrive()
    (one,) = cli("claims", "list", "main", "--order", claim.order_id, "--json").json

    assert (claim.id, "APPROVED") == (one["id"], one["state"])
    assert ["held"] == [action["state"] for action in one["ledger"]["actions"]]
    assert claim.id in cli("claims", "list", "main", "--order", claim.order_id).out


def test_people_are_hidden_unless_revealed(cli, home, claim):
    """Name, e-mail and the customer's words are shown with --reveal alone."""
    asked = ("claims", "show", "main", claim.id, "--order", claim.order_id, "--json")
    hidden, shown = cli(*asked), cli(*asked, "--reveal")

    assert ("***", "***") == (hidden.json["claim"]["author_email"], hidden.json["claim"]["description"])
    assert "customer-1@example.com" == shown.json["claim"]["author_email"]
    assert "example.com" not in hidden.out


def test_a_person_reads_a_claim(cli, claim):
    """What Order Protection says and what the ledger has stand side by side."""
    claim.arrive()
    ended = cli("claims", "show", "main", "--order", claim.order_id, claim.id)

    assert 0 == ended.code
    assert "Order Protection" in ended.out
    assert "the ledger" in ended.out


def test_a_claim_that_order_protection_does_not_list_is_not_well(cli, home, claim):
    """Who made a claim up is found out here."""
    made_up = claim.decide().read_text().replace(claim.id, "made-up")
    cli("webhook", "send", home.body("made-up", made_up))
    cli("run")
    ended = cli("claims", "show", "main", "made-up", "--order", claim.order_id, "--json")

    assert 1 == ended.code
    assert (None, 1) == (ended.json["claim"], len(ended.json["ledger"]["actions"]))


def test_an_unknown_claim_names_the_nearest(cli, claim):
    """A mistyped id is wrong use."""
    ended = cli("claims", "show", "main", claim.id[:-1], "--order", claim.order_id)

    assert 2 == ended.code
    assert f"nearest known: '{claim.id}'" in ended.err


def test_an_unknown_order_exits_1(cli, claim):
    """The API's answer is said."""
    ended = cli("claims", "list", "main", "--order", "order-9")

    assert 1 == ended.code
    assert "404" in ended.err


# --- All claims ----------------------------------------------------------------------------------------------------


@pytest.fixture
def many(home, claim):
    """File four more claims about the order of `claim`; give the ids of all five."""
    filed = [home.sandbox.local.claims.file({"source_order_id": claim.order_id})["claim_id"] for _ in range(4)]
    return {claim.id, *filed}


def listed(ended):
    return [one["id"] for one in ended.json]


def test_without_an_order_all_claims_are_listed(cli, many):
    """Page CLM-L shows less of each, and no type."""
    ended = cli("claims", "list", "main", "--json")

    assert (0, "") == (ended.code, ended.err)
    assert many == set(listed(ended))
    assert {None} == {one["type"] for one in ended.json}
    assert all(one in cli("claims", "list", "main").out for one in many)


def test_a_list_goes_on_where_it_was_stopped(cli, many):
    """It says where; nothing is left out and nothing is shown twice."""
    found, more = [], ("--limit", "2")
    for _ in range(3):
        ended = cli("claims", "list", "main", "--json", *more)
        found += listed(ended)
        more = ("--limit", "2", "--cursor", ended.err.strip().rpartition(" ")[2])

    assert "" == ended.err
    assert sorted(many) == sorted(found)


def test_a_list_that_fails_shows_what_was_read_and_where_to_go_on(cli, home, many):
    """The API fails on the second page."""
    read = home.sandbox.local.switchboard
    limited = cli("claims", "list", "main", "--json", "--limit", "2")
    cursor = limited.err.strip().rpartition(" ")[2]
    read.change({"faults": [{"kind": "status", "status": 403, "path": "/v1/claims", "times": 1}]})
    ended = cli("claims", "list", "main", "--json", "--cursor", cursor)

    assert (1, []) == (ended.code, listed(ended))
    assert f"What was read is shown; go on with op-core claims list main --cursor {cursor}" in ended.err


def test_a_cursor_of_one_order_is_wrong_use(cli, home):
    """The claims of an order are one page."""
    assert 2 == cli("claims", "list", "main", "--order", "order-1001", "--cursor", "x").code


# --- What is shown -------------------------------------------------------------------------------------------------


def test_a_claim_is_shown_with_messages_credits_documents_and_policy(cli, home, claim):
    """Codes are money, addresses of pictures are somebody's: both only with --reveal."""
    local = home.sandbox.local
    local.claims.message(claim.id, {"message": "we look into it"})
    local.claims.credit(claim.id, {"value": "5.00", "code": "CREDIT-CODE-1"})
    asked = ("claims", "show", "main", claim.id, "--order", claim.order_id)
    hidden, shown = cli(*asked, "--json"), cli(*asked, "--json", "--reveal")

    assert [{"sender": "brand", "message": "***", "medias": []}] == hidden.json["claim"]["messages"]
    assert ("***", "5.00") == tuple(hidden.json["claim"]["store_credits"][0][name] for name in ("code", "total"))
    assert "we look into it" == shown.json["claim"]["messages"][0]["message"]
    assert "CREDIT-CODE-1" == shown.json["claim"]["store_credits"][0]["code"]
    assert "customer" == shown.json["claim"]["policy"]["funded_by"]
    printed = cli(*asked).out
    assert all(word in printed for word in ("messages", "store credits", "policy", "funded_by", "5.00 USD"))
    assert "CREDIT-CODE-1" not in printed


# --- Filing --------------------------------------------------------------------------------------------------------


@pytest.fixture
def online(home, claim):
    """Give the body of a claim about one unit of an order that was exported, in the form of page CLM-C."""
    parcel = home.shop.fulfillments([claim.order_id])[0]
    line = parcel.lines[0].line_id
    issue = {"issueType": "DAMAGED", "quantity": 1, "sourceItemId": line, "details": "it fell to pieces"}
    return {
        "email": "customer-1@example.com",
        "fulfillmentIssues": [{"sourceFulfillmentId": parcel.id, "issues": [issue]}],
        "resolution": {"desiredMethod": "REFUND"},
    }


def test_a_claim_is_filed_once(cli, home, claim, online):
    """A repeat prints the first result, and Order Protection has one more claim, not two."""
    asked = ("claims", "file", "main", "--order", claim.order_id, "--file", home.body("claim", online), "--key", "t-7")
    first, second = cli(*asked, "--json"), cli(*asked, "--json")

    assert (0, 0) == (first.code, second.code)
    assert first.json == second.json
    assert ("filed", claim.order_id, "t-7") == tuple(first.json[name] for name in ("state", "order_id", "key"))
    assert {claim.id, first.json["claim_id"]} == set(
        listed(cli("claims", "list", "main", "--order", claim.order_id, "--json"))
    )
    assert first.json["claim_id"] in cli(*asked).out


def test_a_claim_comes_from_stdin(cli, claim, online, monkeypatch):
    """For a pipe."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(json.dumps(online).encode())))

    assert 0 == cli("claims", "file", "main", "--order", claim.order_id, "--file", "-").code


def test_an_offline_claim_is_filed(cli, home):
    """The order id that was made up is printed; its claims are listed under it."""
    home.settings(store='op_store_id = "store_123"')
    home.sandbox.local.switchboard.change({"store_id": "store_123"})
    ended = cli("claims", "file", "main", "--offline", "--file", WIRE / "offline_claim.request.json", "--json")

    assert 0 == ended.code
    assert [ended.json["claim_id"]] == listed(
        cli("claims", "list", "main", "--order", ended.json["order_id"], "--json")
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: it.pop("email"), "FileClaim.email: required, and missing (page CLM-C)"),
        (
            lambda it: it["fulfillmentIssues"][0]["issues"][0].update(issueType="BROKEN"),
            "FileClaim.fulfillmentIssues.0.issues.0.issueType: found text;",
        ),
        (
            lambda it: it["fulfillmentIssues"][0]["issues"][0].update(quantity=99),
            "fulfillmentIssues[0].issues[0].quantity: found 99 units",
        ),
        (
            lambda it: it.update(resolution={"desiredMethd": "REFUND"}),
            "not a field of this page, the nearest is d",
        ),
    ],
)
def test_a_claim_that_is_wrong_is_wrong_use(cli, home, claim, online, change, said):
    """Field and rule are named, and nothing is sent."""
    change(online)
    ended = cli("claims", "file", "main", "--order", claim.order_id, "--file", home.body("claim", online))

    assert 2 == ended.code
    assert said in ended.err
    assert 1 == len(cli("claims", "list", "main", "--order", claim.order_id, "--json").json)


@pytest.mark.parametrize(
    ("body", "said"),
    [("{", "not JSON"), ("[]", "expected one JSON object"), (None, "cannot be read: No such file")],
)
def test_a_file_that_is_no_claim_is_wrong_use(cli, home, body, said):
    """The file is named."""
    path = home.folder / "none.json" if body is None else home.body("claim", body)
    ended = cli("claims", "file", "main", "--order", "order-1001", "--file", path)

    assert 2 == ended.code
    assert said in ended.err


@pytest.mark.parametrize("more", [(), ("--order", "order-1001", "--offline")])
def test_either_an_order_or_offline(cli, home, online, more):
    """A claim is about one of the two."""
    assert 2 == cli("claims", "file", "main", "--file", home.body("claim", online), *more).code


def test_a_claim_that_may_have_been_filed_exits_1(cli, home, claim, online):
    """The text says what to do, and names nobody."""
    faults = [
        {"kind": "status", "status": 500, "method": "POST", "path": "/v1/claims"},
    ]
    home.sandbox.local.switchboard.change({"faults": faults})
    ended = cli("claims", "file", "main", "--order", claim.order_id, "--file", home.body("claim", online), "--key", "t")

    assert 1 == ended.code
    assert "the claim may have been filed, and no claim of the order shows it yet" in ended.err
    assert "example.com" not in ended.err
