"""A function that pays through a gateway: called once, whatever stops it and wherever; its rows follow the money."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from op_sql_shop import SqlShopAdapter, SqlShopSettings, doors

from op_core.errors import NotSent, Refused, SettingsError, ShopUnavailable
from op_core.models import CannotTell, Found, LineQuantity, NotFound, Outcome
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import FindRequest, GetOrderRequest, OperationKey, RefundRequest
from op_core.testing.crash import SimulatedCrash, armed

NOW = datetime(2030, 1, 1, tzinfo=UTC)
SCHEMA = """
create table orders (id integer primary key, paid integer, refunded integer default 0, at text);
create table refunds (id integer primary key, order_id integer, amount integer, line integer, claim text, gateway text);
insert into orders values (1, 2500, 0, '2029-12-01');
"""
MAPPING = """
[shop]
zone = "UTC"
money = "minor_units"
currency = "USD"
[orders]
select = "select id, id as number, paid as total, at as created_at, at as updated_at from orders"
lock = "orders.id"
[lines]
select = "select id as order_id, 11 as id, 'Mug' as name, 2 as quantity, 1250 as unit_price from orders"
[payments]
select = "select id as order_id, id, paid as captured, refunded from orders"
[refund]
money = "gateway:pay"
find_money = "gateway:find"
[[refund.steps]]
sql = "update orders set refunded = refunded + :amount where id = :payment_id and paid - refunded >= :amount"
expect_rows = 1
refused = "not so much is left"
[[refund.steps]]
each = "lines"
sql = "insert into refunds (order_id, amount, line, claim, gateway) values (:order_id, :amount, :line_id, :claim_id, :gateway_id)"
"""  # noqa: E501 - one statement


class Gateway:
    """A gateway that keeps what it paid under its idempotency key, and fails as it is told."""

    def __init__(self):
        self.paid, self.calls, self.fault, self.answers = {}, [], None, True

    def pay(self, request):
        self.calls.append(request.reference)
        fault, self.fault = self.fault, None
        if isinstance(fault, Exception) and not isinstance(fault, TimeoutError):
            raise fault
        self.paid.setdefault(request.reference, f"re_{len(self.paid) + 1}")
        if isinstance(fault, TimeoutError):
            raise fault
        return fault or Outcome("done", shop_id=self.paid[request.reference])

    def find(self, request):
        if not self.answers:
            return CannotTell("the gateway keeps no list")
        made = self.paid.get(request.reference)
        return Found(Outcome("done", shop_id=made)) if made else NotFound()


@pytest.fixture
def gateway(monkeypatch):
    """Stand where the module of the mapping would be found."""
    made = Gateway()
    monkeypatch.setattr("op_core.named.named", lambda _key, name, _folder: getattr(made, name.partition(":")[2]))
    return made


@pytest.fixture
def clock():
    """A clock that is moved by hand."""
    return [NOW]


@pytest.fixture
def shop(tmp_path, gateway, clock):
    """A shop with one order of 25.00, whose refunds a gateway pays."""
    with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
        db.executescript(SCHEMA)

    def connect(mapping=MAPPING):
        (tmp_path / "shop.toml").write_text(mapping)
        settings = SqlShopSettings(url="sqlite:///shop.db", mapping="shop.toml")
        adapter = SqlShopAdapter(settings, StoreInfo("main", "main-1", tmp_path), clock=lambda: clock[0])
        list(adapter.install())
        return adapter

    return connect


@pytest.fixture
def rows(tmp_path):
    """Read a statement's rows."""

    def rows(sql):
        with closing(sqlite3.connect(tmp_path / "shop.db")) as db:
            return db.execute(sql).fetchall()

    return rows


def asked(shop, amount="20.00", reference="OP-1", now=NOW):
    order = shop.op_get_order(GetOrderRequest("main", "1"))
    return RefundRequest(
        store="main",
        key=OperationKey("main-1", f"claim:{reference}", "refund", 1),
        reference=reference,
        order=order,
        deadline=now + timedelta(seconds=30),
        claim_id="C1",
        amount=Money(amount, "USD"),
        payment_id="1",
        lines=(LineQuantity("11", 1),),
    )


def question(request):
    return FindRequest("main", request.key, request.reference, request.order, request.amount)


PAID = [(1, 2000, 11, "C1", "re_1")]
ROWS = "select order_id, amount, line, claim, gateway from refunds"


def test_it_is_paid_once_and_its_rows_hold_the_gateways_id(shop, gateway, rows):
    """The rows are written when it is paid; a second call answers the first result and pays nothing."""
    shop = shop()
    first, again = shop.op_issue_refund(asked(shop)), shop.op_issue_refund(asked(shop))

    assert Outcome("done", shop_id="re_1", money="moved") == first == again
    assert Found(first) == shop.op_find_refund(question(asked(shop)))
    assert PAID == rows(ROWS)
    assert ["OP-1"] == gateway.calls
    assert [("done", None)] == rows("select state, request from op_references")


def test_what_the_rows_refuse_is_never_paid(shop, gateway, rows):
    """A guard is tried before the gateway is called."""
    shop = shop()
    with pytest.raises(Refused, match="not so much is left"):
        shop.op_issue_refund(asked(shop, "25.01"))

    assert [] == gateway.calls
    assert [] == rows("select * from op_references")


@pytest.mark.parametrize("fault", [Refused("the card is gone"), NotSent("no connection")])
def test_a_gateway_that_surely_paid_nothing_leaves_nothing(shop, gateway, rows, fault):
    """The mark is taken back, so that the next call is a first one."""
    shop, gateway.fault = shop(), fault
    with pytest.raises(type(fault)):
        shop.op_issue_refund(asked(shop))

    assert [] == rows("select * from op_references") == rows(ROWS)
    assert "done" == shop.op_issue_refund(asked(shop)).state


@pytest.mark.parametrize(
    "fault",
    [TimeoutError("personal data"), Outcome("unknown"), "done", Outcome("done", shop_id="x", money="booked")],
    ids=["time-out", "unknown", "no outcome", "booked"],
)
def test_what_may_have_paid_is_unknown_and_found(shop, gateway, rows, clock, fault):
    """Nothing is called again while it may be under way; then the gateway is asked, and its rows are written."""
    shop, gateway.fault = shop(), fault
    request = asked(shop)
    lost = shop.op_issue_refund(request)

    assert "unknown" == lost.state
    assert "personal data" not in str(lost.reason)
    with pytest.raises(NotSent, match="may be under way"):
        shop.op_issue_refund(request)
    with pytest.raises(ShopUnavailable, match="may be under way"):
        shop.op_find_refund(question(request))
    clock[0] += timedelta(minutes=2)
    assert Found(Outcome("done", shop_id="re_1", money="moved")) == shop.op_find_refund(question(request))
    assert PAID == rows(ROWS)
    assert ["OP-1"] == gateway.calls


def points():
    return ["refund:mark", "refund:commit", "refund:asked", "refund:paid", "refund:statement", "refund:committed"]


@pytest.mark.parametrize("name", points())
@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_a_crash_anywhere_never_pays_twice(shop, gateway, rows, clock, name, nth):
    """Wherever it dies: asked and called again after the time, it is paid once, and written once."""
    shop, left = shop(), [nth]

    def die(point):
        left[0] -= point == name
        if left[0] == 0 and point == name:
            raise SimulatedCrash(point)

    try:
        with armed(die):
            shop.op_issue_refund(asked(shop))
    except SimulatedCrash:
        pass
    clock[0] += timedelta(minutes=2)
    calls, request = len(gateway.calls), asked(shop, now=clock[0])
    found = shop.op_find_refund(question(request))
    if isinstance(found, NotFound):
        assert 0 == calls
        found = Found(shop.op_issue_refund(request))

    assert Found(Outcome("done", shop_id="re_1", money="moved")) == found
    assert ["OP-1"] == gateway.calls
    assert PAID == rows(ROWS)
    assert [(2000,)] == rows("select refunded from orders")


def test_without_a_finder_doubt_is_for_a_person(shop, gateway, clock):
    """Nobody can ask the gateway, so nobody calls it again."""
    shop = shop(MAPPING.replace('find_money = "gateway:find"\n', ""))
    gateway.fault, request = TimeoutError(), asked(shop)
    shop.op_issue_refund(request)
    clock[0] += timedelta(minutes=2)
    again = shop.op_issue_refund(asked(shop, now=clock[0]))

    assert "unknown" == again.state
    assert isinstance(shop.op_find_refund(question(request)), CannotTell)
    assert ["OP-1"] == gateway.calls


def test_a_finder_that_cannot_tell_is_believed(shop, gateway, clock):
    """Its doubt is doubt."""
    shop, gateway.fault = shop(), TimeoutError()
    request = asked(shop)
    shop.op_issue_refund(request)
    clock[0] += timedelta(minutes=2)
    gateway.answers = False

    assert CannotTell("the gateway keeps no list") == shop.op_find_refund(question(request))
    assert "unknown" == shop.op_issue_refund(asked(shop, now=clock[0])).state
    assert ["OP-1"] == gateway.calls


def test_paid_and_not_written_is_said_and_mended(shop, gateway, rows):
    """Somebody refunds by hand between the call and the rows: the money is known, and its rows follow when they can."""
    shop = shop()
    request, paying = asked(shop), gateway.pay

    def meanwhile(said):
        rows_written("update orders set refunded = 1000")
        return paying(said)

    def rows_written(sql):
        with closing(sqlite3.connect(shop.store.directory / "shop.db")) as db:
            db.execute(sql)
            db.commit()

    shop.writers["refund"].door = doors.Door("gateway:pay", meanwhile, gateway.find)
    lost = shop.op_issue_refund(request)
    told = shop.op_find_refund(question(request))

    assert ("unknown", "re_1") == (lost.state, lost.shop_id)
    assert "paid, as re_1, and the shop's rows of it are not written: not so much is left" in lost.reason
    assert CannotTell(lost.reason) == told
    rows_written("update orders set refunded = 0")
    assert Found(Outcome("done", shop_id="re_1", money="moved")) == shop.op_find_refund(question(request))
    assert PAID == rows(ROWS)
    assert ["OP-1"] == gateway.calls


def test_a_payment_that_only_the_gateway_knows_is_not_made_again(shop, gateway):
    """A shop's database that was restored from a backup has no mark: a person looks."""
    shop, gateway.paid["OP-1"] = shop(), "re_9"
    told = shop.op_find_refund(question(asked(shop)))

    assert isinstance(told, CannotTell)
    assert "re_9" in told.reason


def test_one_payment_of_an_order_at_a_time(shop, gateway):
    """While a call may be under way, another refund of the order waits: together they could exceed what is left."""
    shop, gateway.fault = shop(), TimeoutError()
    shop.op_issue_refund(asked(shop))
    with pytest.raises(NotSent, match="another payment of this order is under way: OP-1"):
        shop.op_issue_refund(asked(shop, reference="OP-2"))

    assert ["OP-1"] == gateway.calls


def test_what_the_gateway_pays_later_is_pending_until_then(shop, gateway, rows):
    """The gateway has taken it; it is found when it is paid."""
    shop, gateway.fault = shop(), Outcome("pending", shop_id="re_1")
    request = asked(shop)

    assert Outcome("pending", shop_id="re_1") == shop.op_issue_refund(request)
    assert [] == rows(ROWS)
    assert Found(Outcome("done", shop_id="re_1", money="moved")) == shop.op_find_refund(question(request))
    assert PAID == rows(ROWS)


@pytest.mark.parametrize(
    ("money", "said"),
    [
        ("gateway:Gateway", "expected a function of one request"),
        ("gateway:later", "is an async function"),
        ("gateway:two", "cannot be called with one request"),
    ],
)
def test_what_is_no_function_of_one_request_parks_the_store(shop, gateway, money, said):
    """It is found out at load, not at the first refund."""

    async def later(request): ...

    gateway.Gateway, gateway.later, gateway.two = Gateway, later, lambda a, b: None
    with pytest.raises(SettingsError, match=said):
        shop(MAPPING.replace("gateway:pay", money))


@pytest.mark.parametrize("fault", [TimeoutError(), Outcome("pending", shop_id="re_1")], ids=["unknown", "pending"])
def test_a_mark_that_a_gateway_left_in_doubt_stays_doubt_for_a_mapping_without_one(shop, gateway, fault):
    """The mapping was edited meanwhile: nobody knows whether it was paid, and no row of it is written."""
    through, gateway.fault = shop(), fault
    request = asked(through)
    through.op_issue_refund(request)
    booked = MAPPING.replace('money = "gateway:pay"\nfind_money = "gateway:find"', 'money = "booked"')
    edited = shop(booked.replace(":gateway_id", ":reference"))

    assert "unknown" == edited.op_issue_refund(request).state
    assert isinstance(edited.op_find_refund(question(request)), CannotTell)


def test_what_was_booked_is_never_told_as_moved(shop):
    """The mapping got its function later: nobody is told that a gateway paid what people were to pay."""
    booked = MAPPING.replace('money = "gateway:pay"\nfind_money = "gateway:find"', 'money = "booked"')
    rows = shop(booked.replace(":gateway_id", ":reference"))
    request = asked(rows)
    assert "booked" == rows.op_issue_refund(request).money

    assert "unknown" == shop().op_issue_refund(request).state
    assert isinstance(shop().op_find_refund(question(request)), CannotTell)


def test_what_a_gateway_paid_is_never_told_as_booked(shop):
    """The mapping lost its function later: nobody pays once more by hand."""
    through = shop()
    request = asked(through)
    assert "moved" == through.op_issue_refund(request).money
    booked = MAPPING.replace('money = "gateway:pay"\nfind_money = "gateway:find"', 'money = "booked"')
    edited = shop(booked.replace(":gateway_id", ":reference"))

    assert "unknown" == edited.op_issue_refund(request).state
    assert isinstance(edited.op_find_refund(question(request)), CannotTell)


def test_two_payments_under_one_reference_are_told(shop, gateway, rows):
    """A call outlived its time and a second one paid too: whoever writes last names both, and is no done."""
    first, second, paying = shop(), shop(), gateway.pay
    request = asked(first)

    def slow(said):
        with closing(sqlite3.connect(first.store.directory / "shop.db")) as db:
            db.execute("update op_references set turn = 'another', until = '2029-01-01 00:00:00'")
            db.commit()
        gateway.paid.clear()
        second.op_issue_refund(request)
        gateway.paid.clear()
        gateway.paid["OP-0"] = "re_0"
        return paying(said)

    first.writers["refund"].door = doors.Door("gateway:pay", slow, gateway.find)
    told = first.op_issue_refund(request)

    assert "unknown" == told.state
    assert "re_1" in told.reason
    assert "re_2" in told.reason
    assert PAID == rows(ROWS)


def test_what_was_paid_and_is_not_written_holds_up_the_next_payment(shop, gateway):
    """The rows do not know of it yet, so that they would let more be paid than is left."""
    shop, paying = shop(), gateway.pay

    def meanwhile(said):
        with closing(sqlite3.connect(shop.store.directory / "shop.db")) as db:
            db.execute("update orders set refunded = 1000")
            db.commit()
        return paying(said)

    shop.writers["refund"].door = doors.Door("gateway:pay", meanwhile, gateway.find)
    shop.op_issue_refund(asked(shop))
    with pytest.raises(NotSent, match="OP-1, which is paid, and its rows are not written"):
        shop.op_issue_refund(asked(shop, "10.00", "OP-2"))

    assert ["OP-1"] == gateway.calls
