"""``op-core wire list | show | learn``, and where else a new shape shows."""

import pytest

CANARY = "Canary McMarked"


def send(cli, home, **body):
    """Have a message arrive, with more in its body than the page shows, and take it up."""
    said = {"claim_id": "C1", "order_id": "op-1", "source_order_id": "order-1001", "message": CANARY, **body}
    event = {"id": f"evt-{len(body)}", "topic": "message.created", "created_at": "2025-01-31T09:00:00Z", "body": said}
    assert 0 == cli("webhook", "send", home.body("message", event)).code
    assert 0 == cli("run").code


def doctor(cli):
    """Return what the doctor says of shapes."""
    return [(one["state"], one["check"], one["said"]) for one in cli("doctor", "--json").json["checks"]
            if "shape" in one["check"]]  # fmt: skip


def test_what_the_pages_show_is_quiet(cli, home):
    """A documented webhook is listed as known, and nothing is new anywhere."""
    send(cli, home)

    assert [("message.created", "known", [])] == [
        (one["what"], one["state"], one["news"])
        for one in cli("wire", "list", "main", "--json").json
        if one["delivery"]
    ]
    assert "none\n" == cli("wire", "list", "--new").out
    assert [("well", "shapes", "what came in has the shape that the pages show, or that was accepted")] == doctor(cli)
    assert [] == cli("deliveries", "list", "--json").json[0]["news"]


def test_a_new_field_shows_until_it_is_learned(cli, home, caplog):
    """In the log, in deliveries, in the doctor and in its own list; after that it is quiet, and what has it too."""
    send(cli, home, surprise=CANARY)
    number = cli("wire", "list", "--new", "--json").json[0]["id"]

    assert f"+body.surprise:text; see `op-core wire show {number}`" in caplog.text
    assert ["+body.surprise:text"] == cli("deliveries", "list", "--json").json[0]["news"]
    assert "new: +body.surprise:text" in cli("deliveries", "list").out
    assert "+body.surprise:text" in cli("deliveries", "show", "1").out
    learn = f"new: +body.surprise:text; op-core wire show {number}, then op-core wire learn main {number}"
    assert [("look", "shape of message.created", learn)] == doctor(cli)
    assert "+body.surprise:text" in cli("wire", "list", "main", "--new").out

    ended = cli("wire", "learn", "main", number)
    assert (0, "1 shape accepted\n") == (ended.code, ended.out)
    caplog.clear()
    send(cli, home, surprise="again", message="another")
    assert ["well"] == [state for state, *_ in doctor(cli)]
    assert "new shape" not in caplog.text
    assert [[], []] == [one["news"] for one in cli("deliveries", "list", "--json").json]
    assert "learned" == cli("wire", "show", number, "--json").json["state"]


def test_two_topics_of_one_shape_are_told_apart(cli, home):
    """What was accepted of one topic stays new with the other."""
    said = {"order_id": "op-1", "source_order_id": "order-1001", "amount": 1, "currency": "USD", "surprise": 1}
    for topic in ("protection.added", "protection.removed"):
        event = {"id": topic, "topic": topic, "created_at": "2025-01-31T09:00:00Z", "body": said}
        assert 0 == cli("webhook", "send", home.body(topic, event)).code
    cli("run")
    (number,) = [one["id"] for one in cli("wire", "list", "--new", "--json").json if one["what"] == "protection.added"]
    cli("wire", "learn", number)

    told = {one["topic"]: one["news"] for one in cli("deliveries", "list", "--json").json}
    assert {"protection.added": [], "protection.removed": ["+body.surprise:number"]} == told


def test_one_shape_is_shown_with_its_paths_and_its_first_body(cli, home):
    """What may be about a person is hidden there too, unless it is asked for."""
    send(cli, home, surprise=CANARY)
    number = cli("wire", "list", "--new", "--json").json[0]["id"]
    hidden, shown = cli("wire", "show", number, "--json").json, cli("wire", "show", number, "--json", "--reveal").json

    assert "body.surprise:text" in hidden["paths"]
    assert (1, ["+body.surprise:text"], "new") == (hidden["delivery"], hidden["news"], hidden["state"])
    assert ("***", CANARY) == (hidden["body"]["body"]["surprise"], shown["body"]["body"]["surprise"])
    assert "C1" == hidden["body"]["body"]["claim_id"]
    text = cli("wire", "show", number).out
    assert "body.surprise:text" in text
    assert "Canary" not in text
    assert CANARY in cli("wire", "show", number, "--reveal").out


def test_a_known_shape_keeps_no_body_of_an_answer(cli, home):
    """The doctor asked for orders: its answer has a shape, and nothing to show."""
    cli("doctor")
    (one,) = [one for one in cli("wire", "list", "--json").json if one["what"] == "GET /v1/orders (ORD-L)"]

    assert ("known", None) == (one["state"], cli("wire", "show", one["id"], "--json").json["body"])
    assert "No body is kept of this shape." in cli("wire", "show", one["id"]).out


def test_all_new_ones_are_learned_where_none_is_named(cli, home):
    """Of one store, or of all; the second time there is nothing to accept."""
    send(cli, home, surprise=1)
    send(cli, home, other=1, more=2)

    assert [{"learned": 2}, {"learned": 0}] == [cli("wire", "learn", "--json").json for _ in range(2)]
    send(cli, home, third=1, more=2, other=3)
    assert "1 shape accepted\n" == cli("wire", "learn", "main").out


def test_numbers_need_no_store(cli, home):
    """They are those of the ledger."""
    send(cli, home, surprise=1)
    number = cli("wire", "list", "--new", "--json").json[0]["id"]

    assert {"learned": 1} == cli("wire", "learn", number, "--json").json


@pytest.mark.parametrize(
    ("verb", "said"),
    [
        (("show", 9), "there is no shape 9; the ledger has none yet"),
        (("learn", "main", 9), "there is no shape 9; the ledger has none yet"),
        (("learn", "mian"), "there is no store 'mian'; nearest known: 'main'"),
        (("list", "mian"), "there is no store 'mian'; nearest known: 'main'"),
    ],
)
def test_what_is_not_there_is_wrong_use(cli, home, verb, said):
    """Nothing is accepted, and the nearest right thing is named."""
    ended = cli("wire", *verb)

    assert 2 == ended.code
    assert said in ended.err


def test_what_cannot_be_read_shows_as_such(cli, home):
    """A body that is no JSON is a shape of its own."""
    cli("webhook", "send", home.body("broken", "{" + CANARY))
    cli("run")
    number = cli("wire", "list", "--new", "--json").json[0]["id"]

    assert "no JSON that can be read" in cli("deliveries", "list").out
    assert ("look", "shape of unknown") == doctor(cli)[0][:2]
    assert "The body is no JSON that can be read" in cli("wire", "show", number).out
    assert CANARY in cli("wire", "show", number, "--reveal").out


def test_many_new_shapes_are_not_all_listed_by_the_doctor(cli, home):
    """Ten, and how many more."""
    for letter in "abcdefghijkl":
        cli("webhook", "send", home.body(letter, {"topic": "claim.odd", f"x{letter}": 1}))
    cli("run")
    said = doctor(cli)

    assert 11 == len(said)
    assert ("look", "more shapes", "2 more are new: op-core wire list main --new") == said[-1]
