"""What could double, lose or confuse an effect of a SQL shop, and does not."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.errors import NotSent, Refused, SettingsError, ShopAway
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import FindRequest, GetOrderRequest, NoteRequest, OperationKey, StoreCreditRequest
from op_core.untrusted import Untrusted

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SCHEMA = """
create table orders (id integer primary key, total numeric, at text);
create table credits (id integer primary key, order_id integer references orders deferrable initially deferred,
    amount numeric, reference text, paid integer default 0);
insert into orders values (1, 25, '2029-12-01'), (2, 9, '2029-12-01');
"""
MAPPING = """
[shop]
zone = "UTC"
currency = "USD"
[orders]
select = "select id, id as number, total, at as created_at, at as updated_at from orders"
lock = "orders.id"
[lines]
select = "select id as order_id, id, 'Mug' as name, 1 as quantity, total as unit_price from orders"
[store_credit]
MONEY
[[store_credit.steps]]
STEP
[note]
[[note.steps]]
sql = "insert into credits (order_id, amount, reference) values (:order_id, 0, :text)"
"""
BOOKED = 'money = "booked"'
QUEUED = 'money = "queued"\npaid = "select 1 from credits where id = :shop_id and paid = 1"'
OWN = """money = "booked"
find = "select id as shop_id, order_id, amount from credits where reference = :reference"
unique = "credits.reference"
"""
INSERT = "insert into credits (order_id, amount, reference) values (:order_id, :amount, :reference)"
STEP = f'sql = "{INSERT} returning id as shop_id"'


@pytest.fixture
def clock():
    """Give the times that the shop is told, the last one for good."""
    return [NOW]


@pytest.fixture
def shop(tmp_path, clock):
    """Connect a shop that gives store credit."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.executescript(SCHEMA)

    def connect(money=BOOKED, step=STEP):
        (tmp_path / "shop.toml").write_text(MAPPING.replace("MONEY", money).replace("STEP", step))
        settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
        told = lambda: clock.pop(0) if len(clock) > 1 else clock[0]  # noqa: E731 - a clock
        adapter = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), clock=told)
        list(adapter.install())
        return adapter

    return connect


@pytest.fixture
def db(tmp_path, shop):
    """Run a statement of the shop's own."""

    def run(sql, *values):
        with closing(sqlite3.connect(tmp_path / "shop.db")) as connection:
            rows = connection.execute(sql, values).fetchall()
            connection.commit()
            return rows

    return run


def common(shop, order, verb="store_credit", reference="OP-1"):
    return {
        "store": "main",
        "key": OperationKey("main-1", "claim:C1", verb, 1),
        "reference": reference,
        "order": shop.op_get_order(GetOrderRequest("main", order)),
        "deadline": NOW + timedelta(seconds=30),
    }


def credit(shop, amount="20.00", order="1"):
    return StoreCreditRequest(**common(shop, order), amount=Money(amount, "USD"))


def question(request):
    return FindRequest("main", request.key, request.reference, request.order, getattr(request, "amount", None))


ROWS = "select count(*), coalesce(sum(amount), 0) from credits"


@pytest.mark.parametrize("money", [BOOKED, OWN], ids=["our table", "their column"])
@pytest.mark.parametrize(("amount", "order"), [("20.01", "1"), ("20.00", "2")])
def test_another_effect_under_the_reference_is_never_passed_off_as_this_one(shop, db, money, amount, order):
    """Another amount or order: nothing is made, nobody is told that it is done, a person looks."""
    shop = shop(money)
    shop.op_issue_store_credit(credit(shop))
    other = credit(shop, amount, order)
    answer, found = shop.op_issue_store_credit(other), shop.op_find_store_credit(question(other))

    assert "unknown" == answer.state
    assert "holds another effect under OP-1: store_credit of 20" in answer.reason
    assert CannotTell(answer.reason) == found
    assert [(1, 20)] == db(ROWS)


def test_an_amount_is_the_same_whatever_its_digits(shop):
    """20.00, 20.0 and 20 are one amount; 2E+1 too."""
    shop = shop()
    first = shop.op_issue_store_credit(credit(shop))

    assert {first} == {shop.op_issue_store_credit(credit(shop, amount)) for amount in ("20", "20.0", "2E+1")}


def test_another_verb_under_the_reference_is_told(shop):
    """A note is no store credit."""
    shop = shop()
    shop.op_add_note(NoteRequest(**common(shop, "1", "note"), text=Untrusted("hello")))

    assert "unknown" == shop.op_issue_store_credit(credit(shop)).state


def test_two_effects_under_one_reference_are_both_told(shop, db):
    """A column that is not unique after all: they are doubled, and no third one is made."""
    shop = shop(OWN)
    shop.op_issue_store_credit(credit(shop))
    db("insert into credits (order_id, amount, reference) values (1, 20, 'OP-1')")
    found = shop.op_find_store_credit(question(credit(shop)))

    assert 1 == len(found.others)
    assert "unknown" == shop.op_issue_store_credit(credit(shop)).state
    assert [(2, 40)] == db(ROWS)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (f'sql = "{INSERT}, (1, 1, null) returning id as made"', "it returned 2 rows; expected one"),
        (f'sql = "{INSERT}"\nwhen = "claim_id"', "none of its steps applies"),
        (f'sql = "{INSERT}"\nexpect_rows = 2', "1 rows; expected 2"),
        ("sql = \"select 5 as amount union all select 6\"\nexpect_rows = 'any'", "what was asked for"),
        ('sql = "select * from (select 1 as amount) x"', "it returns amount, which is what was asked for"),
        ('sql = "update credits set amount = :nothing"', "binds :nothing"),
        (f'sql = "{INSERT.replace(":order_id", "7")}"', "a constraint of the database refuses it"),
    ],
    ids=["two rows", "no step", "count", "overwritten", "star", "unbound", "at the commit"],
)
def test_what_is_not_as_it_must_be_leaves_nothing(shop, db, step, said):
    """A refusal at any place, the commit included, undoes the effect and its mark."""
    with pytest.raises((Refused, SettingsError), match=said):
        (made := shop(step=step)).op_issue_store_credit(credit(made))

    assert [(0, 0)] == db(ROWS)
    assert "op_references" not in str(db("select name from sqlite_master")) or [] == db("select * from op_references")


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ('sql = "drop table orders"', "found DROP; expected one statement"),
        ('sql = "delete from orders; commit"', "found several statements"),
        (f'sql = "{INSERT} returning id as order_id"', "it returns order_id, which is what was asked for"),
        (f'sql = "{INSERT}"\nlast_id = "amount"', "it returns amount, which is what was asked for"),
        (f'each = "lines"\nsql = "{INSERT} returning id as shop_id"', "returns shop_id once for each line"),
    ],
)
def test_a_step_that_could_break_a_transaction_parks_the_store(shop, step, said):
    """It is found out at load, with its place."""
    with pytest.raises(SettingsError, match=said) as caught:
        shop(step=step)

    assert "shop.toml: store_credit.steps[0]" in str(caught.value)


def test_a_text_that_null_would_swallow_parks_the_store(shop):
    """A note may have no claim, so what is joined to its id would be NULL; coalesce mends it."""
    text = "insert into credits (order_id, amount, reference) values (:order_id, 0, 'claim ' || :claim_id)"
    note = f'{STEP}\n[refund_protection]\nmoney = "booked"\n[[refund_protection.steps]]\nsql = "{text}"'
    with pytest.raises(SettingsError, match=r"refund_protection.steps\[0\]: :claim_id may be NULL"):
        shop(step=note)

    shop(step=note.replace(":claim_id", "coalesce(:claim_id, '')"))


def test_a_deadline_that_ends_before_the_commit_changes_nothing(shop, db, clock):
    """Whoever asked has given up: it is tried again later."""
    shop = shop()
    request = credit(shop)
    clock[:] = [NOW, NOW, NOW, NOW + timedelta(seconds=31)]
    with pytest.raises(NotSent, match="its time was over"):
        shop.op_issue_store_credit(request)

    assert [(0, 0)] == db(ROWS)


def test_a_commit_without_an_answer_is_unknown_and_found(shop, db):
    """The disk fails as the commit is answered: nobody says that it failed."""
    shop = shop()

    def lost(connection):
        connection.connection.dbapi_connection.commit()
        error = sqlite3.OperationalError("disk I/O error: canary")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise sa.exc.DBAPIError("commit", {}, error)

    sa.event.listen(shop.client.engine, "commit", lost)
    outcome = shop.op_issue_store_credit(credit(shop))
    sa.event.remove(shop.client.engine, "commit", lost)

    assert "unknown" == outcome.state
    assert "did not say whether it took the commit" in outcome.reason
    assert "canary" not in outcome.reason
    assert Found(Outcome("done", shop_id="1", money="booked")) == shop.op_find_store_credit(question(credit(shop)))
    assert [(1, 20)] == db(ROWS)


def test_a_statement_that_begins_with_with_is_counted(shop, db):
    """SQLite's driver counts no rows of it; the database does."""
    shop = shop(step='sql = "with x as (select 1) update orders set total = total - :amount where id = :order_id"')

    assert "done" == shop.op_issue_store_credit(credit(shop)).state
    assert [(5,)] == db("select total from orders where id = 1")


def test_queued_money_is_pending_until_the_shops_job_has_paid(shop, db):
    """A row pays nothing: the job does, and only then it has moved."""
    shop = shop(QUEUED)
    request = credit(shop)
    first, again = shop.op_issue_store_credit(request), shop.op_issue_store_credit(request)

    assert Outcome("pending", shop_id="1", money="queued") == first == again
    assert Found(first) == shop.op_find_store_credit(question(request))
    db("update credits set paid = 1")
    assert Found(Outcome("done", shop_id="1", money="moved")) == shop.op_find_store_credit(question(request))
    assert [(1, 20)] == db(ROWS)


def test_a_text_that_no_database_takes_is_refused(shop, db):
    """A half of a surrogate pair: it would fail for ever, so it is not tried for ever."""
    shop = shop()
    with pytest.raises(Refused, match="none that the database can hold"):
        shop.op_add_note(NoteRequest(**common(shop, "1", "note"), text=Untrusted("\ud800 canary")))

    assert [(0, 0)] == db(ROWS)


def test_a_question_may_change_nothing(shop):
    """A SELECT that is only asked cannot write, whatever it calls."""
    with pytest.raises(ShopAway, match="may not do that"), shop().client.reading() as session:
        session.run(sa.text("delete from orders"), {}, "a test")


def test_a_lock_may_name_a_schema(shop, db):
    """``schema.table.column``."""
    shop = shop()
    shop.writers["store_credit"].lock = "main.orders.id"

    assert "done" == shop.op_issue_store_credit(credit(shop)).state
    assert NotFound() == shop.op_find_note(FindRequest("main", credit(shop).key, "OP-2", credit(shop).order))
