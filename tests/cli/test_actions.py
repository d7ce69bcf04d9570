"""``op-core actions list | show | explain``."""

import os
import signal
import subprocess
import sys

import pytest

from op_core.claims.states import TRANSITIONS


@pytest.fixture
def held(claim):
    """Give a claim whose refund waits for a person, as no limit is set."""
    claim.arrive()
    return claim


def test_a_list_is_filtered_by_state(cli, held):
    """``held`` is what waits for a person; every other state is itself."""
    (one,) = cli("actions", "list", "main", "--state", "held", "--json").json

    assert (1, "main", "held", "refund") == (one["id"], one["store"], one["state"], one["verb"])
    assert ("34.95", "USD") == (one["amount"], one["currency"])
    assert "limits.hold_above" in one["why"]
    assert [] == cli("actions", "list", "--state", "done", "--json").json


def test_a_person_reads_the_list(cli, held):
    """The table has the amount with its currency."""
    assert "34.95 USD" in cli("actions", "list").out
    assert "none\n" == cli("actions", "list", "--state", "done").out


def test_the_newest_are_shown(cli, home, held):
    """A long list is cut at its old end, and says so."""
    cli("webhook", "send", held.decide("RESHIP"))
    cli("run")
    ended = cli("actions", "list", "--limit", "1", "--json")

    assert [2] == [one["id"] for one in ended.json]
    assert "1 older" in ended.err


@pytest.mark.parametrize("state", TRANSITIONS)
def test_every_state_can_be_asked_for(cli, home, state):
    """The filter knows the states of the table of states."""
    assert [] == cli("actions", "list", "--state", state, "--json").json


def test_an_unknown_state_names_the_nearest(cli, home):
    """A mistyped state is wrong use."""
    ended = cli("actions", "list", "--state", "heldd")

    assert (2, "op-core: there is no state 'heldd'; nearest known: 'held'\n") == (ended.code, ended.err)


def test_an_unknown_action_says_which_there_are(cli, held):
    """A wrong number is wrong use."""
    ended = cli("actions", "show", "7")

    assert (2, "op-core: there is no action 7; the newest is 1\n") == (ended.code, ended.err)


def test_a_call_that_was_killed_says_why_it_waits(cli, home, claim):
    """Until its lease ends nobody else may call; then the shop is asked."""
    home.settings('[stores.main.limits]\nhold_above = { USD = "250.00" }')
    cli("webhook", "send", claim.decide())
    command = [sys.executable, "-m", "op_core", "run"]
    killed = subprocess.run(
        command, check=False, capture_output=True, env={**os.environ, "OP_CRASH_POINT": "refund:after"}
    )
    shown = cli("actions", "show", "1", "--json").json

    assert (-signal.SIGKILL, "calling") == (killed.returncode, shown["state"])
    assert f"until {shown['lease_until'][:10]}" in shown["waits"]
    assert shown["waits"] in cli("actions", "show", "1").out
    assert "cannot be retried" in cli("actions", "retry", "1").err


def test_show_has_all_that_a_decision_needs(cli, held):
    """The plan's hash, the holds, the readings, the effect and what approving would do."""
    shown = cli("actions", "show", "1", "--json").json

    assert 64 == len(shown["plan"])
    assert [("above_limit", True)] == [(one["code"], one["approvable"]) for one in shown["holds"]]
    assert 12 == len(shown["readings"])
    assert shown["approve"].startswith("op_issue_refund: give back 34.95 USD of payment")
    assert ("34.95 USD", "REFUND") == (shown["owed"], shown["from"])
    assert [] == shown["attempts"] + shown["decisions"]


def test_a_person_reads_the_hash_of_the_plan(cli, held):
    """What `approve --plan` takes is in the text."""
    plan = cli("actions", "show", "1", "--json").json["plan"]

    assert ["plan", plan[:12]] in [line.split() for line in cli("actions", "show", "1").out.splitlines()]


def test_an_amended_plan_shows_the_difference(cli, home, claim):
    """What was decided before, what is now, and which actions exclude each other."""
    claim.arrive()
    claim.arrive(quantity=2)
    before, after = (cli("actions", "show", n, "--json").json for n in (1, 2))

    assert ["above_limit", "amended"] == [one["code"] for one in before["holds"]]
    assert "was: REFUND 34.95 USD for 1 of line-1001-1; now: REFUND 69.9 USD for 2 of line-1001-1" in after["why"]
    assert [1] == [one["id"] for one in after["rivals"]]
    assert "in the place of action 1" in after["approve"]


def test_personal_data_is_hidden_unless_revealed(cli, home, claim):
    """An address is a country and a state until somebody asks for more; so is the text of a note."""
    claim.arrive("RESHIP")
    message = {"topic": "message.created", "body": {"claim_id": claim.id, "source_order_id": claim.order_id,
               "order_id": "op-order", "message": "Call me at +12025550100"}}  # fmt: skip
    cli("webhook", "send", home.body("message", message))
    cli("run")
    hidden = cli("actions", "show", "1", "--json")
    shown = cli("actions", "show", "1", "--json", "--reveal")

    assert ("US", "***") == (hidden.json["address"]["country"], hidden.json["address"]["street_address_1"])
    assert "1 Example Street" == shown.json["address"]["street_address_1"]
    assert "***" == cli("actions", "show", "2", "--json").json["text"]
    assert "2025550100" not in cli("actions", "show", "2").out + cli("actions", "explain", "2").out
    assert "Call me at +12025550100" == cli("actions", "show", "2", "--json", "--reveal").json["text"]


def test_explain_goes_from_the_bytes_to_each_cent(cli, held):
    """Delivery, resolution, readings, split and holds, in that order, and the sums agree."""
    body = held.decide().read_bytes()
    known = cli("actions", "explain", "1", "--json").json

    assert ["action", "delivery", "resolution", "readings", "split", "holds"] == list(known)
    assert (len(body), "claim.approved") == (known["delivery"]["bytes"], known["delivery"]["topic"])
    assert ("REFUND", "34.95") == (known["resolution"]["type"], known["resolution"]["total"])
    assert ["34.95 USD"] == [line["as_unit"] for line in known["resolution"]["lines"]]
    assert (12, {True}) == (len(known["readings"]), {one["equals"] for one in known["readings"]})
    assert ("34.95 USD", ["34.95"]) == (known["split"]["sum"], [one["amount"] for one in known["split"]["parts"]])
    assert ["above_limit"] == [one["code"] for one in known["holds"]]


def test_explain_shows_the_split_over_two_payments(cli, home, claim):
    """An order that was paid in two ways is given back in two parts that add up."""
    claim.file("order-1005")
    order = home.shop.order(claim.order_id)
    claim.arrive(items=[], total_refund_amount=str(order.paid.amount))
    known = cli("actions", "explain", "1", "--json").json

    assert 2 == len(known["split"]["parts"])
    assert str(order.paid) == known["split"]["sum"]


def test_a_person_reads_the_explanation(cli, held):
    """Each step has its heading; people in the body stay hidden."""
    ended = cli("actions", "explain", "1")

    assert 0 == ended.code
    assert [] == [
        step for step in ("1. what arrived", "2. what was", "3. what the", "4. split") if step not in ended.out
    ]
