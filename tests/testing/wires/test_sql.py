"""The SQL wire: a statement or a COMMIT that is lost, or whose answer is."""

import uuid

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from op_core.testing.wires import SqlWire


@pytest.fixture
def engine(ledger_url):
    """A database with one empty table, of each kind."""
    made = sa.create_engine(ledger_url)
    yield made
    made.dispose()


def pay(engine):
    with engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO facts (name, value) VALUES (:name, '5.00')"), {"name": uuid.uuid4().hex}
        )


def paid(engine):
    with engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM facts WHERE value = '5.00'")).scalar_one()


@pytest.mark.parametrize(
    ("nth", "kind", "there"),
    [(1, "drop before", 0), (1, "drop after", 0), (2, "drop before", 0), (2, "drop after", 1)],
)
def test_only_a_commit_whose_answer_is_lost_leaves_something_behind(engine, nth, kind, there):
    """The first call is the statement, the second the COMMIT: its caller gets the same error before and after."""
    wire = SqlWire(engine)
    wire.cut(nth, kind)
    with pytest.raises(OperationalError):
        pay(engine)
    wire.mend()

    assert there == paid(engine)
    pay(engine)
    assert there + 1 == paid(engine)


def test_every_statement_and_every_commit_counts(engine):
    """So that each can be cut in its turn."""
    wire = SqlWire(engine)
    pay(engine)
    assert 2 == wire.passed
