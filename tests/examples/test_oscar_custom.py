"""The Oscar example reads Oscar's own tables, as Oscar's own code filled them: 300 orders."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from op_core.errors import ContractBroken, SettingsError
from op_core.models import LineQuantity
from op_core.money import Money
from op_core.settings import load_settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "oscar_custom"


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


def test_every_order_is_read_once_with_oscars_own_total(shop, sql):
    """Paging skips nothing, repeats nothing, goes by time of change, and every figure is the column's to the cent."""
    orders = every_order(shop)
    rows = sql("select id, total_incl_tax, total_excl_tax, shipping_incl_tax, shipping_excl_tax from order_order")
    read = {one.id: (one.total, one.total - one.tax, one.shipping + one.shipping_tax, one.shipping) for one in orders}

    assert {str(row[0]): [cents(value) for value in row[1:]] for row in rows} == {
        order_id: [money.amount for money in figures] for order_id, figures in read.items()
    }
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
    assert 17 == sum(line.refunded_quantity > 0 for order in orders for line in order.lines)


def test_an_order_changes_when_anything_about_it_does(shop, sql):
    """A new row of a shipping event or a status brings the order back, with that time, and no other order."""
    last = every_order(shop)[-1].updated_at + timedelta(hours=1)
    written = last.replace(tzinfo=None).isoformat(" ")
    sql("insert into order_shippingevent (notes, event_type_id, order_id, date_created) values ('', 4, 7, ?)", written)
    sql(
        "insert into order_orderstatuschange (old_status, new_status, order_id, date_created) values ('', '', 8, ?)",
        written,
    )

    assert [("7", last), ("8", last)] == [
        (one.id, one.updated_at) for one in shop.changed_orders(last, None, 10).orders
    ]


def test_a_page_takes_as_many_statements_as_an_order(oscar_example, shop):
    """No statement runs once for each order."""
    counts = []

    class Counted(oscar_example("oscar_op").OscarShop):
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


def test_a_broken_order_stops_no_other(shop, sql):
    """It is listed with its number and without a value; alone it is told the same."""
    sql("update order_order set total_incl_tax = 'secret' where id = 7")
    page = shop.changed_orders(None, None, 300)
    (broken,) = page.unreadable

    assert (299, "7") == (len(page.orders), broken.id)
    assert broken.reason.startswith("order 100007: a column holds no amount")
    assert "secret" not in broken.reason
    with pytest.raises(ContractBroken, match="order 100007"):
        shop.order("7")


def test_every_shipment_is_a_fulfillment(shop, sql):
    """Each of 299 shipped events is one, with its units, and the status of the event that has its note and units."""
    parcels = shop.fulfillments([order.id for order in every_order(shop)])
    events = sql(
        "select e.id, e.order_id, t.code, e.notes, group_concat(q.line_id || ':' || q.quantity)"
        " from order_shippingevent e join order_shippingeventtype t on t.id = e.event_type_id"
        " join (select * from order_shippingeventquantity order by line_id) q on q.event_id = e.id group by e.id"
    )
    later = {(order, note, units): code for _, order, code, note, units in events if code != "shipped"}
    status = {"delivered": "DELIVERED", "lost-in-transit": "FAILURE", None: "IN_TRANSIT"}
    expected = {
        (str(one), str(order), units, status[later.get((order, note, units))])
        for one, order, code, note, units in events
        if code == "shipped"
    }

    assert 299 == len(parcels) == len(expected)
    assert expected == {
        (one.id, one.order_id, ",".join(f"{li.line_id}:{li.quantity}" for li in one.lines), one.status)
        for one in parcels
    }
    assert {"DELIVERED": 283, "FAILURE": 7, "IN_TRANSIT": 9} == Counter(one.status.value for one in parcels)
    assert 7 == sum(not one.tracking_numbers for one in parcels)
    assert [] == [one for one in parcels if bool(one.tracking_numbers) != bool(one.tracking_company)]


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


def test_a_file_that_is_not_oscars_is_refused(oscar_example, tmp_path):
    """A missing file is not made, and another database is told apart."""
    (tmp_path / "other.db").write_bytes(b"")

    with pytest.raises(SettingsError, match=r"none\.db is no file"):
        oscar_example("oscar_op").OscarShop("none.db", directory=tmp_path)
    with pytest.raises(SettingsError, match="no such table: order_order"):
        oscar_example("oscar_op").OscarShop("other.db", directory=tmp_path)

    assert ["other.db"] == [path.name for path in tmp_path.iterdir()]


def test_the_settings_are_whole(oscar_example, oscar_file):
    """op.toml has no fault, and what it says of the backend makes the shop."""
    environ = {"OP_API_URL": "http://127.0.0.1:1", "OP_TOKEN": "fake", "OP_SECRET": "fake", "SHOP_DB": str(oscar_file)}
    read = load_settings(EXAMPLE / "op.toml", environ)
    said = read.stores["main"].settings

    assert {} == read.parked
    assert "oscar_op:OscarShop" == said["backend"]
    assert "252" == oscar_example("oscar_op").OscarShop(**said["options"]).order("252").id
