"""Whatever ends a write on MariaDB, and whenever: effect and mark are both there or neither, and work goes on."""

import os
import secrets
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import make_url

from op_core.errors import NotSent, ShopAway
from op_core.models import Found, LineQuantity, NotFound
from op_core.money import Money
from op_core.requests import FindRequest, GetOrderRequest, NoteRequest, OperationKey, RefundRequest, ReshipRequest
from op_core.untrusted import Untrusted

NOW = datetime(2026, 12, 1, 12, 0, 0, 5, tzinfo=UTC)  # the clock of the example's fixture
TABLES = (
    "wp_posts", "wp_postmeta", "wp_comments", "wp_wc_orders", "wp_wc_order_addresses", "wp_wc_order_operational_data",
    "wp_wc_orders_meta", "wp_woocommerce_order_items", "wp_woocommerce_order_itemmeta", "wp_wc_product_meta_lookup",
    "op_references",
)  # fmt: skip
DIES = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest, OperationKey, RefundRequest
from op_sql_shop import SqlShopAdapter, SqlShopSettings

url, folder, order_id, reference = sys.argv[1:]
store = StoreInfo("main", "woocommerce-main", Path(folder))
shop = SqlShopAdapter(SqlShopSettings(url=url, mapping="shop.toml"), store)
order = shop.op_get_order(GetOrderRequest("main", order_id))
shop.op_issue_refund(RefundRequest(
    store="main", key=OperationKey("woocommerce-main", "claim:1", "refund", 1), reference=reference, order=order,
    deadline=datetime.now(UTC) + timedelta(seconds=60), amount=Money("1.00", "USD"), payment_id=order_id,
))
"""


@pytest.fixture(scope="module")
def order(woo, woo_sql):
    """An order that is paid, with a line whose stock is counted."""
    found = woo_sql(
        """select i.order_id from wp_woocommerce_order_items i
        join wp_wc_order_operational_data d on d.order_id = i.order_id
        where i.order_item_name = 'Beanie' and d.date_paid_gmt is not null limit 1"""
    )
    return woo.op_get_order(GetOrderRequest("main", str(found[0][0])))


@pytest.fixture
def state(woo_sql):
    """Give what every table holds now, as checksums."""
    return lambda: woo_sql(f"checksum table {', '.join(TABLES)}")


@pytest.fixture
def kill(mariadb_server):
    """End a connection from another one."""
    engine = create_engine(mariadb_server, isolation_level="AUTOCOMMIT")

    def kill(connection):
        with engine.connect() as other:
            other.execute(text(f"kill {connection.connection.dbapi_connection.thread_id()}"))

    yield kill
    engine.dispose()


@contextmanager
def listening(engine, name, heard):
    event.listen(engine, name, heard)
    try:
        yield
    finally:
        event.remove(engine, name, heard)


def common(order, verb, reference):
    key = OperationKey("woocommerce-main", f"claim:{reference}", verb, 1)
    return {
        "store": "main",
        "key": key,
        "reference": reference,
        "order": order,
        "deadline": NOW + timedelta(seconds=60),
    }


def requests(order):
    """Return one request of each verb, and the hook that it goes to."""
    line = next(LineQuantity(one.id, 1) for one in order.lines if one.sku == "WOO-BEANIE")
    money = {"amount": Money("1.00", "USD"), "payment_id": order.id, "lines": (line,)}
    return {
        "refund": RefundRequest(**common(order, "refund", "OP-refund"), **money),
        "reship": ReshipRequest(
            **common(order, "reship", "OP-reship"), lines=(line,), address=order.billing_address
        ),
        "note": NoteRequest(**common(order, "note", "OP-note"), text=Untrusted("hello")),
    }  # fmt: skip


HOOKS = {"refund": "op_issue_refund", "reship": "op_create_reship", "note": "op_add_note"}
FINDS = {"refund": "op_find_refund", "reship": "op_find_reship", "note": "op_find_note"}


def find(woo, request):
    amount = getattr(request, "amount", None)
    question = FindRequest("main", request.key, request.reference, request.order, amount)
    return getattr(woo, FINDS[request.key.verb])(question)


@pytest.mark.parametrize("verb", ["refund", "reship", "note"])
def test_a_connection_that_is_killed_at_any_statement_leaves_nothing(woo, order, state, kill, verb):
    """Before each statement in turn, and before the commit: no row changes; then one try makes one effect."""
    request, before, tries = requests(order)[verb], state(), 0
    while True:
        left = tries

        def count(connection, *_):
            nonlocal left
            if left == 0:
                kill(connection)
            left -= 1

        with (
            listening(woo.client.engine, "before_cursor_execute", count),
            listening(woo.client.engine, "commit", count),
        ):
            try:
                made = getattr(woo, HOOKS[verb])(request)
            except (NotSent, ShopAway):
                made = None
        if made is not None and made.state == "done":
            break
        tries += 1
        assert before == state(), f"at statement {tries}"
        assert NotFound() == find(woo, request)

    assert len(woo.mapping.verbs[verb].steps) < tries
    assert Found(made) == find(woo, request)
    assert before != state()


def test_a_commit_without_an_answer_is_found(woo, order, woo_sql, kill):
    """The connection ends after the commit and before its answer: nobody knows, until it is asked; once is once."""
    request = RefundRequest(**common(order, "refund", "OP-answer"), amount=Money("1.25", "USD"), payment_id=order.id)

    def committed(connection):
        connection.connection.dbapi_connection.commit()
        kill(connection)

    with listening(woo.client.engine, "commit", committed):
        lost = woo.op_issue_refund(request)
    found = find(woo, request)

    assert "unknown" == lost.state
    assert isinstance(found, Found)
    assert found.outcome == woo.op_issue_refund(request)
    assert [(1,)] == woo_sql("select count(*) from wp_wc_orders where total_amount = -1.25")


@pytest.mark.parametrize(
    ("point", "effects"), [("refund:statement:6", 0), ("refund:commit", 0), ("refund:committed", 1)]
)
def test_a_process_that_is_killed_leaves_both_or_neither(woo_url, woo, woo_sql, order, point, effects):
    """SIGKILL in the midst, just before and just after the commit: refund and mark go together, and no lock stays."""
    reference = f"OP-{secrets.token_hex(6)}"
    arguments = [sys.executable, "-c", DIES, woo_url, str(woo.store.directory), order.id, reference]
    done = subprocess.run(arguments, env={**os.environ, "OP_CRASH_POINT": point}, check=False, timeout=60)
    marks = woo_sql("select count(*) from op_references where reference = :reference", reference=reference)
    made = "select count(*) from wp_wc_orders_meta where meta_key = '_op_reference' and meta_value = :reference"
    answer = woo.op_issue_refund(
        RefundRequest(**common(order, "refund", reference), amount=Money("1.00", "USD"), payment_id=order.id)
    )

    assert -signal.SIGKILL == done.returncode
    assert [(effects,)] == marks
    assert "done" == answer.state
    assert [(1,)] == woo_sql(made, reference=reference)


def test_a_row_that_somebody_holds_is_not_waited_for_long(woo_of, woo_url, order):
    """Staff saves the order for longer than the limit: nothing was done, and it may be tried again."""
    shop, engine = woo_of(woo_url, lock_timeout="1 s"), create_engine(woo_url)
    request = NoteRequest(**common(order, "note", "OP-held"), text=Untrusted("hello"))
    with engine.connect() as staff:
        staff.execute(text("select 1 from wp_wc_orders where id = :id for update"), {"id": int(order.id)})
        with pytest.raises(NotSent, match="somebody else holds a row"):
            shop.op_add_note(request)

    assert "done" == shop.op_add_note(request).state
    engine.dispose()
    shop.close()


def test_a_server_that_went_away_is_used_again(woo, woo_sql, order):
    """All connections ended while they waited in the pool: the next call opens one."""
    woo.op_get_order(GetOrderRequest("main", order.id))
    waiting = woo_sql("select id from information_schema.processlist where db = database() and id <> connection_id()")
    for (connection,) in waiting:
        woo_sql(f"kill {connection}")

    assert waiting
    assert order.id == woo.op_get_order(GetOrderRequest("main", order.id)).id


def test_a_column_that_an_upgrade_took_away_is_named(woo, woo_sql, order):
    """The store waits, and says for what; when the column is back, it goes on."""
    woo_sql("alter table wp_wc_orders rename column billing_email to email")
    try:
        with pytest.raises(ShopAway, match="billing_email"):
            woo.op_get_order(GetOrderRequest("main", order.id))
    finally:
        woo_sql("alter table wp_wc_orders rename column email to billing_email")

    assert order.id == woo.op_get_order(GetOrderRequest("main", order.id)).id


def test_a_user_who_may_only_read_reads(woo_of, woo_url, woo_sql, order):
    """Orders are exported; a write is refused by name, and changes nothing."""
    url, user = make_url(woo_url), f"op_{secrets.token_hex(6)}"
    woo_sql(f"create user {user}@localhost identified by 'fake-password'")
    woo_sql(f"grant select on {url.database}.* to {user}@localhost")
    only_reads = url.set(username=user, password="fake-password").render_as_string(hide_password=False)
    shop = woo_of(only_reads)
    try:
        assert order.total == shop.op_get_order(GetOrderRequest("main", order.id)).total
        with pytest.raises(ShopAway, match="may not") as caught:
            shop.op_add_note(NoteRequest(**common(order, "note", "OP-denied"), text=Untrusted("hello")))
    finally:
        shop.close()
        woo_sql(f"drop user {user}@localhost")

    assert "fake-password" not in str(caught.value)
    assert Decimal(0) == woo_sql("select count(*) from op_references where reference = 'OP-denied'")[0][0]
