"""The Oscar example against Oscar's own tables, as Oscar's own code filled them: 300 orders."""

import gzip
import importlib
import sqlite3
import sys
import threading
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from op_core.errors import NotSent, NotSupported, Refused, SettingsError
from op_core.models import Address, LineQuantity
from op_core.money import Money
from op_core.requests import NoteRequest, OperationKey, ProtectionChangeRequest, RefundRequest, ReshipRequest
from op_core.settings import load_settings

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "oscar_custom"
PACKED = ROOT / "tests" / "data" / "oscar-300-orders.sqlite3.gz"
NOW = datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)
ELSEWHERE = Address("Test", "Customer", "", "1 Example St", "", "Leeds", "", "LS1 4AP", "GB", "+440000000000")


@pytest.fixture(scope="module")
def example():
    """The example's modules, as op-core finds them: their folder is on the path."""
    sys.path.append(str(EXAMPLE))
    yield importlib.import_module("oscar_op"), importlib.import_module("oscar_parcels")
    sys.path.remove(str(EXAMPLE))


@pytest.fixture(scope="module")
def unpacked():
    return gzip.decompress(PACKED.read_bytes())


@pytest.fixture
def file(tmp_path, unpacked):
    """A fresh copy of the shop's database."""
    path = tmp_path / "oscar.sqlite3"
    path.write_bytes(unpacked)
    return path


@pytest.fixture
def shop(example, file):
    return example[0].OscarShop(file.name, directory=file.parent, clock=lambda: NOW)


@pytest.fixture
def sql(file):
    """Ask the database itself, past the example."""

    def ask(statement, *values):
        with closing(sqlite3.connect(file)) as db, db:
            return db.execute(statement, values).fetchall()

    return ask


def every_order(shop, since=None, limit=41):
    found, page = [], shop.changed_orders(since, None, limit)
    while True:
        found += page.orders
        if page.done:
            return found
        page = shop.changed_orders(since, page.cursor, limit)


def cents(value):
    return Decimal(str(value)).quantize(Decimal("0.01"))


def usd(amount):
    return Money(Decimal(amount), "USD")


def common(shop, order_id, reference="OP-abc123", claim="c-1"):
    key = OperationKey("oscar-main", "claim:c-1", "refund", 1)
    deadline = NOW + timedelta(seconds=30)
    order = shop.order(order_id)
    return {"store": "main", "key": key, "reference": reference, "order": order, "deadline": deadline, "claim_id": claim}


def refund(shop, order_id, payment, amount, *lines, **asked):
    return RefundRequest(**common(shop, order_id, **asked), amount=usd(amount), payment_id=payment, lines=lines)


def reship(shop, order_id, *lines, address=None, take_stock=True, **asked):
    given = common(shop, order_id, **asked)
    to = address or given["order"].shipping_address
    return ReshipRequest(**given, lines=lines, address=to, take_stock=take_stock)


# --- Reading ---------------------------------------------------------------------------------------------------------


def test_every_order_is_read_once_with_oscars_own_total(shop, sql):
    """Paging skips nothing, repeats nothing, goes by time of change, and every figure is the column's to the cent."""
    orders = every_order(shop)
    columns = "total_incl_tax, shipping_excl_tax, total_incl_tax, total_excl_tax"
    rows = {str(row[0]): [cents(value) for value in row[1:]] for row in sql(f"select id, {columns} from order_order")}

    assert rows == {o.id: [o.total.amount, o.shipping.amount, o.total.amount, o.total.amount - o.tax.amount] for o in orders}
    assert 300 == len(orders)
    assert sorted(orders, key=lambda one: (one.updated_at, int(one.id))) == orders


def test_lines_add_up_as_oscar_has_them(shop, sql):
    """Unit price times quantity, less discount, plus tax is what Oscar says that the line costs, for all 750."""
    rows = {str(one): cents(price) for one, price in sql("select id, line_price_incl_tax from order_line")}
    lines = [line for order in every_order(shop) for line in order.lines]

    assert rows == {
        line.id: line.unit_price.amount * line.quantity - line.discount.amount + line.tax.amount for line in lines
    }


def test_the_shop_has_what_a_shop_has(shop):
    """Guests, surcharges, protection lines, discounts and split payments are all seen."""
    orders = every_order(shop)

    assert 70 == sum(order.customer.email.startswith("guest") for order in orders)
    assert 300 == sum(bool(order.customer.email and order.customer.name) for order in orders)
    assert 126 == sum(any(line.is_protection for line in order.lines) for order in orders)
    assert 42 == sum(order.premium is not None and not any(li.is_protection for li in order.lines) for order in orders)
    assert 37 == sum(bool(order.discount) for order in orders)
    assert 20 == sum(len(order.payments) == 2 for order in orders)
    assert {"US", "CA", "GB", "DE", "AU", "PR"} == {order.shipping_address.country for order in orders}
    assert 11 == sum(order.cancelled_at is not None for order in orders)
    assert usd("1767.79") == sum((o.payments[0].refunded for o in orders), usd(0)) - usd("0")


def test_an_order_changes_when_anything_about_it_does(shop, sql):
    """A new row of a shipping event, a note, a status or a payment brings the order back, and only that order."""
    last = every_order(shop)[-1].updated_at + timedelta(hours=1)
    written = last.replace(tzinfo=None).isoformat(" ")
    sql("insert into order_shippingevent (notes, event_type_id, order_id, date_created) values ('', 4, 7, ?)", written)
    sql("insert into order_paymentevent (amount, reference, event_type_id, order_id, date_created) values (1, '', 3, 8, ?)",
        written)  # fmt: skip

    assert [("7", last), ("8", last)] == [(one.id, one.updated_at) for one in shop.changed_orders(last, None, 10).orders]


def test_a_page_takes_as_many_statements_as_an_order(example, shop):
    """No statement runs once for each order."""
    counts = []

    class Counted(example[0].OscarShop):
        def _open(self):
            db = super()._open()
            db.set_trace_callback(counts.append)
            return db

    counted = Counted(shop.database, directory=shop.directory)
    sizes = {}
    for limit in (1, 300):
        counts.clear()
        counted.changed_orders(None, None, limit)
        sizes[limit] = len(counts)

    assert sizes[1] == sizes[300] <= 10


def test_an_order_that_is_not_there_is_none(shop):
    """An id is the shop's own text: neither another spelling of a number nor words find an order."""
    assert "252" == shop.order("252").id
    assert [None, None, None] == [shop.order(one) for one in ("0252", "x", "9" * 30)]


def test_what_the_file_lacks_is_read_too(shop, sql):
    """A second currency, an order without addresses, one that cost nothing and a deleted product are orders too."""
    sql("update order_order set currency = 'JPY', total_incl_tax = 1500.0 where id = 1")
    sql("update order_order set shipping_address_id = null, billing_address_id = null, total_incl_tax = 0 where id = 2")
    sql("update order_line set product_id = null, stockrecord_id = null, unit_price_excl_tax = null where order_id = 3")
    yen, bare, deleted = (shop.order(one) for one in "123")

    assert Money(Decimal(1500), "JPY") == yen.total
    assert "1500 JPY" == str(yen.total)
    assert (None, None, usd(0)) == (bare.shipping_address, bare.billing_address, bare.total)
    assert {""} == {line.product_id for line in deleted.lines}
    assert deleted.subtotal == sum((Money(li.unit_price.amount * li.quantity, "USD") for li in deleted.lines), usd(0))
    assert 0 == shop.stock(deleted, [LineQuantity(deleted.lines[0].id, 1)])[0].available


def test_every_shipment_is_a_fulfillment(shop, sql):
    """Each of 299 shipped events is one, with its units, and the status of the event that has its note and units."""
    parcels = shop.fulfillments([order.id for order in every_order(shop)])
    code = "(select id from order_shippingeventtype where code = 'shipped')"
    shipped = sql(f"select id, order_id from order_shippingevent where event_type_id = {code}")
    units = sql("select cast(q.event_id as text), cast(q.line_id as text), q.quantity from order_shippingeventquantity q"
                f" join order_shippingevent e on e.id = q.event_id where e.event_type_id = {code}")  # fmt: skip

    assert {(str(one), str(order)) for one, order in shipped} == {(one.id, one.order_id) for one in parcels}
    assert 299 == len(parcels)
    assert set(units) == {(one.id, line.line_id, line.quantity) for one in parcels for line in one.lines}
    assert {"DELIVERED": 283, "FAILURE": 7, "IN_TRANSIT": 9} == Counter(one.status.value for one in parcels)
    assert 7 == sum(not one.tracking_numbers for one in parcels)
    assert set() == {one for one in parcels if bool(one.tracking_numbers) != bool(one.tracking_company)}


def test_events_find_their_parcel(example):
    """A label is taken over, halves add up, a box is told from its twin by its note, a return after delivery is none."""
    def event(n, code, note="", **lines):  # fmt: skip
        return example[1].ShippingEvent(n, 1, code, NOW + timedelta(hours=n), note, Counter(lines))

    def read(*events):
        return [(int(one.id), one.status.value) for one in example[1].parcels(events)]

    label, shipped, arrived = event(1, "label-created", a=2), event(2, "shipped", a=2), event(3, "delivered", a=2)
    twins = [event(1, "shipped", "first", a=1), event(2, "shipped", "second", a=1)]

    assert [(1, "LABEL_PRINTED")] == read(label)
    assert [(1, "IN_TRANSIT")] == read(label, shipped)
    assert [(2, "IN_TRANSIT")] == read(shipped, event(3, "delivered", a=1))
    assert [(2, "DELIVERED")] == read(shipped, event(3, "delivered", a=1), event(4, "delivered", a=1))
    assert [(2, "DELIVERED")] == read(shipped, arrived, event(4, "returned", a=2))
    assert [(2, "FAILURE")] == read(shipped, event(4, "returned", a=2))
    assert [(1, "IN_TRANSIT"), (2, "DELIVERED")] == read(*twins, event(3, "delivered", "second", a=1))
    assert [(1, "DELIVERED"), (2, "DELIVERED")] == read(*twins, arrived, event(4, "delivered", a=2))
    assert [(3, "DELIVERED")] == read(arrived)


@pytest.mark.parametrize(
    ("note", "company", "numbers"),
    [
        ("", "", ()),
        ("left at the back door, gate 12", "", ()),
        ("Carrier: OnTrac, tracking: C00005295324455", "OnTrac", ("C00005295324455",)),
        ("USPS 9400100000008666647763", "USPS", ("9400100000008666647763",)),
        ("1z999aa18252184304", "UPS", ("1Z999AA18252184304",)),
        ("1Z 999 AA1 82 5218 4304", "UPS", ("1Z999AA18252184304",)),
        ("fedex 005868557578 and 003970719073", "FedEx", ("005868557578", "003970719073")),
        ("Carrier: Royal mail; tracking no. AB123456789GB", "Royal Mail", ("AB123456789GB",)),
        ("Carrier: Bike Courier, Tracking# bc-00017-x", "Bike Courier", ("BC-00017-X",)),
        ("tracking information was sent", "", ()),
        ("phone +141555501234", "", ()),
        ("handed to UPS", "UPS", ()),
    ],
)
def test_tracking_is_read_out_of_notes(example, note, company, numbers):
    """Several spellings, several numbers, the carrier by name or by the number's form; nothing is made up."""
    assert (company, numbers) == example[1].tracking(note)


def test_products_are_what_is_sold(shop, sql):
    """All 146 stock records are read in pages, variants under their parent; what is not counted has no quantity."""
    found, page = [], shop.products(None, None, 50)
    while not page.done:
        found, page = [*found, *page.products], shop.products(None, page.cursor, 50)
    found = {product.sku: product for product in (*found, *page.products)}
    rows = sql("select partner_sku, price, num_in_stock - coalesce(num_allocated, 0) from partner_stockrecord")

    assert {sku: cents(price) for sku, price, _ in rows} == {sku: one.price.amount for sku, one in found.items()}
    assert 36 == sum(bool(one.variant_id) for one in found.values())
    assert {"PROTECT-STD", "GIFTCARD-50"} == {sku for sku, one in found.items() if one.quantity is None}
    assert {sku: free for sku, _, free in rows if free is not None} == {
        sku: one.quantity for sku, one in found.items() if one.quantity is not None
    }
