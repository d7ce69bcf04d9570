"""
Promise 10: what an older op-core left in every state goes on under this one, and ends as it would have.

`tests/data/ledgers` has a ledger of each revision, left by the op-core of its time; `in_flight` makes them.
"""

import importlib
import json
import re
import sqlite3
from collections import Counter
from contextlib import closing
from inspect import getsource
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

from op_core.claims.states import TRANSITIONS
from op_core.ledger import Ledger, database, schema, stores
from op_core.privacy import forget
from op_core.testing import copying
from op_core.testing.crash import SimulatedCrash

LEDGERS = Path(__file__).parents[1] / "data" / "ledgers"
MIGRATIONS = Path(database.__file__).parent / "migrations"
REVISIONS = sorted(path.stem for path in LEDGERS.glob("*.sql"))
# The states of each table, as its comment in the schema names them; those of actions have a table of their own.
COMMENTS = re.compile(
    r'^(\w+) = sa.Table\((?:(?!sa\.Table).)*?"state", sa.Text, nullable=False\),  # (.*?)$', re.MULTILINE | re.DOTALL
)
STATES = {
    table: set(re.findall(r"[a-z_]+", re.sub(r"\(.*?\)", "", text)))
    for table, text in COMMENTS.findall(getsource(schema))
    if table != "installs"
}
STATES = STATES | {"actions": set(TRANSITIONS)}
OTHERWISE = {
    # What ends otherwise, and why: a bug of that time is none any more.
    "0001": {
        # It planned a difference for all units of the claim, and so told the shop of one unit twice: a cap stops it.
        "actions": {"o-amended refund 2": "held, 0 in the shop"},
        "reports": {"o-amended refund 2": None},
    },
}
NEWER = {"0001": {"deliveries": {"erased"}, "exported_orders": {"forgotten"}}}  # states of later
COLUMNS = """
    SELECT made.name, part.name, part.type, part."notnull", part.dflt_value, part.pk
    FROM sqlite_master AS made, pragma_table_info(made.name) AS part WHERE made.type = 'table' ORDER BY 1, 2
"""
INDEXES = """
    SELECT made.name, list.name, list."unique", list.partial, part.seqno, part.name
    FROM sqlite_master AS made, pragma_index_list(made.name) AS list, pragma_index_info(list.name) AS part
    WHERE made.type = 'table' ORDER BY 1, 2, 5
"""
EMPTY = {"0001": ["facts"]}  # nothing but `op-core db recovering` wrote one


@pytest.fixture(scope="module")
def store():
    """Give the store that was stopped: `resume` and what follows."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(Path(__file__).parent))
        yield importlib.import_module("in_flight.store")


def read(revision, path):
    """Make the SQLite file that an op-core of that revision left."""
    with closing(sqlite3.connect(path)) as ledger:
        ledger.executescript((LEDGERS / f"{revision}.sql").read_text(encoding="utf-8"))
    return path


def beside(revision):
    """Return what else was left, and how it ended then."""
    return json.loads((LEDGERS / f"{revision}.json").read_text(encoding="utf-8"))


def migrate(url, revision, go=command.upgrade):
    """Make the tables of a revision, as the op-core of its time did."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    engine = sa.create_engine(url)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            go(config, revision)
    finally:
        engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def left(request, tmp_path):
    """Give what leaves a ledger of a revision on a database, and returns its URL."""

    def leave(revision):
        file = read(revision, tmp_path / "op.db")
        if request.param == "sqlite":
            return f"sqlite:///{file}"
        url = request.getfixturevalue("postgres_url")
        migrate(url, revision)
        copying.fill(url, "DELETE FROM alembic_version", file)
        return url

    return leave


def test_a_ledger_of_every_revision_is_kept():
    """Before a migration is written, what the op-core before it leaves: `python -m in_flight` in tests/ledger."""
    made = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}

    assert made - {database.HEAD} == set(REVISIONS) - {database.HEAD}


def test_the_states_of_every_table_are_known():
    """All tables with a state but `installs`, where it is a secret."""
    having = {table.name for table in schema.metadata.sorted_tables if "state" in table.c}

    assert having - {"installs"} == STATES.keys()


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_was_left_has_every_state_and_no_empty_table(revision, tmp_path):
    """Nothing is upgraded for the first time at a shop."""
    with closing(sqlite3.connect(read(revision, tmp_path / "op.db"))) as ledger:
        tables = {name for (name,) in ledger.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        rows = {table: len(ledger.execute(f"SELECT * FROM {table}").fetchall()) for table in tables}  # noqa: S608 - ours
        found = {
            table: {state for (state,) in ledger.execute(f"SELECT state FROM {table}")}  # noqa: S608 - ours
            for table in tables & STATES.keys()
        }

    newer = NEWER.get(revision, {})
    assert {table: STATES[table] - newer.get(table, set()) for table in found} == found
    assert EMPTY.get(revision, []) == [table for table, number in rows.items() if not number]


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_migration_stays_as_it_was(revision, tmp_path):
    """Today's migrations make the columns and indexes that the op-core of that time made."""
    migrate(f"sqlite:///{tmp_path}/new.db", revision)
    made = []
    for path in (read(revision, tmp_path / "op.db"), tmp_path / "new.db"):
        with closing(sqlite3.connect(path)) as ledger:
            made.append([ledger.execute(query).fetchall() for query in (COLUMNS, INDEXES)])

    assert made[0] == made[1]


@pytest.mark.parametrize("revision", REVISIONS)
def test_everything_in_flight_ends_as_it_would_have(revision, left, store):
    """Upgraded, redelivered, waited for, decided: it ends as under the old op-core, with no effect more or less."""
    said = beside(revision)
    scene = store.resume(left(revision), said["left"])
    assert database.HEAD == scene.ledger.schema_version()
    store.go_on(scene)
    expected = said["ended"]
    for what, changes in OTHERWISE.get(revision, {}).items():
        expected[what] = {name: end for name, end in (expected[what] | changes).items() if end is not None}

    ended = store.ended(scene)

    assert expected == {what: ended[what] for what in expected}
    assert {} == scene.shop.doubled()
    scene.ledger.close()


def test_an_upgrade_that_fails_changes_nothing(left):
    """All of it or nothing: stopped at its last table, the ledger is as it was, and can be upgraded later."""
    url = left(REVISIONS[0])

    def stop(connection, cursor, statement, *_):
        if "CREATE TABLE installs" in statement:
            raise SimulatedCrash

    sa.event.listen(sa.Engine, "before_cursor_execute", stop)
    try:
        with pytest.raises(SimulatedCrash):
            Ledger.open(url, upgrade=True)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", stop)
    engine = sa.create_engine(url)
    tables = sa.inspect(engine).get_table_names()
    engine.dispose()
    ledger = Ledger.open(url, upgrade=True)

    assert "deliveries" in tables
    assert "shapes" not in tables
    assert database.HEAD == ledger.schema_version()
    ledger.close()


def test_a_ledger_is_never_taken_back(ledger_url):
    """No migration has a way back, which would forget what was done: it names the way that there is."""
    with pytest.raises(NotImplementedError, match="restore a backup, then run `op-core db recovering`"):
        migrate(ledger_url, "-1", command.downgrade)
    ledger = Ledger.open(ledger_url)

    assert database.HEAD == ledger.schema_version()
    ledger.close()


def test_the_backup_from_before_doubles_nothing(store, tmp_path):
    """Put back after all has ended, and told to look before it calls, it finds what the shop has."""
    urls = [f"sqlite:///{read(REVISIONS[-1], tmp_path / name)}" for name in ("op.db", "backup.db")]
    scene = store.resume(urls[0], beside(REVISIONS[-1])["left"])
    store.go_on(scene)
    scene.ledger.close()
    effects = Counter(effect.reference for effect in scene.shop.effects)
    again = store.resume(urls[1], store.left(scene))
    again.ledger.write(stores.set_fact, "recovering", again.clock().isoformat())
    store.go_on(again)

    assert effects == Counter(effect.reference for effect in again.shop.effects)
    again.ledger.close()


def test_what_an_older_op_core_wrote_can_be_forgotten(store, tmp_path):
    """Whatever form it has: each order that is over is erased, and what is delivered once more changes nothing."""
    scene = store.resume(f"sqlite:///{read(REVISIONS[0], tmp_path / 'op.db')}", beside(REVISIONS[0])["left"])
    store.go_on(scene)
    delivered, effects, store_id = store.bodies_of(scene), len(scene.shop.effects), scene.store.id
    orders = sorted({one.order_id for one in scene.actions()} - {"o-amended"})  # which waits for a person
    for order_id in orders:
        scene.ledger.write(forget, store_id, order_id, scene.clock(), unread=range(1000))
    left = store.bodies_of(scene)
    for body in delivered:
        scene.deliver(body)
    scene.wait(hours=1)

    assert len(left) < 5
    assert effects == len(scene.shop.effects)
    scene.ledger.close()
