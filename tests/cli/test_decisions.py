"""``op-core actions approve | decline | retry | record``."""

import pytest

ACTING = """
[stores.main.limits]
hold_above = { USD = "250.00" }
"""


@pytest.fixture
def held(claim):
    """Give a claim whose refund waits for a person, as no limit is set."""
    claim.arrive()
    return claim


def shown(cli):
    """Return what the ledger has of the first action."""
    return cli("actions", "show", "1", "--json").json


def test_an_approved_action_is_done_by_the_next_run(cli, home, held):
    """Held, approved with the hash that was shown, then done: once, in the shop's own tables."""
    plan = shown(cli)["plan"]
    approved = cli("actions", "approve", "1", "--plan", plan[:12], "--who", "the owner", "--json")
    ran = cli("run", "--json")
    done = shown(cli)

    assert (0, "due") == (approved.code, approved.json["state"])
    assert (0, 1) == (ran.code, ran.json["counts"]["action done"])
    assert ("done", "moved", "paid back by the gateway") == (done["state"], done["money"], done["money_words"])
    assert [("the owner", "approve")] == [(one["who"], one["what"]) for one in done["decisions"]]
    assert ["call: begun", "result: done"] == [one["result"] for one in done["attempts"]]
    assert "no_route" == done["report"]["state"]
    assert ["34.95 USD"] == [str(effect.amount) for effect in home.shop.effects()]


def test_an_approval_of_another_plan_is_refused(cli, home, held):
    """Who saw another plan approves nothing."""
    ended = cli("actions", "approve", "1", "--plan", "000000000000")

    assert (1, "") == (ended.code, ended.out)
    assert "is not the plan you saw" in ended.err
    assert "held" == shown(cli)["state"]


@pytest.mark.parametrize(("money", "state", "words"), [("queued", "pending", "own job will pay"),
                                                       ("booked", "done", "moved elsewhere")])  # fmt: skip
def test_how_the_money_moved_is_said(cli, home, claim, money, state, words):
    """Money that has not moved is never called paid."""
    home.settings(ACTING, options=f', refund_money = "{money}"')
    claim.arrive()
    known = shown(cli)

    assert (state, money) == (known["state"], known["money"])
    assert words in known["money_words"]
    assert words in cli("actions", "show", "1").out


def test_a_declined_action_is_over(cli, home, held):
    """It is never done, and the reason is kept."""
    ended = cli("actions", "decline", "1", "--reason", "already refunded by hand", "--json")
    cli("run")
    known = shown(cli)

    assert (0, "declined") == (ended.code, ended.json["state"])
    assert "already refunded by hand" == known["decisions"][0]["reason"]
    assert known["approve"].startswith("nothing")
    assert [] == list(home.shop.effects())


def test_a_decline_needs_a_reason(cli, held):
    """Blank text is none."""
    assert 2 == cli("actions", "decline", "1", "--reason", " ").code


def test_what_was_done_by_hand_is_recorded(cli, home, held):
    """The shop's own id is kept, a report is owed, and the shop is not called."""
    ended = cli("actions", "record", "1", "--done", "refund-by-hand", "--json")
    cli("run")
    known = shown(cli)

    assert (0, "done") == (ended.code, ended.json["state"])
    assert ("refund-by-hand", "no_route") == (known["shop_id"], known["report"]["state"])
    assert [] == list(home.shop.effects())


def test_what_was_not_done_is_recorded(cli, held):
    """The word of a person is written down, and the action still waits."""
    ended = cli("actions", "record", "1", "--not-done", "--json")

    assert (0, "held") == (ended.code, ended.json["state"])
    assert ["record"] == [one["what"] for one in shown(cli)["decisions"]]


@pytest.mark.parametrize("said", [(), ("--done", "x", "--not-done"), ("--done", "")])
def test_a_record_says_one_of_the_two(cli, held, said):
    """Both, or neither, is wrong use."""
    assert 2 == cli("actions", "record", "1", *said).code


def test_what_is_refused_can_be_retried(cli, home, claim):
    """A refund that the shop refused is called again once somebody asks for it."""
    home.settings(ACTING)
    (home.folder / "strict.py").write_text(
        "from pathlib import Path\n"
        "from op_core.demo.shop import DemoShop\n"
        "from op_core.errors import Refused\n"
        "class Shop(DemoShop):\n"
        "    def grant_refund(self, request):\n"
        "        if not (self.directory / 'open').exists(): raise Refused('the till is closed')\n"
        "        return super().grant_refund(request)\n"
    )
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", "strict:Shop"))
    claim.arrive()
    before = shown(cli)
    (home.folder / "open").touch()
    ended = cli("actions", "retry", "1")
    cli("run")

    assert ("refused", "the till is closed") == (before["state"], before["reason"])
    assert 0 == ended.code
    assert "op-core run" in ended.err
    assert "done" == shown(cli)["state"]


def test_what_is_held_cannot_be_retried(cli, held):
    """The text says what can be done instead."""
    ended = cli("actions", "retry", "1")

    assert 1 == ended.code
    assert "approve or decline it" in ended.err


@pytest.mark.parametrize("verb", [("approve",), ("decline", "--reason", "x"), ("retry",), ("record", "--not-done")])
def test_an_unknown_action_is_wrong_use(cli, home, verb):
    """No decision is taken about what is not there."""
    ended = cli("actions", verb[0], "9", *verb[1:])

    assert (2, "op-core: there is no action 9; the ledger has none yet\n") == (ended.code, ended.err)


def test_a_decision_for_a_parked_store_says_that_nothing_acts(cli, home, held):
    """The decision is kept; the store has to be mended first."""
    home.settings(store="no_such_key = 1")
    ended = cli("actions", "approve", "1")

    assert 0 == ended.code
    assert "store main is parked: mend it first" in ended.err


# --- Money, declared in advance ------------------------------------------------------------------------------------

TO_BE = "it is only written down in the shop; the money has to be moved elsewhere"


@pytest.fixture
def booking(home):
    """Give a shop whose refunds are declared as booked, and are."""
    name = f"booking_{home.folder.name}"
    (home.folder / f"{name}.py").write_text(
        "from op_core.capabilities import Capability\nfrom op_core.demo.shop import DemoShop\n"
        "class Shop(DemoShop):\n    capabilities = {'op_issue_refund': Capability('supported', money='booked')}\n"
    )
    home.settings(options=', refund_money = "booked"')
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", f"{name}:Shop"))


def test_whoever_decides_is_told_how_the_money_would_move(cli, booking, held):
    """Wherever a held action is shown: in the list, alone, explained; and by the approval itself."""
    listed, known = cli("actions", "list", "--json").json[0], shown(cli)
    explained = cli("actions", "explain", "1", "--json").json

    assert listed["why"].endswith(f"; money: {TO_BE}")
    assert ("booked", None, TO_BE) == (known["money_declared"], known["money"], known["money_words"])
    assert [True] == [one["reason"].endswith(f"; money: {TO_BE}") for one in known["holds"]]
    assert known["holds"] == explained["holds"]
    assert f"; money: {TO_BE}. The caps still hold" in known["approve"]
    for command in (("list",), ("show", "1"), ("explain", "1"), ("approve", "1")):
        assert TO_BE in cli("actions", *command).out


def test_a_due_action_says_it_and_a_done_one_says_what_became_of_it(cli, booking, held):
    """Before the call by the adapter's word, afterwards by the outcome's."""
    cli("actions", "approve", "1")
    due = shown(cli)
    cli("run")
    done = shown(cli)

    assert ("due", TO_BE) == (due["state"], due["money_words"])
    assert ("done", "written down in the shop; the money has to be moved elsewhere") == (
        done["state"],
        done["money_words"],
    )


def test_doctor_repeats_what_is_declared(cli, booking):
    """In the table of what the shop can do."""
    ended = cli("doctor", "--json")
    declared = {one["hook"]: one["money"] for one in ended.json["capabilities"]["main"]}

    assert ("booked", None) == (declared["op_issue_refund"], declared["op_issue_store_credit"])
    assert f"booked: {TO_BE}" in cli("doctor").out


def test_what_is_declined_says_nothing_of_money(cli, booking, held):
    """None will move."""
    cli("actions", "decline", "1", "--reason", "done by hand")

    assert (None, None) == (shown(cli)["money_declared"], shown(cli)["money_words"])
