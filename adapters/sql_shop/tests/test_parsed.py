"""A statement is read by a real parser: what it is, what it binds, what it returns, and what is refused."""

import pytest
from op_sql_shop.parsed import READS, parse

from op_core.errors import SettingsError


def read(sql, dialect="postgresql", **options):
    return parse(sql, dialect, "shop.toml: note.steps[0]", **options)


@pytest.mark.parametrize(
    ("sql", "kind", "binds", "returns"),
    [
        ("insert into t (a) values (:a) returning id as shop_id, b", "insert", {"a"}, ("shop_id", "b")),
        ("update t set a = ':no' where b = :b", "update", {"b", "no"}, ()),
        ("update t set a = '\\:no' where b = :b", "update", {"b"}, ()),
        ("select a::text, b c from t where d = :d for update", "select", {"d"}, ("a", "c")),
        ("select * from t", "select", set(), None),
        ("with x as (select 1 as a) insert into t select a from x", "insert", set(), ()),
        ("(select 1 as a)", "select", set(), ("a",)),
        ("select 1 as a union all select 2", "select", set(), ("a",)),
        ("delete from t -- all; of it", "delete", set(), ()),
        ("select 1 as a from t where b &&& :c", "select", {"c"}, None),
    ],
)
def test_a_statement_is_read(sql, kind, binds, returns):
    """Its kind, what is bound (as SQLAlchemy takes it, also within quotes) and what comes back."""
    found = read(sql)

    assert (kind, binds, returns) == (found.kind, found.binds, found.returns)


@pytest.mark.parametrize(
    ("dialect", "sql", "found"),
    [
        ("postgresql", "update t set a = 1; delete from t", "several statements"),
        ("mysql", "drop table t", "DROP"),
        ("mysql", "alter table t add a int", "ALTER"),
        ("mysql", "truncate t", "TRUNCATE"),
        ("mysql", "lock tables t write", "LOCK"),
        ("mysql", "call pay(:amount)", "CALL"),
        ("mysql", "set autocommit = 1", "SET"),
        ("mysql", "replace into t values (:a)", "REPLACE"),
        ("mysql", "select a into @b from t", "SELECT INTO"),
        ("postgresql", "select * into x from t", "SELECT INTO"),
        ("postgresql", "commit", "COMMIT"),
        ("postgresql", "do $$ begin end $$", "DO"),
        ("sqlite", "pragma foreign_keys = off", "PRAGMA"),
        ("sqlite", "vacuum", "VACUUM"),
        ("sqlite", "insert into t values ('a)", "a text that does not end"),
        ("sqlite", "-- nothing", "nothing"),
    ],
)
def test_what_could_end_the_transaction_is_refused(dialect, sql, found):
    """Whatever commits by itself in some database, or cannot be taken back, is no step; the place is named."""
    with pytest.raises(SettingsError) as caught:
        read(sql, dialect)

    assert f"shop.toml: note.steps[0]: found {found}" in str(caught.value)
    assert "expected one statement (INSERT, UPDATE, DELETE, SELECT)" in str(caught.value)


def test_a_question_is_a_select():
    """A statement that is only asked changes nothing."""
    with pytest.raises(SettingsError, match=r"found DELETE; expected one statement \(SELECT\)$"):
        read("delete from t", kinds=READS)
