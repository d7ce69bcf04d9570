"""The entry: exit codes, one clear line for what goes wrong, and a quick start."""

import socket
import subprocess
import sys
from importlib.metadata import version

import pytest

VERBS = "init doctor demo serve run report sandbox orders claims actions deliveries webhook app adapters db".split()
AIMED = [
    ("orders", "export", "main"),
    ("claims", "list", "main", "--order", "1"),
    ("claims", "show", "main", "c1", "--order", "1"),
    ("actions", "list", "main"),
    ("deliveries", "list", "main"),
    ("deliveries", "replay", "main"),
    ("report", "main", "--since", "1 h"),
    ("run", "main"),
    ("app", "authorize", "main"),
    ("app", "status", "main"),
    ("webhook", "send", "op.toml", "--store", "main"),
]
HEAVY = ("alembic", "httpx", "sqlalchemy", "starlette", "uvicorn")


def test_help_names_every_verb(cli):
    """``--help`` lists all verbs and ends well."""
    ended = cli("--help")

    assert 0 == ended.code
    assert [] == [verb for verb in VERBS if verb not in ended.out]


def test_the_version_is_printed(cli):
    """One line, and it ends well."""
    ended = cli("--version")

    assert (0, f"op-core {version('op-core')}\n") == (ended.code, ended.out)


def test_half_a_verb_names_the_whole(cli):
    """Who forgets the first word is told it."""
    ended = cli("replay", "main")

    assert (2, "") == (ended.code, ended.out)
    assert "Did you mean 'deliveries replay'?" in ended.err


def test_a_retry_of_a_call_is_no_message(cli, home):
    """What is tried again says nothing; what fails for good does, in whole sentences."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    home.config.write_text(home.config.read_text().replace(home.sandbox.url, f"http://127.0.0.1:{port}"))
    ended = cli("orders", "export", "main")

    assert 1 == ended.code
    assert 1 == ended.err.count("\n")
    assert "safe to send it again. The export of store main stopped here" in ended.err


def test_a_number_of_a_gap_comes_with_where_it_is_explained(cli, home):
    """Once, and only where one was shown."""
    home.settings("[stores.main.resolutions]\nflat_rate = 'act'\nstore_credit = 'act'")
    told, silent = cli("doctor"), cli("doctor", "--json")

    assert "(G-6)" in told.out
    assert 1 == told.err.count("docs/reference/wire.md")
    assert "" == silent.err


def test_help_loads_nothing_heavy():
    """The start is quick because ledger, network and server stay away until they are needed."""
    code = (
        "import sys; from op_core.cli import main\n"
        "try: main(['--help'])\n"
        f"except SystemExit: print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)

    assert "[]\n" == ended.stderr


def test_the_package_runs_as_a_module():
    """``python -m op_core`` is ``op-core``."""
    ended = subprocess.run([sys.executable, "-m", "op_core", "actions", "--help"], check=True, capture_output=True)

    assert b"approve" in ended.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ("nonsense",),
        ("actions", "show"),
        ("actions", "show", "one"),
        ("actions", "list", "--nonsense"),
        ("actions", "decline", "1"),
        ("report", "main"),
    ],
)
def test_wrong_arguments_exit_2(cli, wrong):
    """Arguments that no command takes are wrong use."""
    ended = cli(*wrong)

    assert (2, "") == (ended.code, ended.out)


def test_settings_that_cannot_be_read_exit_2_in_one_line(cli, tmp_path):
    """Bad settings are one line on stderr, without a traceback."""
    (tmp_path / "op.toml").write_text("[ledger\n")
    ended = cli("actions", "list", "--config", tmp_path / "op.toml")

    assert (2, "") == (ended.code, ended.out)
    assert 1 == ended.err.count("\n")
    assert "not TOML" in ended.err
    assert "Traceback" not in ended.err


def test_a_ledger_that_cannot_be_opened_exits_2(cli, home):
    """A bad [ledger] is a matter of settings."""
    home.config.write_text(home.config.read_text().replace("sqlite:///op.db", "sqlite:///not-there/op.db"))
    ended = cli("actions", "list")

    assert 2 == ended.code
    assert "folder does not exist" in ended.err


@pytest.mark.parametrize("verb", AIMED, ids=" ".join)
def test_a_verb_aimed_at_a_parked_store_exits_2(cli, home, verb):
    """What is aimed at a parked store does nothing and says why."""
    home.settings(store="no_such_key = 1")
    ended = cli(*verb)

    assert (2, "") == (ended.code, ended.out)
    assert "store 'main' is parked" in ended.err
    assert "no_such_key" in ended.err


@pytest.mark.parametrize("verb", AIMED, ids=" ".join)
def test_an_unknown_store_names_the_nearest(cli, home, verb):
    """Who mistypes a store is told which there is."""
    ended = cli(*("mian" if word == "main" else word for word in verb))

    assert (2, "") == (ended.code, ended.out)
    assert "no store 'mian'; nearest known: 'main'" in ended.err


@pytest.mark.parametrize("verb", [*AIMED, ("doctor",), ("run",), ("actions", "list")], ids=" ".join)
def test_a_parked_store_is_said_once(cli, home, verb):
    """By the verb itself, or at its start."""
    home.settings(store="no_such_key = 1")
    ended = cli(*verb)

    assert 1 == (ended.out + ended.err).count("no_such_key")


def test_a_parked_store_leaves_the_lists_of_all(cli, home):
    """A verb that is not aimed at the parked store works."""
    home.settings(store="no_such_key = 1")

    assert [] == cli("actions", "list", "--json").json


def test_secrets_are_in_no_output(cli, home):
    """Neither token nor secret is ever shown, not even by the doctor of a store that does not work."""
    home.token = "another-token-0000"
    home.settings()
    ended = [cli("doctor"), cli("doctor", "--json"), cli("orders", "export", "main")]

    assert [1, 1, 1] == [one.code for one in ended]
    assert [] == [one for one in ended if home.token in one.out + one.err or home.secret in one.out + one.err]
