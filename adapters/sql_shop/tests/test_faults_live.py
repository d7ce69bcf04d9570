"""What real databases refuse is told by its kind, and no text holds a value: each statement carries a canary."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopSettings
from op_sql_shop.client import connect

from op_core.errors import Refused, ShopAway

SCHEMA = "create table held (id int primary key, words varchar(10) not null, worth decimal(5, 2), check (worth >= 0))"
CASES = [
    ("insert into held values (1, :canary, 1)", Refused, "a constraint of the database refuses it"),
    ("insert into held values (2, null, 1), (3, :canary, 1)", Refused, "a constraint of the database refuses it"),
    ("insert into held values (4, :canary, -1)", Refused, "a constraint of the database refuses it"),
    ("insert into held values (5, :canary, :none)", ShopAway, "a table or column is not there"),
    ("insert into gone values (:canary)", ShopAway, "a table or column is not there"),
    ("update held set nowhere = :canary", ShopAway, "a table or column is not there"),
    ("update held sett words = :canary", ShopAway, "the database does not understand the statement"),
]
STRICT = [
    ("insert into held values (6, :canary, 1234567)", Refused, "the database does not take a value"),
    ("insert into held values (7, :long, 1)", Refused, "the database does not take a value"),
    ("update held set worth = (select 1 union select 2) where words <> :canary", Refused, "several rows where one"),
]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", pytest.param("mysql", marks=pytest.mark.mariadb)])
def test_each_refusal_has_its_kind_and_no_value(kind, request, tmp_path):
    """A constraint, a value, a column, a word: who is told what, by each driver."""
    (tmp_path / "shop.db").touch()
    fixture = {"postgresql": "postgres_url", "mysql": "mariadb_url"}.get(kind)
    url = request.getfixturevalue(fixture) if fixture else "sqlite:///shop.db"
    client = connect(SqlShopSettings(url=url, mapping="shop.toml"), Path(tmp_path), "shop.toml")
    with client.engine.begin() as db:
        db.execute(sa.text(SCHEMA))
        db.execute(sa.text("insert into held values (1, 'first', 1)"))
    values = {"canary": "canary", "long": "canary" * 9, "none": "canary"}
    wrong = []
    for sql, error, words in [*CASES, *(STRICT if kind != "sqlite" else ())]:
        statement = sa.text(sql.replace(":none", "nowhere"))
        bound = {name: values[name] for name in statement.compile().params}
        try:
            with client.writing() as session:
                session.run(statement, bound, "shop.toml: note.steps[0]")
            wrong.append((sql, "was done"))
        except (Refused, ShopAway) as raised:
            told = str(raised)
            if not isinstance(raised, error) or words not in told or "canary" in told:
                wrong.append((sql, type(raised).__name__, told))
    client.close()

    assert [] == wrong
