"""What a webhook says never steers the terminal of whoever looks at it."""

import ast
import logging
from pathlib import Path

import pytest

import op_core.cli as cli_package
from op_core.cli import output
from op_core.testing.hostile import TEXTS

ALL = " | ".join(TEXTS)
SHORT = ALL[-255:]  # the longest id


@pytest.fixture
def told(cli, home, claim):
    """Give a decision that was carried out, and deliveries about it that are full of what steers."""
    claim.arrive()
    about = {"claim_id": claim.id, "order_id": SHORT, "source_order_id": claim.order_id}
    for n, (topic, body) in enumerate([
        ("message.created", {**about, "message": ALL}),
        ("claim.denied", {**about, "resolutions": [{"type": text} for text in TEXTS]}),
        ("claim.created", {**about, "claim_description": ALL, "claim_type": SHORT, "items": []}),
        ("claim.approved", {**about, "resolutions": [{"type": SHORT, "details": {"items": []}}]}),
        ("protection.added", {**about, "source_order_id": SHORT, "amount": 1, "currency": "USD"}),
        (ALL, {ALL: ALL}),
    ]):  # fmt: skip
        envelope = {"id": f"{n} {TEXTS[7]}", "created_at": "2025-01-31T09:30:00Z", "topic": topic}
        assert cli("webhook", "send", home.body("hostile", {**envelope, "body": body})).code == 0
    assert cli("run").code == 0
    return claim


def steering(text):
    """Return what is neither printable nor the end of a line."""
    return {letter for letter in text if not letter.isprintable()} - {"\n"}


def shown(cli):
    """Return how each command ended that shows something of it."""
    deliveries, actions = (
        [one["id"] for one in cli(what, "list", "--json").json] for what in ("deliveries", "actions")
    )
    assert len(deliveries) > 6
    assert len(actions) > 1
    commands = [
        *[("deliveries", "list"), ("actions", "list"), ("wire", "list"), ("run",), ("doctor",)],
        *[("deliveries", "show", one, "--reveal") for one in deliveries],
        *[("actions", "show", one, "--reveal") for one in actions],
        *[("actions", "explain", one) for one in actions],
    ]
    return {" ".join(map(str, command)): cli(*command) for command in commands}


def test_nothing_that_steers_reaches_a_terminal(cli, told):
    """No control character, no mark that turns the writing, and no line end that was not ours, by any command."""
    ended = shown(cli)

    for command, said in ended.items():
        assert set() == steering(said.out + said.err), command
    assert any("\ufffd[2J" in said.out for said in ended.values())
    assert any("[bold red]x[/bold red] :smile:" in said.out for said in ended.values())


def test_what_order_protection_shows_steers_nothing(cli, home):
    """A claim's own words and messages, as its API has them."""
    assert cli("orders", "export", "main", "--order", "order-1001").code == 0
    filed = home.sandbox.local.claims.file({"source_order_id": "order-1001", "description": ALL})
    home.sandbox.local.claims.message(filed["claim_id"], {"message": ALL})
    said = cli("claims", "show", "main", filed["claim_id"], "--order", "order-1001", "--reveal")

    assert (0, set()) == (said.code, steering(said.out + said.err))
    assert "\ufffd[2J" in said.out


def test_one_module_writes_to_a_terminal():
    """What all commands print goes through `op_core.cli.output`, which takes out what steers."""
    others = [path for path in Path(cli_package.__file__).parent.glob("*.py") if path.name != "output.py"]
    ways = ("print", "echo", "secho", "stdout.write", "stderr.write", "Console", "print_exc", "print_exception")
    found = [
        f"{path.name}:{node.lineno}"
        for path in others
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and f".{ast.unparse(node.func)}".endswith(tuple(f".{way}" for way in ways))
    ]

    assert len(others) > 20
    assert [] == found


def test_json_steers_nothing_either(cli, told):
    """Whatever is not ASCII is escaped in it."""
    for command in (("deliveries", "show", "1", "--reveal", "--json"), ("actions", "list", "--json")):
        text = cli(*command).out
        assert text.isascii()
        assert set() == steering(text)


def test_a_line_of_the_log_is_one_line_that_steers_nothing(cli, monkeypatch):
    """Keys of a body and ids of a shop's orders stand in it."""
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    cli("--version")
    (handler,) = logging.getLogger().handlers

    for text in TEXTS:
        record = logging.LogRecord("op_core", logging.WARNING, "", 0, "order %s", (text,), None)
        assert handler.format(record).isprintable()
    assert isinstance(handler.formatter, output.Plain)
