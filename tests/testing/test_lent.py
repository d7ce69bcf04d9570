"""The tests' own database on PostgreSQL: what one test leaves in it, the next one does not find."""

import pytest
import sqlalchemy as sa

from op_core.ledger import Ledger, database, deliveries
from op_core.testing.clock import START


def left(ledger):
    """Return the names of all tables that hold rows."""
    with ledger.engine.connect() as connection:
        tables = sa.inspect(connection).get_table_names()
        return [name for name in tables if connection.scalar(sa.text(f"SELECT count(*) FROM {name}"))]  # noqa: S608 - the database's own names


@pytest.fixture
def lent(postgres_lender):
    """Give a function that opens the next test's ledger; the database of the last one is taken back at the end."""
    opened = []

    def lend():
        if opened:
            postgres_lender.take_back()
        opened.append(Ledger.open(postgres_lender.lend()))
        return opened[-1]

    yield lend
    for ledger in opened:
        ledger.engine.dispose()
    postgres_lender.take_back()


def test_rows_counts_and_connections_are_gone(lent):
    """Nothing is left, numbers begin with 1, and whoever is still in it is thrown out."""
    first = lent()
    with first.engine.connect() as open_still:
        open_still.execute(sa.text("SELECT 1"))
        first.write(deliveries.store, "main-1", b"{}", START)
        second = lent()

        with pytest.raises(sa.exc.OperationalError):
            open_still.execute(sa.text("SELECT 1"))
        open_still.invalidate()
    assert ["alembic_version"] == left(second)
    assert 1 == second.write(deliveries.store, "main-1", b"{}", START)
    first.close()
    second.close()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE alembic_version SET version_num = '9999'",
        "ALTER TABLE deliveries ADD COLUMN more TEXT",
        "ALTER TABLE deliveries ALTER COLUMN reason TYPE VARCHAR(9)",
        "DROP TABLE alembic_version",
        "CREATE TABLE more (id INTEGER)",
    ],
)
def test_another_schema_is_not_handed_on(lent, change):
    """Whatever a test does to the schema, the next one gets the true one."""
    first = lent()
    with first.engine.begin() as connection:
        connection.execute(sa.text(change))
    kept = str(first.engine.url)
    second = lent()

    assert kept != str(second.engine.url)
    assert database.HEAD == second.schema_version()
    second.close()
    first.close()
