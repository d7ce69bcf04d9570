"""Oscar's SQLite file, and the same rows under the schema that Oscar's own migrations make in PostgreSQL."""

from decimal import Decimal

import pytest
from sqlalchemy import create_engine, inspect, text


@pytest.fixture
def databases(oscar_sqlite_url, oscar_postgres_url):
    """An engine for each."""
    engines = [create_engine(url) for url in (oscar_sqlite_url, oscar_postgres_url)]
    yield engines
    for engine in engines:
        engine.dispose()


def test_both_databases_hold_the_same(databases):
    """Each of PostgreSQL's tables has as many rows as the file's, and the figures are the file's to the cent."""
    tables = inspect(databases[1]).get_table_names()
    held = []
    for engine in databases:
        with engine.connect() as db:
            counts = [db.execute(text(f"select count(*) from {table}")).scalar_one() for table in tables]  # noqa: S608 - the schema's own names
            totals = db.execute(text("select total_incl_tax from order_order order by id")).scalars()
            held.append((counts, [Decimal(str(total)).quantize(Decimal("0.01")) for total in totals]))

    assert held[0] == held[1]
    assert (94, 300, 9224) == (len(tables), len(held[0][1]), sum(held[0][0]))


def test_postgresql_has_oscars_own_constraints(databases):
    """What a replacement must pass there: foreign keys, unique numbers, checks, and ids that the database gives."""
    found = inspect(databases[1])
    columns = {column["name"]: column for column in found.get_columns("order_order")}

    assert (4, 5) == tuple(len(found.get_foreign_keys(table)) for table in ("order_line", "order_order"))
    assert ["number"] in [one["column_names"] for one in found.get_unique_constraints("order_order")]
    assert found.get_check_constraints("order_line")
    assert columns["id"]["identity"]
    assert "TIMESTAMP" == str(columns["date_placed"]["type"])
    assert columns["date_placed"]["type"].timezone
