"""The replacement orders that the WooCommerce example writes, read back from the tables themselves."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from op_core.errors import Refused
from op_core.models import Address, Found, LineQuantity, NotFound
from op_core.money import Money
from op_core.requests import ExportOrdersRequest, FindRequest, GetOrderRequest, OperationKey, ReshipRequest

NOW = datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)  # the clock of the example's fixture
WRITTEN = datetime(2026, 12, 1, 12, 0, 0)  # noqa: DTZ001 - as WooCommerce's columns hold it
ELSEWHERE = Address("Zoë", "Test", "", "1 Example St", "", "Leeds", "", "LS1 4AP", "GB", "+440000000000")


@pytest.fixture
def of(woo, woo_sql):
    """Give the oldest order that sold the product of that name, and its line."""

    def find(name):
        order = woo_sql(
            """select i.order_id from wp_woocommerce_order_items i join wp_wc_orders o on o.id = i.order_id
            where i.order_item_name = :name and i.order_item_type = 'line_item' and o.type = 'shop_order'
            and o.status in ('wc-processing', 'wc-completed') order by i.order_id limit 1""",
            name=name,
        )[0][0]
        order = woo.op_get_order(GetOrderRequest("main", str(order)))
        return order, next(line for line in order.lines if line.name == name)

    return find


def usd(amount):
    return Money(Decimal(amount), "USD")


def reship(order, reference, *lines, address=ELSEWHERE, take_stock=True):
    common = {
        "store": "main",
        "key": OperationKey("woocommerce-main", "claim:c-1", "reship", 1),
        "reference": reference,
        "order": order,
        "deadline": NOW + timedelta(seconds=60),
        "claim_id": "c-1",
        "reason": "lost <b>& found</b>",
    }
    return ReshipRequest(**common, lines=lines, address=address, take_stock=take_stock)


def question(request):
    return FindRequest("main", request.key, request.reference, request.order)


def test_a_replacement_is_an_order_that_costs_nothing(woo, woo_sql, of):
    """It is WooCommerce's own kind of order, with an id of WordPress, at price 0, to the given address."""
    order, line = of("Beanie")
    made = woo.op_create_reship(reship(order, "OP-new", LineQuantity(line.id, 1)))
    new = int(made.order_id)

    assert ("done", str(new), None) == (made.state, made.shop_id, made.money)
    assert woo_sql("select max(ID), 'shop_order_placehold', 'draft' from wp_posts") == woo_sql(
        "select ID, post_type, post_status from wp_posts where ID = :id", id=new
    )
    assert [("wc-processing", "USD", "shop_order", 0, 0, order.customer.email, WRITTEN, WRITTEN, 0)] == woo_sql(
        """select status, currency, type, tax_amount, total_amount, billing_email, date_created_gmt, date_updated_gmt,
        parent_order_id from wp_wc_orders where id = :id""",
        id=new,
    )
    assert [(1, 0, 0, 0, 0, None, 22)] == woo_sql(
        """select order_stock_reduced, shipping_total_amount, shipping_tax_amount, discount_total_amount,
        discount_tax_amount, date_paid_gmt, char_length(order_key) from wp_wc_order_operational_data
        where order_id = :id""",
        id=new,
    )
    assert [("billing", order.billing_address.first_name, order.customer.email), ("shipping", "Zoë", None)] == woo_sql(
        "select address_type, first_name, email from wp_wc_order_addresses where order_id = :id order by 1", id=new
    )


def test_its_lines_inherit_what_was_bought_and_no_money(woo, woo_sql, of):
    """Product, variation and attributes are those of the line; its units are those asked for; each amount is 0."""
    order, line = of("Hoodie - Blue, Large")
    made = woo.op_create_reship(reship(order, "OP-lines", LineQuantity(line.id, 1)))
    meta = dict(woo_sql(
        """select m.meta_key, m.meta_value from wp_woocommerce_order_items i
        join wp_woocommerce_order_itemmeta m on m.order_item_id = i.order_item_id where i.order_id = :id""",
        id=int(made.order_id),
    ))  # fmt: skip

    assert ("106", "107", "1", "1") == tuple(
        meta[key] for key in ("_product_id", "_variation_id", "_qty", "_reduced_stock")
    )
    assert {"0"} == {value for key, value in meta.items() if key.startswith("_line_") and key != "_line_tax_data"}
    assert 'a:2:{s:5:"total";a:0:{}s:8:"subtotal";a:0:{}}' == meta["_line_tax_data"]


def test_a_replacement_comes_back_as_an_order_that_says_what_it_replaces(woo, of):
    """Both orders carry the reference, and count as changed; nothing is paid or owed for the new one."""
    order, line = of("Café-Tasse „Größe M“")
    asked = reship(order, "OP-echo", LineQuantity(line.id, 1))
    made = woo.op_create_reship(asked)
    page = woo.op_export_orders(ExportOrdersRequest("main", since=NOW - timedelta(seconds=1)))
    new = next(one for one in page.orders if one.id == made.order_id)
    old = next(one for one in page.orders if one.id == order.id)

    assert (order.id, None) == (new.replaces, old.replaces)
    assert frozenset({"OP-echo"}) == new.references
    assert "OP-echo" in old.references
    assert [usd(0)] * 5 == [new.total, new.subtotal, new.paid, new.shipping, new.tax]
    assert ELSEWHERE == new.shipping_address
    assert Found(made) == woo.op_find_reship(question(asked))


def test_both_orders_say_so_in_words_that_are_no_markup(woo, woo_sql, of):
    """A reason comes from outside: WooCommerce shows notes as HTML."""
    order, line = of("Mug 🍓")
    made = woo.op_create_reship(reship(order, "OP-words", LineQuantity(line.id, 1)))
    notes = (
        "select comment_post_ID, comment_content from wp_comments where comment_content like '%OP-words%' order by 1"
    )
    reason = "lost &lt;b>&amp; found&lt;/b>"

    assert [
        (int(order.id), f"Replaced by order {made.order_id} (OP-words): {reason}"),
        (int(made.order_id), f"Replacement of order {order.number} (OP-words): {reason}"),
    ] == woo_sql(notes)


@pytest.mark.parametrize(("name", "counts"), [("Sock - 42", 109), ("Hoodie - Blue, Large", 107), ("Mug 🍓", 113)])
def test_units_are_taken_from_who_counts_them(woo, woo_sql, of, name, counts):
    """A variation's own stock, or its parent's; in both places where WooCommerce keeps it."""
    stock = """select cast(m.meta_value as decimal(26,6)), l.stock_quantity from wp_postmeta m
        join wp_wc_product_meta_lookup l on l.product_id = m.post_id where m.post_id = :id and m.meta_key = '_stock'"""
    order, line = of(name)
    before = woo_sql(stock, id=counts)[0][0]
    woo.op_create_reship(reship(order, f"OP-{counts}", LineQuantity(line.id, line.quantity)))
    left = before - line.quantity

    assert [(left, float(left))] == woo_sql(stock, id=counts)


def test_the_last_unit_makes_a_product_out_of_stock(woo, woo_sql, of):
    """WooCommerce itself would stop selling it: so does this; and never below zero."""
    order, line = of("抹茶 Matcha & Whisk")
    woo_sql("update wp_postmeta set meta_value = '1.000000' where post_id = 103 and meta_key = '_stock'")
    woo.op_create_reship(reship(order, "OP-last", LineQuantity(line.id, 1)))

    assert [("0.000000", "outofstock", 0.0, "outofstock")] == woo_sql(
        """select s.meta_value, t.meta_value, l.stock_quantity, l.stock_status from wp_postmeta s
        join wp_postmeta t on t.post_id = s.post_id and t.meta_key = '_stock_status'
        join wp_wc_product_meta_lookup l on l.product_id = s.post_id where s.post_id = 103 and s.meta_key = '_stock'"""
    )
    asked = reship(order, "OP-more", LineQuantity(line.id, 1))
    with pytest.raises(Refused, match="there is not enough stock"):
        woo.op_create_reship(asked)
    assert NotFound() == woo.op_find_reship(question(asked))
    assert "done" == woo.op_create_reship(reship(order, "OP-kept", LineQuantity(line.id, 1), take_stock=False)).state


def test_a_refused_replacement_leaves_no_row(woo, woo_sql, of):
    """The first line can be sent, the second cannot: then neither is, and no row of either stays."""
    order, _ = of('Gone "for good"')
    counts = """select (select count(*) from wp_posts), (select count(*) from wp_wc_orders),
        (select count(*) from wp_woocommerce_order_itemmeta), (select count(*) from wp_comments),
        (select count(*) from op_references), (select sum(meta_value) from wp_postmeta where meta_key = '_stock')"""
    before = woo_sql(counts)
    with pytest.raises(Refused, match="no longer in the shop"):
        woo.op_create_reship(reship(order, "OP-gone", *(LineQuantity(line.id, 1) for line in order.lines)))

    assert 1 < len(order.lines)
    assert before == woo_sql(counts)


def test_a_line_of_another_order_is_refused(woo, of):
    """Nothing is sent that this order did not buy."""
    order, _ = of("Beanie")
    _, line = of("Backordered bag")
    with pytest.raises(Refused, match=r"order \d+ has no line \d+"):
        woo.op_create_reship(reship(order, "OP-other", LineQuantity(line.id, 1)))
