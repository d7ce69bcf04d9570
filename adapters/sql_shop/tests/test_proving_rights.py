"""What the user of the database may do, beside what the mapping needs."""

import os
import secrets

import pytest
import sqlalchemy as sa
from op_sql_shop.proving.catalog import Catalog
from op_sql_shop.proving.rights import rights

NEEDED = {
    "orders": ("select", "update"), "order_lines": ("select",), "stock": ("select", "update"),
    "refunds": ("select", "insert"), "sent": ("insert",), "notes": ("insert",),
    "op_references": ("select", "insert", "update"),
}  # fmt: skip


MARIADB = pytest.param("mysql", marks=pytest.mark.mariadb)
SERVERS = pytest.mark.parametrize("small_shop", ["postgresql", MARIADB], indirect=True, scope="module")
FILE = pytest.mark.parametrize("small_shop", ["sqlite"], indirect=True, scope="module")


@pytest.fixture
def user_of(small_shop):
    """Make a user with some rights, and give the URL of the shop as that user."""
    kind, url = small_shop
    name = f"op_{secrets.token_hex(4)}"
    engine = sa.create_engine(url, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    who = name if kind == "postgresql" else f"'{name}'@'localhost'"

    def make(*grants):
        with engine.connect() as db:
            db.exec_driver_sql(f"create role {name} login" if kind == "postgresql" else f"create user {who}")
            for grant in grants:
                db.exec_driver_sql(f"grant {grant} to {who}")
        return sa.make_url(url).set(username=name).render_as_string(hide_password=False)

    yield make
    with engine.connect() as db:
        if kind == "postgresql":
            db.exec_driver_sql(f"drop owned by {name}")
        db.exec_driver_sql(f"drop role {name}" if kind == "postgresql" else f"drop user {who}")


def granted(kind, without=(), more=()):
    grants = [
        f"{', '.join(right for right in of)} on {table}"
        for table, rights_ in NEEDED.items()
        if (of := [right for right in rights_ if (table, right) not in without])
    ]
    sequence = ["usage on sequence refunds_id_seq"] if kind == "postgresql" and "sequence" not in without else []
    return [*grants, *sequence, *more]


@SERVERS
def test_exactly_what_is_needed_is_well(small_shop, user_of, proofs_of):
    """With the rights that the mapping needs nothing is missing and nothing is too much; every effect can be made."""
    proofs_of()  # makes our table
    found = proofs_of(url=user_of(*granted(small_shop[0])), install=False, writes=True)

    assert ("well", "the user may do all that the mapping does") == found["rights"]
    assert [] == [check for check, (state, _) in found.items() if state == "not well"]


@SERVERS
def test_what_is_missing_is_written_as_grants(small_shop, user_of, proofs_of):
    """The statements that an administrator runs are said, one for each table, with those for sequences."""
    kind = small_shop[0]
    proofs_of()
    lacks = (("orders", "update"), ("notes", "insert"), "sequence")
    url = user_of(*granted(kind, without=lacks))
    state, text = proofs_of(url=url, install=False)["rights"]
    name = sa.make_url(url).username
    database = sa.make_url(url).database
    at, who = ("", name) if kind == "postgresql" else (f"`{database}`.", f"'{name}'@'localhost'")
    quoted = ("notes", "orders") if kind == "postgresql" else ("`notes`", "`orders`")

    expected = [f"GRANT INSERT ON {at}{quoted[0]} TO {who};", f"GRANT UPDATE ON {at}{quoted[1]} TO {who};"]
    if kind == "postgresql":
        expected.append(f"GRANT USAGE ON SEQUENCE refunds_id_seq TO {who};")
    assert ("not well", expected) == (state, text.splitlines()[1:])


@SERVERS
def test_the_grants_that_are_said_are_enough(small_shop, user_of, proofs_of):
    """Whoever runs them has a user that the mapping can work with."""
    kind, shop = small_shop
    proofs_of()
    url = user_of(*granted(kind, without=(("orders", "update"), ("refunds", "insert"), "sequence")))
    grants = proofs_of(url=url, install=False)["rights"][1].splitlines()[1:]
    with sa.create_engine(shop, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT").connect() as db:
        for grant in grants:
            db.exec_driver_sql(grant.rstrip(";"))

    found = proofs_of(url=url, install=False, writes=True)
    assert [] == [check for check, (state, _) in found.items() if state == "not well"]


@SERVERS
def test_more_than_is_needed_is_told(small_shop, user_of, proofs_of):
    """A right to write what no step writes is named."""
    proofs_of()
    found = proofs_of(url=user_of(*granted(small_shop[0], more=("delete on other",))), install=False)
    state, text = found["rights"]

    assert ("look", True) == (state, "may write other, which no step does" in text), text


@SERVERS
def test_who_may_do_everything_is_told(small_shop, proofs_of):
    """A superuser is no user for op-core."""
    state, text = proofs_of()["rights"]

    assert ("look", True) == (state, "make a user of its own for op-core" in text), text


@FILE
def test_a_file_that_cannot_be_written_is_told(small_shop, adapter_of, monkeypatch):
    """Of SQLite the file and its folder are looked at."""
    adapter = adapter_of()
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everything
    with adapter.client.reading() as session:
        (proof,) = rights(session, Catalog(session.connection), {"orders": {"update"}}, adapter.store.directory)

    assert "not well" == proof.state
