from datetime import timedelta

import attrs
import pytest

from op_core.errors import AlreadyThere, BadRequest, MayHaveLanded, NotSupported, ServerFailed
from op_core.export import Exported
from op_core.export.unread import ALL_PARCELS
from op_core.hooks import hookimpl
from op_core.models import Line, LineQuantity
from op_core.money import Money
from op_core.testing.model_shop import ModelShop, an_order

PREMIUM = Line(id="9", name="Protection", quantity=1, unit_price=Money("1.50", "USD"), is_protection=True)


@pytest.fixture
def shipped(store, a_parcel):
    """Give a store that has exported its one order and its parcel."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(created_at=store.clock[0]),)
    store.exporter.run()
    store.api.calls.clear()
    return store


def change(store, **changes):
    store.shop.parcels = tuple(attrs.evolve(one, **changes) for one in store.shop.parcels)
    return store.exporter.run()


def test_order_first_then_its_parcels(store, a_parcel):
    """An order is made known before its parcels."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(), a_parcel(id="F2"))
    assert Exported(seen=1, created=1, fulfillments_created=2) == store.exporter.run()
    assert ["create_order", "create_fulfillment", "create_fulfillment"] == store.api.names()


def test_looked_up_once_per_page(store):
    """The parcels of a page are looked up by one call, whatever the number of orders."""
    asked = []

    class Counting(ModelShop):
        @hookimpl
        def op_lookup_fulfillments(self, request):
            asked.append(len(request.order_ids))
            return super().op_lookup_fulfillments(request)

    store.shop = Counting()
    store.with_export(page_size=4)
    for number in range(6):
        store.put(an_order(id=str(number)))
    store.exporter.run()
    assert [4, 2] == asked


def test_shop_that_knows_no_parcels(store):
    """A shop that cannot say what was shipped is exported without."""

    class Unable(ModelShop):
        @hookimpl
        def op_lookup_fulfillments(self, request):
            raise NotSupported("no parcels here")

    store.shop = Unable()
    store.put(an_order())
    assert Exported(seen=1, created=1) == store.exporter.run()


def test_parcel_of_another_order(store, a_parcel):
    """An adapter that answers with another order's parcel breaks its contract: no parcel is sent, and it is listed."""

    class Mixed(ModelShop):
        @hookimpl
        def op_lookup_fulfillments(self, request):
            return {"1001": (a_parcel(order_id="7"),)}

    store.shop = Mixed()
    store.put(an_order())
    assert Exported(seen=1, created=1, not_exportable=1) == store.exporter.run()
    assert ["create_order"] == store.api.names()
    assert "op_lookup_fulfillments answered a fulfillment under the id of another order" in (
        store.parcel_row("1001", ALL_PARCELS).reason
    )


def test_equal_parcel_is_not_sent(shipped):
    """A parcel that says nothing new is not sent, though it was touched."""
    before = shipped.parcel_row("1001", "F1")
    shipped.pass_time(timedelta(minutes=1))
    exported = change(shipped, updated_at=shipped.clock[0])
    assert (Exported(seen=1, unchanged=1), []) == (exported, shipped.api.names())
    assert before == shipped.parcel_row("1001", "F1")


def test_new_status_is_put(shipped):
    """A new status is PUT."""
    assert Exported(seen=1, unchanged=1, fulfillments_updated=1) == change(shipped, status="DELIVERED")
    assert ["update_fulfillment"] == shipped.api.names()
    assert "DELIVERED" == shipped.api.parcels["1001", "F1"]["fulfillmentStatus"]
    assert Exported(seen=1, unchanged=1) == shipped.exporter.run()


def test_new_tracking_cannot_be_sent(shipped):
    """New tracking of a parcel that was sent is recorded as not sendable, once: PUT carries the status only."""
    assert Exported(seen=1, unchanged=1, not_sendable=1) == change(shipped, tracking_numbers=("TRACK-2",))
    assert ([], "not_sendable") == (shipped.api.names(), shipped.parcel_row("1001", "F1").state)
    assert Exported(seen=1, unchanged=1) == shipped.exporter.run()
    assert Exported(seen=1, unchanged=1, fulfillments_updated=1) == change(shipped, status="DELIVERED")
    assert "not_sendable" == shipped.parcel_row("1001", "F1").state
    change(shipped, tracking_numbers=("TRACK-1",))
    assert "sent" == shipped.parcel_row("1001", "F1").state


def test_waits_for_tracking_then_goes_without(store, a_parcel):
    """A parcel without tracking waits for it, from its making, then goes without."""
    made = store.clock[0]
    store.put(an_order())
    store.shop.parcels = (a_parcel(tracking_numbers=(), created_at=made),)
    assert Exported(seen=1, created=1, fulfillments_waiting=1) == store.exporter.run()
    row = store.parcel_row("1001", "F1")
    assert ("waiting", made + timedelta(hours=24)) == (row.state, row.due_at)
    store.clock[0] = made + timedelta(hours=24) - timedelta(seconds=1)
    assert Exported() == store.exporter.marked()
    store.clock[0] = made + timedelta(hours=24)
    assert Exported(seen=1, unchanged=1, fulfillments_created=1) == store.exporter.marked()
    assert "trackingNumber" not in store.api.parcels["1001", "F1"]
    assert Exported() == store.exporter.marked()


def test_tracking_that_comes_ends_the_waiting(store, a_parcel):
    """A parcel goes as soon as it has tracking: a number, or an address to look at."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(tracking_numbers=(), created_at=store.clock[0]),)
    store.exporter.run()
    exported = change(store, tracking_urls=("https://carrier.example.com/1",))
    assert Exported(seen=1, unchanged=1, fulfillments_created=1) == exported


def test_parcel_that_waited_and_is_gone(store, a_parcel):
    """A parcel that the shop took away while it waited is waited for no longer."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(tracking_numbers=(), created_at=store.clock[0]),)
    store.exporter.run()
    store.shop.parcels = ()
    store.pass_time(timedelta(hours=25))
    store.exporter.marked()
    assert "not_exportable" == store.parcel_row("1001", "F1").state


def test_already_there_is_put(store, a_parcel):
    """A parcel's POST that is answered 409 is followed by PUT of its status."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(),)
    store.api.parcels["1001", "F1"] = {}
    assert Exported(seen=1, created=1, fulfillments_updated=1) == store.exporter.run()
    assert ["create_order", "create_fulfillment", "update_fulfillment"] == store.api.names()


def test_unknown_outcome_is_looked_up(store, a_parcel, lost):
    """A parcel's POST of unknown outcome is looked up; what is there is not POSTed again."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(),)
    store.api.script["create_fulfillment"] = [lost(MayHaveLanded("no answer"))]
    assert Exported(seen=1, created=1, fulfillments_created=1) == store.exporter.run()
    assert ["create_order", "create_fulfillment", "list_fulfillments", "update_fulfillment"] == store.api.names()


def test_unknown_outcome_that_did_not_land(store, a_parcel):
    """A parcel's POST of unknown outcome that is not there is POSTed once more."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(),)
    store.api.script["create_fulfillment"] = [ServerFailed("500", status=500)]
    assert Exported(seen=1, created=1, fulfillments_created=1) == store.exporter.run()
    assert ["create_order", "create_fulfillment", "list_fulfillments", "create_fulfillment"] == store.api.names()


def test_status_of_a_parcel_that_is_not_there(shipped):
    """A PUT that is answered 404 is followed by POST."""
    shipped.api.parcels.clear()
    assert Exported(seen=1, unchanged=1, fulfillments_created=1) == change(shipped, status="DELIVERED")
    assert ["update_fulfillment", "create_fulfillment"] == shipped.api.names()


def test_order_that_is_not_there(shipped):
    """A parcel whose order the API has forgotten makes the order known again."""
    shipped.api.orders.clear()
    shipped.api.parcels.clear()
    assert Exported(seen=1, unchanged=1, created=1, fulfillments_created=1) == change(shipped, status="DELIVERED")
    assert "DELIVERED" == shipped.api.parcels["1001", "F1"]["fulfillmentStatus"]


def test_refused_parcel_lets_the_others_go_on(store, a_parcel):
    """A parcel that is refused is recorded with the reason, once; the order's others are sent."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(), a_parcel(id="F2"))
    store.api.script["create_fulfillment"] = lambda key: BadRequest("400 bad", status=400) if "F1" in key else None
    assert Exported(seen=1, created=1, refused=1, fulfillments_created=1) == store.exporter.run()
    assert ("refused", "400 bad") == (store.parcel_row("1001", "F1").state, store.parcel_row("1001", "F1").reason)
    assert Exported(seen=1, unchanged=1) == store.exporter.run()


def test_there_and_not_there(store, a_parcel):
    """A parcel that the API has for POST and has not for PUT is refused; it makes no loop."""
    store.put(an_order())
    store.shop.parcels = (a_parcel(),)
    store.api.script["create_fulfillment"] = lambda _: AlreadyThere("409", status=409)
    assert Exported(seen=1, created=1, refused=1) == store.exporter.run()


def test_premium_in_a_parcel(store, a_parcel):
    """The premium's line is left out of a parcel; a parcel of nothing else is listed, once."""
    order = an_order()
    store.put(attrs.evolve(order, lines=(*order.lines, PREMIUM)))
    premium = LineQuantity("9", 1)
    store.shop.parcels = (a_parcel(lines=(LineQuantity("1", 1), premium)), a_parcel(id="F2", lines=(premium,)))
    assert Exported(seen=1, created=1, fulfillments_created=1, not_exportable=1) == store.exporter.run()
    assert ["1"] == [item["sourceItemId"] for item in store.api.parcels["1001", "F1"]["sourceItemIds"]]
    assert Exported(seen=1, unchanged=1) == store.exporter.run()


def test_no_parcels_without_their_order(store, a_parcel):
    """The parcels of an order that Order Protection does not have are not sent."""
    store.put(an_order(shipping_address=None, billing_address=None))
    store.shop.parcels = (a_parcel(),)
    assert (Exported(seen=1, not_exportable=1), []) == (store.exporter.run(), store.api.names())


def test_parcels_of_an_order_that_is_not_exportable_any_more(shipped):
    """The parcels of an order that was sent before are sent, though the order itself can be sent no more."""
    shipped.change("1001", shipping_address=None, billing_address=None)
    assert Exported(seen=1, not_exportable=1, fulfillments_updated=1) == change(shipped, status="DELIVERED")
