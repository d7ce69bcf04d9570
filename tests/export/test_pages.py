from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

from op_core.errors import (
    BadRequest,
    ContractBroken,
    NotFoundThere,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    ShopUnavailable,
    Unauthorized,
)
from op_core.export import Exported
from op_core.hooks import hookimpl
from op_core.ledger import exports
from op_core.models import OrderPage
from op_core.money import Money
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.model_shop import ModelShop, an_order

FAILURES = [
    RateLimited("429", status=429, retry_after=30.0),
    ServerFailed("503", status=503),
    RequestNotSent("refused"),
    Unauthorized("401", status=401),
    NotFoundThere("404: is api_url right?", status=404),
]


def fill(store, count, *, page_size=2):
    store.with_export(page_size=page_size)
    for number in range(1, count + 1):
        store.put(an_order(id=str(number)))


def test_all_pages(any_store):
    """A run reads page after page until the shop is done, and the next run finds nothing new."""
    fill(any_store, 5)
    pages = []
    assert Exported(seen=5, created=5) == any_store.exporter.run(progress=pages.append)
    assert [(1, 2), (2, 4), (3, 5)] == [(one.pages, one.exported.created) for one in pages]
    assert any_store.clock[0] == pages[-1].newest
    assert Exported(seen=5, unchanged=5) == any_store.exporter.run()


def test_overlap(store):
    """The next run begins an overlap before the newest change of the last finished one."""
    fill(store, 2)
    store.exporter.run()
    newest = store.clock[0]
    assert (None, newest - timedelta(minutes=10), None) == attrs.astuple(store.cursor())
    store.pass_time(timedelta(hours=1))
    store.put(an_order(id="3"))
    assert Exported(seen=3, created=1, unchanged=2) == store.exporter.run()
    assert Exported(seen=1, unchanged=1) == store.exporter.run()


def test_run_without_changes_keeps_its_beginning(store):
    """A run that sees nothing leaves where the next one begins as it was."""
    fill(store, 1)
    store.exporter.run()
    since = store.cursor().since
    store.shop.orders.clear()
    store.exporter.run()
    assert since == store.cursor().since


def test_change_of_tomorrow(store):
    """An order whose change lies in the future does not hide the changes of today."""
    fill(store, 1)
    tomorrow = store.clock[0] + timedelta(days=1)
    store.shop.orders["9"] = an_order(id="9", updated_at=tomorrow)
    store.exporter.run()
    store.pass_time(timedelta(minutes=1))
    store.put(an_order(id="3"))
    assert 1 == store.exporter.run().created


def test_full(store):
    """A full run begins with the first order again, and still sends no equal one."""
    fill(store, 3)
    store.exporter.run()
    store.pass_time(timedelta(days=1))
    store.put(an_order(id="4"))
    store.exporter.run()
    assert Exported(seen=4, unchanged=4) == store.exporter.run(full=True)


def resend(store):
    """Do what `op_core.core.Core.export` does with ``resend``."""
    store.ledger.write(exports.forget, store.settings.id)
    return store.exporter.run(full=True)


def test_resend(any_store, a_parcel):
    """After Order Protection lost everything, everything is sent anew, also what was refused before."""
    store = any_store
    fill(store, 3)
    store.shop.parcels = (a_parcel(order_id="1"),)
    store.api.script["create_order"] = lambda order_id: BadRequest("no", status=400) if order_id == "3" else None
    store.exporter.run()
    store.api.orders.clear()
    store.api.parcels.clear()
    store.api.script.clear()
    store.pass_time(timedelta(days=1))
    assert Exported(seen=3, created=3, fulfillments_created=1) == resend(store)
    assert (["1", "2", "3"], [("1", "F1")]) == (sorted(store.api.orders), list(store.api.parcels))
    assert Exported(seen=3, unchanged=3) == store.exporter.run(full=True)


def test_resend_of_what_is_there(any_store, a_parcel):
    """409 is followed by PUT: nothing is made twice, and what is there says what the shop says."""
    store = any_store
    fill(store, 2)
    store.shop.parcels = (a_parcel(order_id="1"),)
    store.exporter.run()
    store.api.orders["2"]["total"] = Decimal(1)
    store.api.names()
    assert Exported(seen=2, updated=2, fulfillments_updated=1) == resend(store)
    assert [
        "create_fulfillment",
        "create_order",
        "create_order",
        "update_fulfillment",
        "update_order",
        "update_order",
    ] == (sorted(store.api.names()))
    assert Decimal("60.00") == store.api.orders["2"]["total"]


def test_resend_of_one_store_is_not_another_stores(store):
    """Cursor and rows of other stores stay as they are."""
    fill(store, 1)
    store.exporter.run()
    before = (store.cursor(), store.row("1"))
    store.ledger.write(exports.forget, "another-1")
    assert before == (store.cursor(), store.row("1"))


@pytest.mark.parametrize("error", FAILURES)
def test_failing_api_stops_the_run(any_store, error):
    """A failing API stops the run with the cursor where it was; the next run goes on and sends each order once."""
    fill(any_store, 6)
    any_store.with_export(in_flight=1)
    any_store.api.script["create_order"] = lambda order_id: error if order_id == "4" else None
    with pytest.raises(type(error)) as caught:
        any_store.exporter.run()
    assert "the next run goes on" in caught.value.__notes__[0]
    after_first = any_store.cursor()
    assert (True, "sent", None) == (
        after_first.cursor is not None,
        any_store.row("3").state,
        any_store.row("4"),
    )
    any_store.api.script.clear()
    assert Exported(seen=4, created=3, unchanged=1) == any_store.exporter.run()
    posts = [key for name, key in any_store.api.calls if name == "create_order"]
    assert sorted(any_store.api.orders) == sorted(set(posts)) == ["1", "2", "3", "4", "5", "6"]
    assert 1 == posts.count("3")


def test_failing_api_is_not_asked_for_the_rest(store):
    """After a failure no further order of the page is begun."""
    fill(store, 50, page_size=50)
    store.with_export(in_flight=2)
    store.api.script["create_order"] = lambda _: RateLimited("429", status=429)
    with pytest.raises(RateLimited):
        store.exporter.run()
    assert len(store.api.calls) <= 2


def test_failure_between_order_and_parcel(store, a_parcel):
    """An order that went before the API failed is not sent again; its parcel is."""
    fill(store, 1)
    store.shop.parcels = (a_parcel(order_id="1"),)
    store.api.script["create_fulfillment"] = [RateLimited("429", status=429)]
    with pytest.raises(RateLimited):
        store.exporter.run()
    assert Exported(seen=1, unchanged=1, fulfillments_created=1) == store.exporter.run()


def test_failed_full_run_is_resumed(store):
    """A full run that stopped on its first page is resumed as a full run."""
    fill(store, 3)
    store.exporter.run()
    store.pass_time(timedelta(days=1))
    store.change("1", total=Money("61.00", "USD"))
    store.exporter.run()
    store.api.orders.clear()
    store.ledger.write(lambda c: c.exec_driver_sql("DELETE FROM exported_orders"))
    store.api.script["create_order"] = [ServerFailed("500", status=500)] * 2
    with pytest.raises(ServerFailed):
        store.exporter.run(full=True)
    store.exporter.run()
    assert ["1", "2", "3"] == sorted(store.api.orders)


def test_shop_that_does_not_answer(store):
    """A shop that fails stops the run; what was done stays done."""

    class Failing(ModelShop):
        @hookimpl
        def op_export_orders(self, request):
            if request.cursor:
                raise ConnectionError("down")
            return super().op_export_orders(request)

    whole = store.shop
    store.shop = Failing()
    fill(store, 3)
    with pytest.raises(ShopUnavailable):
        store.exporter.run()
    whole.orders = store.shop.orders
    store.shop = whole
    assert Exported(seen=1, created=1) == store.exporter.run()


@pytest.mark.parametrize("cursors", [[None], ["a", "a"], ["a", "b", "a"]])
def test_pages_that_never_end(store, cursors):
    """An adapter that is not done and gives a cursor a second time breaks its contract: no endless loop."""

    class Endless(ModelShop):
        @hookimpl
        def op_export_orders(self, request):
            return OrderPage((), cursors.pop(0), done=False)

    store.shop = Endless()
    with pytest.raises(ContractBroken, match="would never end"):
        store.exporter.run()


def test_page_of_what_is_no_order(store):
    """An adapter that answers a page of something else breaks its contract."""

    class Wrong(ModelShop):
        @hookimpl
        def op_export_orders(self, request):
            return OrderPage(({"id": "1"},), None, done=True)

    store.shop = Wrong()
    with pytest.raises(ContractBroken, match="expected nothing but Order"):
        store.exporter.run()


@pytest.mark.parametrize("point", ["page:before", "page:after", "commit:before"])
@pytest.mark.parametrize("nth", [1, 2, 3])
def test_crash_around_the_write_of_a_page(store, a_parcel, point, nth):
    """A crash before or after a page is written down loses nothing and makes nothing twice."""
    fill(store, 5)
    store.shop.parcels = tuple(a_parcel(id=f"F{number}", order_id=str(number)) for number in range(1, 6))
    left = nth

    def trigger(name):
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                raise SimulatedCrash(name)

    with armed(trigger), pytest.raises(SimulatedCrash):
        store.exporter.run()
    exported = store.exporter.run()
    assert 0 == exported.refused == exported.failed
    assert ["1", "2", "3", "4", "5"] == sorted(store.api.orders)
    assert 5 == len(store.api.parcels)
    assert {"sent"} == {store.row(str(number)).state for number in range(1, 6)}
    assert store.cursor().cursor is None


def test_orders_by_id(store):
    """Named orders are sent now, again where they were refused; one that is not there is failed."""
    fill(store, 3)
    store.api.script["create_order"] = [BadRequest("400", status=400)]
    assert Exported(seen=1, refused=1) == store.exporter.orders(["1"])
    assert Exported(seen=3, created=3, failed=1) == store.exporter.orders(["1", "2", "3", "gone", "2"])


def test_orders_by_id_and_a_failing_api(store):
    """Named orders of which one could not be sent raise; the others are written down."""
    fill(store, 2)
    store.with_export(in_flight=1)
    store.api.script["create_order"] = lambda order_id: ServerFailed("500", status=500) if order_id == "2" else None
    with pytest.raises(ServerFailed):
        store.exporter.orders(["1", "2"])
    assert ("sent", None) == (store.row("1").state, store.row("2"))


def test_listing_of_what_was_not_sent(any_store, a_parcel):
    """What could not be exported is listed with the reason: orders and parcels."""
    store = any_store
    store.put(an_order(id="1", lines=()))
    store.put(an_order(id="1001"))
    store.shop.parcels = (a_parcel(lines=()),)
    store.exporter.run()
    orders = store.ledger.read(exports.states, store.settings.id)
    parcels = store.ledger.read(exports.fulfillment_states, store.settings.id)
    assert [("1", "not_exportable")] == [(row.order_id, row.state) for row in orders]
    assert [("F1", "not_exportable")] == [(row.fulfillment_id, row.state) for row in parcels]
