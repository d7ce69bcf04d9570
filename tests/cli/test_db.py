"""``op-core db upgrade | recovering``."""

import sqlite3

from op_core.ledger import Ledger
from op_core.ledger.database import HEAD


def test_upgrade_brings_the_tables(cli, home):
    """A new file has the newest schema afterwards, and again after a second time."""
    first, second = cli("db", "upgrade", "--json"), cli("db", "upgrade")

    assert (0, {"schema": HEAD}) == (first.code, first.json)
    assert (0, True) == (second.code, HEAD in second.out)


def test_a_postgresql_ledger_is_upgraded_only_when_asked(cli, home, postgres_url):
    """Every other verb says what to run."""
    home.config.write_text(home.config.read_text().replace("sqlite:///op.db", postgres_url))
    before, upgraded, after = cli("actions", "list"), cli("db", "upgrade"), cli("actions", "list")

    assert [2, 0, 0] == [before.code, upgraded.code, after.code]
    assert "op-core db upgrade" in before.err


def test_a_ledger_of_a_newer_version_is_left_alone(cli, home):
    """It exits 2 and says to upgrade op-core."""
    Ledger.open(f"sqlite:///{home.folder}/op.db").close()
    with sqlite3.connect(home.folder / "op.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    ended = cli("db", "upgrade")

    assert 2 == ended.code
    assert "newer than this op-core knows" in ended.err


def test_recovering_is_switched_on_and_off(cli, home):
    """The doctor shows it while it is on."""
    on = cli("db", "recovering", "--json")
    seen = cli("doctor").out
    off = cli("db", "recovering", "--off", "--json")

    assert ({"recovering": True}, {"recovering": False}) == (on.json, off.json)
    assert "looked up in the shop" in seen
    assert "looked up in the shop" not in cli("doctor").out
