"""``op-core orders export | list``."""

import pytest

from op_core.ledger import exports
from op_core.sandbox import Sandbox

TOKEN = "not-a-real-token-0000"


def test_everything_is_sent_once(cli, home):
    """A first run makes every order known, a second one says that nothing is new."""
    first, again = cli("orders", "export", "main", "--json"), cli("orders", "export", "main", "--json")

    assert [0, 0] == [first.code, again.code]
    assert (6, 6) == (first.json["counts"]["seen"], first.json["counts"]["created"])
    assert 0 == again.json["counts"]["created"] + again.json["counts"]["updated"]
    assert 6 == len(home.sandbox.local.store.all("order"))


def test_full_begins_with_the_first_order(cli, home):
    """All orders are looked at again; equal ones are not sent again."""
    cli("orders", "export", "main")
    counts = cli("orders", "export", "main", "--full", "--json").json["counts"]

    assert (6, 6) == (counts["seen"], counts["unchanged"])


def test_single_orders_can_be_sent(cli, home):
    """Only the named orders are sent; one that the shop does not have has failed."""
    one = cli("orders", "export", "main", "--order", "order-1001", "--json")
    none = cli("orders", "export", "main", "--order", "order-9", "--json")

    assert (0, 1) == (one.code, one.json["counts"]["created"])
    assert (1, 1) == (none.code, none.json["counts"]["failed"])
    assert {"order-9": "the shop has no order of this id"} == none.json["failed"]


def test_each_order_that_fails_says_why(cli, home):
    """One after the other, and the others are sent."""
    ended = cli("orders", "export", "main", "--order", "order-8", "--order", "order-1001", "--order", "order-9")

    assert 1 == ended.code
    assert [
        "order order-8 failed: the shop has no order of this id",
        "order order-9 failed: the shop has no order of this id",
    ] == [line for line in ended.out.splitlines() if line.startswith("order ")]
    assert ["order-1001"] == [one["sourceOrderId"] for one in home.sandbox.local.store.all("order")]


@pytest.mark.parametrize("more", ["--full", "--resend"])
def test_named_orders_and_all_orders_exclude_each_other(cli, home, more):
    """Both at once is wrong use."""
    assert 2 == cli("orders", "export", "main", "--order", "order-1001", more).code


def test_what_was_lost_there_is_sent_again(cli, home):
    """A sandbox that forgot everything has all of it again after --resend; without, the ledger believes it sent."""
    cli("orders", "export", "main")
    with Sandbox(token=TOKEN) as empty:
        home.config.write_text(home.config.read_text().replace(home.sandbox.url, empty.url))
        cli("orders", "export", "main")
        before = len(empty.local.store.all("order"))
        ended = cli("orders", "export", "main", "--resend", "--json")

        assert (0, 6) == (ended.code, ended.json["counts"]["created"])
        assert (0, 6) == (before, len(empty.local.store.all("order")))


@pytest.fixture
def homeless(home):
    """Give a shop of which one order has no address."""
    (home.folder / "homeless.py").write_text(
        "import attrs\n"
        "from op_core.demo.shop import DemoShop\n"
        "class Shop(DemoShop):\n"
        "    def changed_orders(self, since, cursor, limit):\n"
        "        page = super().changed_orders(since, cursor, limit)\n"
        "        return attrs.evolve(page, orders=tuple(map(self.without, page.orders)))\n"
        "    def without(self, order):\n"
        "        if order.id != 'order-1002': return order\n"
        "        return attrs.evolve(order, shipping_address=None, billing_address=None)\n"
    )
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", "homeless:Shop"))


def test_what_is_left_out_is_counted_with_its_reason(cli, homeless):
    """The exit code stays 0: nothing failed. The list and the doctor show it too."""
    ended = cli("orders", "export", "main")
    (one,) = cli("orders", "list", "main", "--state", "not_exportable", "--json").json
    found = cli("doctor", "--json").json["checks"]

    assert 0 == ended.code
    assert "1 not_exportable, not sent, as they lack what Order Protection needs: " in ended.out
    assert "op-core orders list main --state not_exportable" in ended.out
    assert ("order-1002", None) == (one["order_id"], one["fulfillment_id"])
    assert one["reason"] in ended.out
    assert one["reason"] in cli("orders", "list", "main").out
    assert [] == cli("orders", "list", "main", "--state", "refused", "--json").json
    assert ["look"] == [check["state"] for check in found if check["check"] == "export not_exportable"]


def test_what_is_refused_is_not_well(cli, home):
    """The export ends with 1, and so does the doctor, until it is mended."""
    with home.loaded() as core:
        core.ledger.write(
            exports.put_order, "main-1", "order-1001", state="refused", reason="422", at=core.ledger.now()
        )
    ended = cli("doctor", "--json")

    assert 1 == ended.code
    assert ["not well"] == [one["state"] for one in ended.json["checks"] if one["check"] == "export refused"]


def test_an_unknown_state_names_the_nearest(cli, home):
    """A mistyped state is wrong use."""
    ended = cli("orders", "list", "main", "--state", "refusd")

    assert (2, "op-core: there is no state 'refusd'; nearest known: 'refused'\n") == (ended.code, ended.err)


def test_a_person_reads_the_counts(cli, home):
    """The numbers are on stdout, and no bar where stderr is no terminal."""
    ended = cli("orders", "export", "main")

    assert "created" in ended.out
    assert "" == ended.err


def test_an_api_that_fails_exits_1(cli, home):
    """What went wrong is one line."""
    home.token = "another-token-0000"
    home.settings()
    ended = cli("orders", "export", "main")

    assert (1, "") == (ended.code, ended.out)
    assert "401" in ended.err
    assert 1 == ended.err.count("\n")
