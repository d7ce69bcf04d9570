"""The mapping prover reads, and names what does not fit the live schema: each check is seen to fire."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from op_sql_shop.proving import only_reading

from op_core.errors import HookError, SettingsError

MARIADB = pytest.param("mysql", marks=pytest.mark.mariadb)


def test_a_good_mapping_is_well(proofs_of):
    """Nothing of it is wrong; how its money moves is said."""
    found = proofs_of()

    assert [] == [check for check, (state, _) in found.items() if state == "not well"]
    assert found["money of refund"] == (
        "look",
        "booked: rows are written, and no money moves: people or another system pay",
    )
    assert "all 10 are understood by" in found["statements"][1]
    assert ("well", "op_references is there, for reship, refund, note") == found["references"]


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("from order_lines", "from orderlines", "lines.select", "no table orderlines; did you mean order_lines?"),
        ("cents as total", "cent as total", "orders.select", "no column cent in orders; did you mean cents?"),
        ("s.free as", "s.fre as", "stock.select", "no column fre in stock; did you mean free?"),
        ("(order_id, cents", "(order_id, cent", "refund.steps[1].sql", "no column cent in refunds"),
        ("set free =", "set fee =", "reship.steps[0].sql", "no column fee in stock; did you mean free?"),
        ("into sent", "into send", "reship.steps[1].sql", "no table send; did you mean sent?"),
        ("premium, placed_at", "premum(premium) as premium, placed_at", "orders.select", "premum"),
        ("set refunded =", "set refunded", "refund.steps[0].sql", "the database does not understand"),
    ],
)
def test_what_the_schema_does_not_have_is_named(proofs_of, old, new, place, said):
    """The file, the statement, the name and the nearest right one stand in one line."""
    found = proofs_of((old, new))

    state, text = found[place]
    assert "not well" == state
    assert text.startswith(f"shop.toml: {place}: ")
    assert said in text
    assert "statements" not in found


GREATEST = "changed_at = { greatest_of = ['select id, updated_at as changed_at from orders'] }"


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("title as name,", "", "lines.select", "no column name; found: order_id, id, quantity, unit_price"),
        ("cents as total", "cents as totl", "orders.select", "no column total; did you mean totl?"),
        ("updated_at,", "", "orders.select", "no column updated_at, which is orders.changed_at"),
        ("[lines]", "columns = { totl = 'cents' }\n[lines]", "orders.select", "the field totl, which there is none of"),
        ("[lines]", f"{GREATEST}\n[lines]", "orders.changed_at.greatest_of[0]", "order_id, which is the order's id"),
    ],
)
def test_a_column_that_is_needed_is_missed(proofs_of, old, new, place, said):
    """What a statement must say and does not is named, with what it does say."""
    state, text = proofs_of((old, new))[place]

    assert ("not well", True) == (state, said in text), text


@pytest.mark.parametrize("small_shop", ["postgresql", MARIADB], indirect=True, scope="module")
def test_a_kind_that_does_not_fit_is_named(proofs_of):
    """A float is no amount, and a date no time; SQLite tells no kinds."""
    found = proofs_of(
        ("cents as unit_price", "weight as unit_price"),
        ("placed_at as created_at", "cast(placed_at as date) as created_at"),
    )

    assert (
        "shop.toml: lines.select: column unit_price: a float, which holds no exact amounts" in found["lines.select"][1]
    )
    assert "shop.toml: orders.select: column created_at: a date without time" in found["orders.select"][1]


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("(:reference, :order_id, :text)", "(:refrence, :order_id, :text)", "note.steps[0].sql", "mean :reference?"),
        (":order_id, :line_id)", ":order_id, :sent_id)", "reship.steps[1].sql", ":sent_id, which no request gives"),
        ("(:order_id, :amount,", "(:line_id, :amount,", "refund.steps[1].sql", 'only in a step with each = "lines"'),
    ],
)
def test_a_name_that_nothing_gives_is_named(adapter_of, old, new, place, said):
    """A statement binds what its request says, and what steps before it returned: said before any database is asked."""
    with pytest.raises(SettingsError) as caught:
        adapter_of((old, new))

    assert str(caught.value).startswith(f"shop.toml: {place}: it binds ")
    assert said in str(caught.value)


@pytest.mark.parametrize("small_shop", ["postgresql", MARIADB], indirect=True, scope="module")
def test_a_time_without_zone_is_named(small_shop, proofs_of):
    """Where neither column nor mapping says a zone, what to write is said."""
    naive = "timestamp" if small_shop[0] == "postgresql" else "datetime"
    cast = ("placed_at as created_at", f"cast(placed_at as {naive}) as created_at")

    assert (
        "column created_at: a time without zone; say which one by shop.zone"
        in proofs_of(cast, ('zone = "UTC"', ""))["orders.select"][1]
    )
    assert "orders.select" not in proofs_of(cast)


@pytest.mark.parametrize("small_shop", ["postgresql"], indirect=True, scope="module")
def test_an_id_that_postgresql_does_not_tell_is_named(proofs_of):
    """There an INSERT returns its id; what to write is said."""
    state, text = proofs_of((':order_id, :text)"', ':order_id, :text)"\nlast_id = "shop_id"'))["note.steps[0].sql"]

    assert ("not well", True) == (state, "expected … returning id as shop_id" in text), text


def test_without_our_table_it_is_said_how_to_make_it(small_shop, proofs_of):
    """The advice is the command to run."""
    with sa.create_engine(small_shop[1], poolclass=sa.NullPool).begin() as db:
        db.exec_driver_sql("drop table if exists op_references")

    state, text = proofs_of(install=False)["references"]

    assert ("not well", True) == (state, "op-core db install main" in text), text


def test_a_reference_of_the_shops_own_is_unique(proofs_of):
    """The column that a verb names for its references is kept unique by the database, or the index is said."""

    def found(table):
        select = f"select order_id, reference from {table} where reference = :reference"  # noqa: S608 - a table of the test
        find = f"find = '{select}'\nunique = '{table}.reference'"
        return proofs_of((f"[{verb}]\n", f"[{verb}]\n{find}\n"))[f"{verb}.unique"]

    verb = "reship"
    assert ("well", "the database keeps sent.reference unique") == found("sent")
    verb = "note"
    state, text = found("notes")
    assert "not well" == state
    assert "CREATE UNIQUE INDEX notes_reference_once ON notes (reference);" in text


def test_triggers_on_what_is_written_are_named(proofs_of):
    """What else happens when a step writes is for a person to know."""
    state, text = proofs_of(
        ("insert into notes values (:reference, :order_id, :text)", "insert into watched values (:reference)")
    )["triggers"]

    assert ("look", True) == (state, "tell on watched" in text), text


def test_the_database_itself_refuses_to_write(adapter_of):
    """All but the rehearsal runs where nothing can be changed."""
    with only_reading(adapter_of().client) as session, pytest.raises(HookError, match="may not do that"):
        session.run(sa.text("insert into other values (9)"), {}, "x")


def test_proving_changes_nothing(small_shop, proofs_of, rows_of_all):
    """Every row is as it was; a SQLite file byte by byte."""
    kind, url = small_shop
    proofs_of()
    path = sa.make_url(url).database
    before, whole = rows_of_all(url), Path(path).read_bytes() if kind == "sqlite" else b""

    proofs_of()

    assert before == rows_of_all(url)
    if kind == "sqlite":
        assert whole == Path(path).read_bytes()


@pytest.mark.parametrize("small_shop", ["postgresql"], indirect=True, scope="module")
def test_a_time_of_change_without_zone_is_not_compared_with_one_that_has(proofs_of):
    """Else pages would begin hours off; what to write is said."""
    cast = ("updated_at,", "cast(updated_at as timestamp) as updated_at,")

    state, text = proofs_of(cast)["orders.select"]

    assert ("not well", True) == (state, 'write times = "naive" in [shop]' in text), text


def test_a_column_that_nothing_reads_and_is_nearly_a_field_is_said(proofs_of):
    """A misspelt name of a field that need not be there loses no data in silence."""
    state, text = proofs_of(("cents as total,", "cents as total, cents as shiping,"))["orders.select"]

    assert ("look", True) == (state, "nothing reads the column shiping; did you mean shipping?" in text), text
