"""Orders, parcels, stock and products out of WooCommerce's own tables on MariaDB, beside what plain SQL says."""

import html
import re
from collections import Counter
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal

import pytest
from sqlalchemy.engine import make_url

from op_core.errors import OrderNotFound
from op_core.models import LineQuantity, ProductStatus
from op_core.money import Money
from op_core.requests import (
    CheckStockRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
)

ITEM_SUM = """select coalesce(sum(cast(m.meta_value as decimal(26,8))), 0)
    from wp_woocommerce_order_items i join wp_woocommerce_order_itemmeta m using (order_item_id)
    where i.order_id = :id and i.order_item_type = :kind and m.meta_key = :key"""


def pages(woo, limit, **asked):
    got, cursor, done = [], None, False
    while not done:
        page = woo.op_export_orders(ExportOrdersRequest("main", cursor=cursor, limit=limit, **asked))
        assert len(page.orders) == limit or page.done
        got += page.orders
        cursor, done = page.cursor, page.done
    return got


@pytest.fixture(scope="module")
def orders(woo):
    """All orders, as they are exported."""
    return pages(woo, 200)


@pytest.fixture(scope="module")
def parcels(woo, orders):
    """All parcels."""
    return woo.op_lookup_fulfillments(LookupFulfillmentsRequest("main", tuple(order.id for order in orders)))


def cents(amount):
    return Decimal(amount).quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_every_order_is_exported_with_what_it_costs(orders, woo_sql):
    """Total, shipping, taxes, discount, paid and refunded are the tables'; drafts and unpaid tries are no orders."""
    said = woo_sql("""select o.id, o.total_amount, d.shipping_total_amount, d.shipping_tax_amount, o.tax_amount,
        d.discount_total_amount, d.date_paid_gmt is not null,
        (select coalesce(-sum(r.total_amount), 0) from wp_wc_orders r where r.parent_order_id = o.id)
        from wp_wc_orders o join wp_wc_order_operational_data d on d.order_id = o.id
        where o.type = 'shop_order' and o.status in
        ('wc-processing', 'wc-completed', 'wc-on-hold', 'wc-cancelled', 'wc-refunded')""")
    expected = {
        str(order): tuple(
            Money(each, "USD") for each in (total, shipping, tax, of_goods + tax, off, paid * total, back)
        )
        for order, total, shipping, tax, of_goods, off, paid, back in said
    }

    assert 55 == len(expected) == len(orders)
    assert expected == {
        order.id: (
            order.total, order.shipping, order.shipping_tax, order.tax, order.discount, order.paid,
            order.paid - order.refundable,
        )
        for order in orders
    }  # fmt: skip
    assert {"free of charge", "unpaid", "refunded"} == {
        *("free of charge" for order in orders if not order.total),
        *("unpaid" for order in orders if order.total and not order.paid),
        *("refunded" for order in orders if order.paid and not order.refundable),
    }


def test_the_parts_of_an_order_make_its_total(orders, woo_sql):
    """Lines less discount, fees, shipping and taxes are the total to the cent, also where prices include tax."""
    for order in orders:
        asked = {"id": int(order.id), "key": "_line_total"}
        fees = woo_sql(ITEM_SUM, kind="fee", **asked)[0][0]
        after = woo_sql(ITEM_SUM, kind="line_item", **asked)[0][0]
        whole = order.subtotal.amount - order.discount.amount + fees + order.shipping.amount + order.tax.amount

        assert order.total.amount == cents(whole), order.id
        assert cents(after) == cents(
            sum(line.unit_price.amount * line.quantity - line.discount.amount for line in order.lines)
        )


def test_pages_of_any_size_are_one_list(woo, orders):
    """Each order comes once, oldest change first, also those that were changed in one second."""
    assert len({order.id for order in orders}) == len(orders)
    assert sorted(order.updated_at for order in orders) == [order.updated_at for order in orders]
    assert 8 == max(Counter(order.updated_at for order in orders).values())
    assert orders == pages(woo, 1) == pages(woo, 7)


def test_pages_go_on_in_a_new_process(woo, woo_of, woo_url, orders):
    """The cursor says it all: who takes it up later, and names the server as MySQL, leaves nothing out."""
    first = woo.op_export_orders(ExportOrdersRequest("main", limit=33))
    later = woo_of(make_url(woo_url).set(drivername="mysql").render_as_string(hide_password=False))
    rest = later.op_export_orders(ExportOrdersRequest("main", cursor=first.cursor, limit=33))
    later.close()

    assert (False, True) == (first.done, rest.done)
    assert orders == [*first.orders, *rest.orders]


def test_a_note_moves_the_time_of_change(woo, woo_sql, orders):
    """A tracking number arrives as a note, which leaves the order's own time where it is; so does a refund's change."""
    since = datetime(2031, 5, 1, tzinfo=UTC)
    oldest = orders[0].id
    woo_sql(
        """insert into wp_comments (comment_post_ID, comment_author, comment_date, comment_date_gmt, comment_content,
        comment_type) values (:id, 'WooCommerce', '2031-05-01 00:00:00', '2031-05-01 05:00:00', 'Handed over.',
        'order_note'), (44, 'Ada', '2031-05-01', '2031-05-01', 'A review', 'review')""",
        id=int(oldest),
    )
    changed = pages(woo, 200, since=since)
    woo_sql("delete from wp_comments where comment_date_gmt > '2031-01-01'")

    assert [(oldest, datetime(2031, 5, 1, 5, tzinfo=UTC))] == [(order.id, order.updated_at) for order in changed]
    assert [] == pages(woo, 200, since=since)


def test_numbers_times_and_people(woo, orders):
    """A plugin's number is the public one; times are GMT; names come as they are written."""
    order = next(one for one in orders if one.number == "NY-00016")
    again = woo.op_get_order(GetOrderRequest("main", order.id))

    assert order == again
    assert "16.customer@shop.example" == order.customer.email
    assert ("Zoë", "Ünwahr", "Köln", "DE", "") == (
        order.billing_address.first_name, order.billing_address.last_name, order.billing_address.city,
        order.billing_address.country, order.billing_address.country_area,
    )  # fmt: skip
    assert {"太郎 架空"} == {one.customer.name for one in orders if one.billing_address.country == "JP"}
    assert {"wc-cancelled"} == {one.status for one in orders if one.cancelled_at}


def test_an_empty_address_is_none(orders):
    """What is not sent has an empty second address in WooCommerce; it goes nowhere, and not to nowhere."""
    assert {("ALBUM",)} == {tuple(line.sku for line in one.lines) for one in orders if one.shipping_address is None}


def test_the_premium_is_a_fee_or_a_product(orders, woo_sql):
    """Both ways are protection; gift wrap and a negative fee are not."""
    fees = dict(
        woo_sql("""select i.order_id, m.meta_value from wp_woocommerce_order_items i
        join wp_woocommerce_order_itemmeta m on m.order_item_id = i.order_item_id and m.meta_key = '_line_total'
        where i.order_item_name = 'Order Protection' and i.order_item_type = 'fee'""")
    )
    lines = {order.id for order in orders if any(line.is_protection for line in order.lines)}

    assert {order.id for order in orders if order.premium is not None} == {str(one) for one in fees} & {
        order.id for order in orders
    }
    assert {"2.95", "2.66", "0.00"} == {
        str(each.premium_paid.amount) for each in orders if each.premium_paid is not None
    }  # coupons
    assert lines
    assert not lines & {str(one) for one in fees}


def test_refunded_units_are_counted_by_line(orders, woo_sql):
    """A refund names the line that it takes back."""
    said = woo_sql(
        """select m.meta_value from wp_woocommerce_order_itemmeta m where m.meta_key = '_refunded_item_id'"""
    )

    assert 3 < len(said)
    assert {line for (line,) in said} == {
        line.id for order in orders for line in order.lines if line.refunded_quantity == 1
    }


def test_an_order_that_is_none_is_not_found(woo, woo_sql):
    """A refund, a draft, another post, text that begins with an id."""
    refund = woo_sql("select min(id) from wp_wc_orders where type = 'shop_order_refund'")[0][0]
    draft = woo_sql("select id from wp_wc_orders where status = 'wc-checkout-draft'")[0][0]
    for order_id in (str(refund), str(draft), "101", "1001x", ""):
        with pytest.raises(OrderNotFound):
            woo.op_get_order(GetOrderRequest("main", order_id))


def test_a_note_that_names_goods_is_a_parcel(orders, parcels, woo_sql):
    """Carrier, number, and so many units of each line as the note says, also where one line went into several boxes."""
    notes = woo_sql("""select comment_ID, comment_post_ID, comment_content from wp_comments
        where comment_content like '% x % shipped via USPS on %'""")
    named = {line.id: line.name for order in orders for line in order.lines}
    made = {parcel.id: parcel for of_order in parcels.values() for parcel in of_order}

    assert 20 < len(notes)
    assert 2 < max(Counter(order for _, order, _ in notes).values())
    for note, _, words in notes:
        goods = html.unescape(words.partition(" shipped via")[0])
        expected = {name: int(units) for name, units in re.findall(r"(?:^|, )(.+?)(?: \([A-Z0-9-]+\))? x (\d+)", goods)}
        parcel = made[str(note)]
        assert expected == {named[each.line_id]: each.quantity for each in parcel.lines}
        assert ("USPS", tuple(re.findall(r"9400\d{18}", words))) == (parcel.tracking_company, parcel.tracking_numbers)


def test_notes_that_name_no_goods_are_one_parcel(orders, parcels):
    """Nobody can say which number is of which units, so they are together, and units are never counted twice."""
    several = [one for of_order in parcels.values() for one in of_order if len(one.tracking_numbers) > 1]

    assert several
    for order in orders:
        sold = {line.id: line.quantity for line in order.lines}
        sent = Counter()
        for parcel in parcels.get(order.id, ()):
            assert parcel.lines
            assert parcel.tracking_numbers
            sent.update({each.line_id: each.quantity for each in parcel.lines})
        assert sent <= Counter(sold), order.id
        assert not {line.id for line in order.lines if line.is_protection} & set(sent)


def test_stock_is_the_variations_or_its_parents_or_nobodys(woo, orders):
    """Who counts decides; below zero is none; what is in the bin or removed cannot be sent."""
    found = {}
    for order in orders:
        asked = tuple(LineQuantity(line.id, line.quantity) for line in order.lines)
        for line, stock in zip(order.lines, woo.op_check_stock(CheckStockRequest("main", order, asked)), strict=True):
            assert line.id == stock.line_id
            found[line.name] = stock.available

    assert {
        "Beanie": 400, "Café-Tasse „Größe M“": 250, "抹茶 Matcha & Whisk": 3, "Poster 100% Cotton_Rag": None,
        "Album": None, "Hoodie - Blue, Large": 120, "Sock - 38": 600, "Sock - 42": 600, "Order Protection": None,
        "Mug 🍓": 300, 'Gone "for good"': 0, "Backordered bag": 0, "Removed from the shop": 0,
    } == found  # fmt: skip


def test_products_are_what_can_be_sold(woo):
    """Each variation under its parent, no mere parent, not protection itself; the same in pages of any size."""
    whole = woo.op_export_products(ExportProductsRequest("main", limit=100))
    paged, cursor, done = [], None, False
    while not done:
        page = woo.op_export_products(ExportProductsRequest("main", limit=4, cursor=cursor))
        paged += page.products
        cursor, done = page.cursor, page.done
    by_name = {one.name: one for one in whole.products}

    assert list(whole.products) == paged
    assert 13 == len(by_name)
    assert not {"Hoodie", "Sock", "Order Protection"} & set(by_name)
    assert ("106", "107", 120) == _ids(by_name["Hoodie - Blue, Large"])
    assert ("109", "110", 600) == _ids(by_name["Sock - 38"])
    assert ("104", "", None) == _ids(by_name["Poster 100% Cotton_Rag"])
    assert Money("11.115", "USD") == by_name["Mug 🍓"].price
    assert {"Not yet sold": ProductStatus.DRAFT, 'Gone "for good"': ProductStatus.ARCHIVED} == {
        one.name: one.status for one in whole.products if one.status is not ProductStatus.ACTIVE
    }


def _ids(product):
    return product.id, product.variant_id, product.quantity
