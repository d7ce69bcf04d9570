"""The SQL mapping of Oscar reads, on both databases, exactly what the in-process example reads."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text

from op_core.errors import OrderNotFound
from op_core.models import LineQuantity
from op_core.requests import (
    CheckStockRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
)
from op_core.settings import load_settings

EXAMPLE = Path(__file__).parents[2] / "examples" / "oscar_sql"
CHANGES = (  # what the real rows lack: yen, no address, nothing to pay, a product that is gone, hidden, or not counted
    "update order_order set currency = 'JPY', total_incl_tax = 1500, total_excl_tax = 1500 where id = 1",
    "update payment_source set currency = 'JPY', amount_debited = 1500 where order_id = 1",
    "update order_order set shipping_address_id = null, billing_address_id = null, total_incl_tax = 0 where id = 2",
    "update order_line set product_id = null, stockrecord_id = null, unit_price_excl_tax = null where order_id = 3",
    "update order_line set stockrecord_id = null where partner_sku = 'PROTECT-STD' and order_id < 20",
    "update partner_stockrecord set num_in_stock = 2, num_allocated = 5 where id = 11",
    "update partner_stockrecord set price = null where id = 12",
    "update catalogue_product set is_public = false where id < 9",
    "update catalogue_product set description = 'of wool' where id = 40",
    "update order_shippingaddress set line3 = 'Rear house' where id > 290",
    "update order_shippingaddress set line2 = 'Flat 2' where id > 295",
)
NEWS = (
    ("order_shippingevent", 7, "notes, event_type_id", "'', 4"),
    ("order_orderstatuschange", 8, "old_status, new_status", "'', ''"),
    ("order_paymentevent", 6, "amount, reference, event_type_id", "0, '', 1"),
    ("order_ordernote", 5, "note_type, message, date_updated", "'', '', :at"),
)


def pages(ask, kind, **said):
    """Return what all pages hold, one after the other."""
    found, page = [], ask(kind("main", limit=41, **said))
    while True:
        found += getattr(page, "orders", None) or getattr(page, "products", ())
        if page.done:
            return found
        page = ask(kind("main", limit=41, cursor=page.cursor, **said))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request):
    """A copy of the shop in each database."""
    return request.getfixturevalue(
        f"oscar_{ {'sqlite': 'second_sqlite', 'postgresql': 'postgres'}[request.param] }_url"
    )


@pytest.fixture
def shop(oscar_adapter, url):
    """The mapping over it."""
    return oscar_adapter("sql_shop", url)


@pytest.fixture
def in_process(oscar_adapter, oscar_sqlite_url):
    """The in-process example over a copy of its own."""
    return oscar_adapter("custom_store", oscar_sqlite_url)


@pytest.fixture(params=["as it is", "with what it lacks"])
def changed(request, oscar_engine, oscar_sqlite_url, url):
    """Change both copies, or neither."""
    if request.param != "as it is":
        for each in (oscar_sqlite_url, url):
            with oscar_engine(each).begin() as db:
                for statement in CHANGES:
                    db.execute(text(statement))


def test_orders_parcels_stock_and_products_are_the_same(changed, in_process, shop):
    """All 300 orders, in the same order, and all that belongs to them, are equal value by value."""
    expected, orders = (pages(each.op_export_orders, ExportOrdersRequest) for each in (in_process, shop))
    ids = tuple(order.id for order in expected)
    fulfillments = [each.op_lookup_fulfillments(LookupFulfillmentsRequest("main", ids)) for each in (in_process, shop)]
    products = [
        {(one.id, one.variant_id): one for one in pages(each.op_export_products, ExportProductsRequest)}
        for each in (in_process, shop)
    ]

    for one, other in zip(expected, orders, strict=True):
        assert one == other
        asked = CheckStockRequest("main", one, tuple(LineQuantity(line.id, 1) for line in one.lines))
        assert tuple(in_process.op_check_stock(asked)) == shop.op_check_stock(asked)
        assert tuple(fulfillments[0].get(one.id, ())) == fulfillments[1].get(one.id, ())
    assert products[0] == products[1]
    assert (300, 299) == (len(orders), sum(map(len, fulfillments[1].values())))
    assert len(products[1]) in (146, 145)


def test_one_order_is_what_its_page_says(in_process, shop):
    """An order that is asked for by its id is the same; another spelling of a number, or words, find none."""
    for order in pages(in_process.op_export_orders, ExportOrdersRequest)[::37]:
        assert order == shop.op_get_order(GetOrderRequest("main", order.id))
    for none in ("0252", "x", "9" * 30):
        with pytest.raises(OrderNotFound):
            shop.op_get_order(GetOrderRequest("main", none))


def test_an_order_changes_when_anything_about_it_does(in_process, shop, oscar_engine, url):
    """A new event, status, payment event or note brings the order back with that time, and no other order."""
    last = pages(in_process.op_export_orders, ExportOrdersRequest)[-1].updated_at + timedelta(hours=1)
    written = last if "postgresql" in url else str(last.replace(tzinfo=None))
    with oscar_engine(url).begin() as db:
        for table, order_id, names, values in NEWS:
            statement = f"insert into {table} (order_id, {names}, date_created) values ({order_id}, {values}, :at)"  # noqa: S608 - words of this file
            db.execute(text(statement), {"at": written})
    found = pages(shop.op_export_orders, ExportOrdersRequest, since=last)

    assert [(order_id, last) for order_id in "5678"] == [(one.id, one.updated_at) for one in found]
    assert [] == pages(shop.op_export_orders, ExportOrdersRequest, since=last + timedelta(seconds=1))


def test_a_page_takes_as_many_statements_as_an_order(shop):
    """No statement runs once for each order."""
    shop.op_export_orders(ExportOrdersRequest("main", limit=1))  # op_references is looked for once
    statements, sizes = [], {}
    event.listen(shop.client.engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
    for limit in (1, 300):
        statements.clear()
        shop.op_export_orders(ExportOrdersRequest("main", limit=limit))
        sizes[limit] = sum(statement.lstrip().startswith(("select", "SELECT")) for statement in statements)

    # Orders, those without a time, lines, payments, addresses, premiums, marks, our own table.
    assert sizes[1] == sizes[300] == 8


def test_the_settings_are_whole(url):
    """op.toml has no fault, and takes its addresses and secrets from the environment."""
    environ = {"OP_API_URL": "http://127.0.0.1:1", "OP_TOKEN": "fake", "OP_SECRET": "fake", "SHOP_URL": url}
    read = load_settings(EXAMPLE / "op.toml", environ)

    assert {} == read.parked
    assert url == read.stores["main"].settings["url"]
