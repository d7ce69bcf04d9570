"""How many calls a shop is sent, how fast, and when none: by its settings, and as it asks."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from op_core.errors import NotSent, Refused, ShopAway
from op_core.money import Money
from op_core.requests import GetOrderRequest

REFUND = "POST /payments/pay_1/refund"
ITEMS = "POST /claims/claim_1/items"


@pytest.fixture
def refund(order, refund_of):
    return refund_of(order, Money(5, "USD"))


def test_a_short_wait_is_waited_for(adapter, shop, refund):
    """The call is sent again after what the shop asks for, since it has done nothing."""
    shop.faults[REFUND] = (429, "0")

    assert "done" == adapter.op_issue_refund(request=refund).state
    assert [REFUND] * 2 == shop.written


@pytest.mark.parametrize("status", [429, 503])
def test_a_shop_that_asks_for_a_long_wait_is_left_alone_for_it(adapter, shop, refund, status):
    """The store waits as a whole for as long; no call is sent again before. A 503 to a refund is no such word."""
    shop.faults["GET /orders/order_1"] = (status, "90")
    with pytest.raises(ShopAway, match="the shop asks to wait 90 s") as caught:
        adapter.op_get_order(request=GetOrderRequest("main", "order_1"))
    assert 90 == caught.value.wait

    shop.faults[REFUND] = (status, "90")
    if status == 503:
        assert "unknown" == adapter.op_issue_refund(request=refund).state
    else:
        with pytest.raises(
            ShopAway, match=r"refund\.calls\[0\]: .*429, too many calls; the shop asks to wait 90 s"
        ) as caught:
            adapter.op_issue_refund(request=refund)
        assert 90 == caught.value.wait
    assert [REFUND] == shop.written
    assert [] == shop.refunds


def test_what_was_prepared_is_taken_back_before_the_wait(adapter, shop, order, reship_of):
    """The order is not left locked for so long."""
    shop.faults[ITEMS] = (429, "90")

    with pytest.raises(NotSent, match="the shop asks to wait 90 s"):
        adapter.op_create_reship(request=reship_of(order))
    assert {} == shop.claims


def test_a_rule_may_take_it_for_a_no(adapter_of, shop, refund):
    """What the manifest says of a status comes first."""
    rule = "[refund.find]", 'rules = [{ status = 429, means = "refused" }]\n[refund.find]'
    shop.faults[REFUND] = (429, "90")

    with pytest.raises(Refused):
        adapter_of(changes=[rule]).op_issue_refund(request=refund)


@pytest.mark.parametrize("repeat", [True, False])
def test_a_call_that_may_have_landed_is_sent_again_only_where_the_manifest_says_so(
    adapter_of, shop, order, reship_of, repeat
):
    """With ``repeat`` a lost answer is no end of the sequence; without it all is taken back."""
    change = '/items"\n', '/items"\nrepeat = true\n' if repeat else '/items"\n'
    adapter, request = adapter_of(changes=[change]), reship_of(order)
    shop.faults[ITEMS] = "cut after"

    if repeat:
        assert "done" == adapter.op_create_reship(request=request).state
    else:
        with pytest.raises(NotSent):
            adapter.op_create_reship(request=request)
    assert (2 if repeat else 1) == shop.written.count(ITEMS)
    assert len(shop.claims) == len(shop.confirmed) == repeat


def test_calls_are_spread_over_time(adapter_of, order):
    """Six calls at fifty a second take at least a tenth of one, whoever makes them."""
    adapter, begun = adapter_of(calls_per_second="50"), time.monotonic()
    with ThreadPoolExecutor(6) as pool:
        for _ in range(6):
            pool.submit(adapter.op_get_order, request=GetOrderRequest("main", "order_1"))

    assert time.monotonic() - begun >= 5 / 50


# --- Connections -----------------------------------------------------------------------------------------------------


class Counting(BaseHTTPRequestHandler):
    """A shop without orders, that answers nobody before two ask, and counts how many do at once."""

    def do_GET(self):
        server = self.server
        with server.lock:
            server.at_once += 1
            server.most = max(server.most, server.at_once)
            if server.at_once == server.enough:
                server.full.set()
        server.full.wait(30)
        with server.lock:
            server.at_once -= 1
            server.answered += 1
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"orders": []}')

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def counting():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Counting)
    server.daemon_threads = True
    server.lock, server.full = threading.Lock(), threading.Event()
    server.at_once, server.most, server.answered, server.enough = 0, 0, 0, 2
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.full.set()
    server.shutdown()
    server.server_close()


def test_no_more_calls_are_under_way_than_the_settings_say(adapter_of, counting):
    """The others wait for their turn."""
    adapter = adapter_of(url=f"http://127.0.0.1:{counting.server_port}", connections=2)
    with ThreadPoolExecutor(6) as pool:
        made = [pool.submit(adapter.reader.page, None, None, 5) for _ in range(6)]

    assert [True] * 6 == [one.result().done for one in made]
    assert (2, 6) == (counting.most, counting.answered)
