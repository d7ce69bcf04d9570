import logging
from datetime import timedelta

import pytest

from op_core.errors import BadRequest, RateLimited, ServerFailed, ShopAway
from op_core.export import Exported
from op_core.hooks import hookimpl
from op_core.ledger import exports
from op_core.money import Money
from op_core.testing.model_shop import ModelShop, an_order


def marks(store):
    """Return the marks that are left, whenever they are due."""
    later = store.clock[0] + timedelta(days=30)
    return {row.order_id: row for row in store.ledger.read(exports.changed, store.settings.id, later, 100)}


def test_marked_order_is_sent(any_store):
    """An order that the shop marked is sent, and its mark goes."""
    any_store.put(an_order())
    any_store.mark("1001")
    assert Exported(seen=1, created=1) == any_store.exporter.marked()
    assert {} == marks(any_store)
    assert Exported() == any_store.exporter.marked()


def test_marked_again_while_it_was_sent(store):
    """A mark that was made anew while the order was sent stays."""
    store.put(an_order())
    store.mark("1001")

    def mark_again(_):
        store.pass_time(timedelta(seconds=1))
        store.mark("1001")

    store.api.script["create_order"] = mark_again
    store.exporter.marked()
    assert ["1001"] == list(marks(store))


def test_failing_api_postpones(any_store, caplog):
    """A failing API raises nothing: the marks wait, twice as long each time, and the orders are counted as failed."""
    store = any_store
    store.put(an_order())
    store.mark("1001")
    store.api.script["create_order"] = lambda _: ServerFailed("500", status=500)
    waits = []
    with caplog.at_level(logging.WARNING, "op_core"):
        for _ in range(9):
            assert 1 == store.exporter.marked().failed
            assert Exported() == store.exporter.marked()
            not_before = marks(store)["1001"].not_before
            waits.append((not_before - store.clock[0]).total_seconds())
            store.clock[0] = not_before
    assert [30, 60, 120, 240, 480, 960, 1920, 3600, 3600] == waits
    assert "order 1001 of store main was not exported" in caplog.text
    store.api.script.clear()
    assert Exported(seen=1, created=1) == store.exporter.marked()


def test_rate_limit_is_kept(store):
    """An order is not tried before the time that the API asks for."""
    store.put(an_order())
    store.mark("1001")
    store.api.script["create_order"] = [RateLimited("429", status=429, retry_after=7200.0)]
    store.exporter.marked()
    assert timedelta(hours=2) == marks(store)["1001"].not_before - store.clock[0]


def test_refused_order_is_settled(store):
    """A marked order that the API refuses is recorded; its mark goes, for waiting would not help."""
    store.put(an_order())
    store.mark("1001")
    store.api.script["create_order"] = [BadRequest("400", status=400)]
    assert Exported(seen=1, refused=1) == store.exporter.marked()
    assert ({}, "refused") == (marks(store), store.row("1001").state)


def test_order_that_cannot_be_seen_yet(store):
    """A marked order that the shop does not show is looked for again: the mark may precede the shop's own commit."""
    store.mark("1001")
    assert Exported(failed=1) == store.exporter.marked()
    store.put(an_order())
    store.pass_time(timedelta(minutes=1))
    assert Exported(seen=1, created=1) == store.exporter.marked()


def test_order_that_is_gone(store):
    """A marked order that the shop does not show for long is listed, and its mark goes."""
    store.mark("1001")
    for _ in range(8):
        store.exporter.marked()
        store.pass_time(timedelta(hours=1))
    assert ({}, "not_exportable") == (marks(store), store.row("1001").state)


def test_shop_that_does_not_answer(store):
    """A shop that fails for one order postpones that one and is asked no further; the next round starts with others."""

    class Failing(ModelShop):
        @hookimpl
        def op_get_order(self, request):
            if request.order_id == "1":
                raise ConnectionError("down")
            return super().op_get_order(request)

    store.shop = Failing()
    for order_id in ("1", "2"):
        store.put(an_order(id=order_id))
        store.mark(order_id)
    assert Exported(failed=1) == store.exporter.marked()
    assert Exported(seen=1, created=1) == store.exporter.marked()
    assert ["1"] == list(marks(store))


def test_parcels_that_cannot_be_looked_up(store):
    """Marked orders whose parcels the shop cannot look up now are postponed, not lost and not sent in part."""

    class Failing(ModelShop):
        @hookimpl
        def op_lookup_fulfillments(self, request):
            raise ConnectionError("down")

    store.shop = Failing()
    store.put(an_order())
    store.mark("1001")
    assert (Exported(failed=1), []) == (store.exporter.marked(), store.api.names())
    assert marks(store)["1001"].not_before > store.clock[0]


@pytest.mark.parametrize("hook", ["op_get_order", "op_lookup_fulfillments"])
def test_a_shop_that_is_away(store, hook):
    """Marks stay as they are, without a try or a later time: with the shop back the next round sends them."""
    store.put(an_order())
    store.mark("1001")

    class Away(ModelShop):
        pass

    def away(_self, request):
        raise ShopAway("no connection")

    setattr(Away, hook, hookimpl(away))
    well, store.shop = store.shop, Away(store.shop.orders)
    for _ in range(3):
        assert (Exported(), []) == (store.exporter.marked(), store.api.names())
    assert (0, None) == (marks(store)["1001"].tries, marks(store)["1001"].not_before)
    store.shop = well
    assert Exported(seen=1, created=1) == store.exporter.marked()


@pytest.fixture
def waiting(store, a_parcel):
    """Give a store with a parcel that has waited long enough."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(tracking_numbers=(), created_at=store.clock[0]),)
    store.exporter.run()
    store.pass_time(timedelta(hours=25))
    return store


def test_due_parcel_and_a_failing_api(waiting):
    """A parcel that is due and cannot be sent is tried later, not at each turn."""
    waiting.api.script["create_fulfillment"] = [RateLimited("429", status=429)]
    assert 1 == waiting.exporter.marked().failed
    assert Exported() == waiting.exporter.marked()
    waiting.pass_time(timedelta(hours=1))
    assert Exported(seen=1, unchanged=1, fulfillments_created=1) == waiting.exporter.marked()


def test_due_parcel_behind_a_full_page(waiting):
    """A parcel that was not looked at, since marks filled the page, comes with the next page and not an hour later."""
    waiting.with_export(page_size=2)
    for order_id in ("1", "2"):
        waiting.put(an_order(id=order_id))
        waiting.mark(order_id)
    assert Exported(seen=2, created=2) == waiting.exporter.marked()
    assert Exported(seen=1, unchanged=1, fulfillments_created=1) == waiting.exporter.marked()


def test_due_parcel_of_an_order_that_is_gone(waiting):
    """A parcel whose order the shop no longer has waits no longer."""
    waiting.shop.orders.clear()
    assert Exported(failed=1) == waiting.exporter.marked()
    assert "not_exportable" == waiting.parcel_row("1001", "F1").state
    waiting.pass_time(timedelta(days=1))
    assert Exported() == waiting.exporter.marked()


def test_gone_order_keeps_what_was_sent(waiting):
    """An order that comes back after it was given up is compared with what Order Protection holds of it."""
    order = waiting.shop.orders.pop("1001")
    waiting.exporter.marked()
    waiting.put(order)
    waiting.change("1001", total=Money("61.00", "USD"))
    waiting.api.calls.clear()
    waiting.exporter.run()
    assert "update_order" in waiting.api.names()
    assert "sent" == waiting.row("1001").state


def test_a_page_at_a_time(store):
    """One call sends at most a page of marked orders, oldest mark first."""
    store.with_export(page_size=2)
    for number in range(1, 4):
        store.put(an_order(id=str(number)))
        store.mark(str(number))
    assert 2 == store.exporter.marked().created
    assert ["3"] == list(marks(store))
