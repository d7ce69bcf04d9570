"""``op-core actions explain``: from the bytes to each cent, as a finance person traces it."""

import json

import pytest


@pytest.fixture
def yen(cli, claim):
    """Give a claim about an order in yen that was paid in two ways."""
    claim.file("order-1005")
    return claim


def item(claim, **said):
    """Return one item of the order's first line, whose amounts are text."""
    usual = {"item_id": claim.line.id, "sku": claim.line.sku, "quantity": 1, "price": "33.333", "discount": "3.00",
             "tax": "1.11", "resolution_percentage": 50}  # fmt: skip
    return {**usual, **said}


def explained(cli, action=1):
    return cli("actions", "explain", action, "--json").json


def test_each_number_has_its_place_and_its_formula(cli, claim):
    """Where in the body it stands, how it was reckoned, and what it was before it was rounded."""
    second = item(claim, price="10.01", discount="0", tax="0", resolution_percentage=100)
    claim.arrive(items=[item(claim), second], total_refund_amount="25.73")
    said = explained(cli)["resolution"]

    assert "body.resolutions[0].details" == said["at"]
    facts = {line["at"]: (line["reckoned"], line["exactly"], line["as_unit"]) for line in said["lines"]}
    at = "body.resolutions[0].details.items"
    assert ("(33.333 - 3 + 1.11) * 50 %", "15.7215", "15.72 USD") == facts[f"{at}[0]"]
    assert ("10.01 - 0 + 0", "10.01", "10.01 USD") == facts[f"{at}[1]"]
    told = cli("actions", "explain", 1).out
    assert "never computed, only compared" in told
    assert "rounded half-up to 2 digits (USD)" in told
    assert "(33.333 - 3 + 1.11) * 50 %" in told


def test_the_split_says_its_rule_and_adds_up(cli, home, yen):
    """Two payments of yen: whole yen only, in the shop's order, and the sum is what is owed."""
    paid = home.shop.order("order-1005").payments
    owed = paid[0].refundable.amount + 1
    yen.arrive(items=[item(yen, price=str(owed), discount="0", tax="0", resolution_percentage=100)],
               total_refund_amount=str(owed))  # fmt: skip
    known = explained(cli)

    assert [(paid[0].id, str(paid[0].refundable.amount)), (paid[1].id, "1")] == [
        (part["payment_id"], part["amount"]) for part in known["split"]["parts"]
    ]
    assert (f"{owed} JPY", f"{owed} JPY") == (known["split"]["owed"], known["split"]["sum"])
    assert "each to its last whole 1 JPY" in known["split"]["rule"]
    assert known["split"]["rule"] in cli("actions", "explain", 1).out


def test_what_stops_says_which_number_is_too_much(cli, yen):
    """Digits that yen do not have, and more than was paid: the figure, the rule, and that nobody can approve it."""
    yen.arrive(items=[item(yen)], total_refund_amount="18.72")
    yen.arrive("STORE_CREDIT", items=[item(yen)], total_refund_amount="9000.00")
    digits, over = explained(cli)["holds"], explained(cli, 2)["holds"]

    assert ("18.72 has more digits than JPY has", False) == (digits[0]["reason"], digits[0]["approvable"])
    assert [False] == [one["approvable"] for one in over if one["code"] == "above_paid" and "was paid" in one["reason"]]
    assert "not shared out" in explained(cli)["split"]["rule"]
    assert "was: REFUND 18.72 JPY" in cli("actions", "explain", 2).out


def test_the_second_of_two_equal_decisions_is_explained_as_well(cli, claim):
    """The same words twice are two refunds; each names its own place in the body."""
    path = claim.decide(total_refund_amount="34.95")
    body = json.loads(path.read_text())
    body["body"]["resolutions"] *= 2
    path.write_text(json.dumps(body))
    assert 0 == cli("webhook", "send", path).code
    assert 0 == cli("run").code

    places = ["body.resolutions[0].details", "body.resolutions[1].details"]
    assert places == [explained(cli, n)["resolution"]["at"] for n in (1, 2)]
    assert "2. what was decided" in cli("actions", "explain", 2).out
