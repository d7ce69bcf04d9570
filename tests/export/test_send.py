import attrs
import pytest

from op_core.errors import (
    AlreadyThere,
    BadRequest,
    MayHaveLanded,
    NotFoundThere,
    ServerFailed,
    Unprocessable,
    UnreadableAnswer,
)
from op_core.export import Exported
from op_core.models import Address, Customer, Line
from op_core.money import Money
from op_core.testing.model_shop import an_order

UNKNOWN = [MayHaveLanded("no answer"), ServerFailed("500", status=500), UnreadableAnswer("what?")]
PREMIUM = Line(id="9", name="Protection", quantity=1, unit_price=Money("1.50", "USD"), is_protection=True)


@pytest.fixture
def sent(store):
    """Give a store that has exported its one order."""
    store.put(an_order())
    store.exporter.run()
    store.api.calls.clear()
    return store


def test_unknown_order_is_posted(store):
    """An order that the ledger does not know is POSTed."""
    store.put(an_order())
    assert Exported(seen=1, created=1) == store.exporter.run()
    assert (["create_order"], "sent") == (store.api.names(), store.row("1001").state)


def test_equal_order_is_not_sent(sent):
    """An order that says nothing new is not sent, whatever the shop touched."""
    sent.change("1001", status="paid")
    assert (Exported(seen=1, unchanged=1), []) == (sent.exporter.run(), sent.api.names())


def test_changed_order_is_put(sent):
    """A known order of which something changed that PUT can carry is PUT."""
    sent.change("1001", total=Money("61.00", "USD"))
    assert Exported(seen=1, updated=1) == sent.exporter.run()
    assert ["update_order"] == sent.api.names()
    assert "61.00" == str(sent.api.orders["1001"]["total"])


def test_already_there_is_put(sent):
    """A POST that is answered 409, as after the loss of the ledger's row, is followed by PUT."""
    sent.ledger.write(lambda c: c.exec_driver_sql("DELETE FROM exported_orders"))
    assert Exported(seen=1, updated=1) == sent.exporter.run(full=True)
    assert ["create_order", "update_order"] == sent.api.names()


@pytest.mark.parametrize("error", UNKNOWN)
def test_unknown_outcome_that_landed(store, lost, error):
    """A POST of unknown outcome is followed by GET; where the order is there, by PUT and no second POST."""
    store.put(an_order())
    store.api.script["create_order"] = [lost(error)]
    assert Exported(seen=1, created=1) == store.exporter.run()
    assert ["create_order", "get_order", "update_order"] == store.api.names()


@pytest.mark.parametrize("error", UNKNOWN)
def test_unknown_outcome_that_did_not_land(store, error):
    """A POST of unknown outcome that GET does not find is POSTed once more."""
    store.put(an_order())
    store.api.script["create_order"] = [error]
    assert Exported(seen=1, created=1) == store.exporter.run()
    assert ["create_order", "get_order", "create_order"] == store.api.names()


def test_unknown_outcome_that_landed_late(store):
    """A POST that lands after the GET is found by the second POST's 409."""
    store.put(an_order())
    store.api.script["create_order"] = [MayHaveLanded("no answer"), AlreadyThere("409", status=409)]
    store.api.script["get_order"] = [NotFoundThere("404", status=404)]
    store.api.orders["1001"] = {}
    assert Exported(seen=1, updated=1) == store.exporter.run()
    assert ["create_order", "get_order", "create_order", "update_order"] == store.api.names()


@pytest.mark.parametrize("error", UNKNOWN)
def test_two_unknown_outcomes_stop(store, error):
    """A second POST of unknown outcome is not followed by a third: the run stops."""
    store.put(an_order())
    store.api.script["create_order"] = lambda _: error
    with pytest.raises(type(error)):
        store.exporter.run()
    assert ["create_order", "get_order", "create_order"] == store.api.names()


def test_put_that_is_not_found_is_posted(sent):
    """A PUT that is answered 404 is followed by POST."""
    sent.api.orders.clear()
    sent.change("1001", total=Money("61.00", "USD"), tags=("a",))
    assert Exported(seen=1, created=1) == sent.exporter.run()
    assert (["update_order", "create_order"], "sent") == (sent.api.names(), sent.row("1001").state)


def test_there_and_not_there(store):
    """An order that the API has for POST and has not for PUT is refused; it makes no loop."""
    store.put(an_order())
    store.api.script["create_order"] = [AlreadyThere("409", status=409)]
    assert Exported(seen=1, refused=1) == store.exporter.run()
    assert ["create_order", "update_order"] == store.api.names()


def test_change_that_put_cannot_carry(sent):
    """A change of items, address or tags alone is recorded as not sendable, by name, and no call is made."""
    order = sent.shop.orders["1001"]
    address = attrs.evolve(order.shipping_address, city="Othertown")
    sent.change("1001", lines=order.lines[:1], shipping_address=address, tags=("a",))
    assert (Exported(seen=1, not_sendable=1), []) == (sent.exporter.run(), sent.api.names())
    row = sent.row("1001")
    assert ("not_sendable", "an update cannot carry what changed: address, orderItems, tags (G-15)") == (
        row.state,
        row.reason,
    )
    assert "Othertown" not in str(row)


def test_not_sendable_is_counted_once(sent):
    """What cannot be sent is not found anew by each run that reads the overlap."""
    sent.change("1001", tags=("a",))
    sent.exporter.run()
    assert Exported(seen=1, unchanged=1) == sent.exporter.run()


def test_not_sendable_stays_after_an_update(sent):
    """A later PUT does not hide what could not be sent."""
    sent.change("1001", tags=("a",))
    sent.exporter.run()
    sent.change("1001", total=Money("61.00", "USD"))
    assert Exported(seen=1, updated=1, not_sendable=1) == sent.exporter.run()
    assert ("not_sendable", "an update cannot carry what changed: tags (G-15)") == (
        sent.row("1001").state,
        sent.row("1001").reason,
    )


def test_not_sendable_ends_when_it_is_taken_back(sent):
    """An order that is again as it was sent is no longer listed."""
    sent.change("1001", tags=("a",))
    sent.exporter.run()
    sent.change("1001", tags=())
    assert (Exported(seen=1, unchanged=1), "sent") == (sent.exporter.run(), sent.row("1001").state)
    assert sent.row("1001").reason is None


def test_premium_that_is_gone(store):
    """An order whose premium line is gone says a premium of 0, once."""
    order = an_order()
    store.put(attrs.evolve(order, lines=(*order.lines, PREMIUM)))
    store.exporter.run()
    store.change("1001", lines=order.lines)
    assert Exported(seen=1, updated=1) == store.exporter.run()
    assert 0 == store.api.orders["1001"]["premiumPaid"]
    store.api.calls.clear()
    store.change("1001", status="touched")
    assert (Exported(seen=1, unchanged=1), []) == (store.exporter.run(), store.api.names())


def test_premium_of_the_dashboard_stays(sent):
    """An order that never had a premium in the shop does not overwrite one that was added in the dashboard."""
    sent.api.orders["1001"]["premiumPaid"] = 4
    sent.change("1001", total=Money("61.00", "USD"))
    sent.exporter.run()
    assert 4 == sent.api.orders["1001"]["premiumPaid"]


def test_not_exportable_is_listed(store):
    """An order without an address is listed with the reason, once, and not sent; mended, it is."""
    store.put(an_order(shipping_address=None, billing_address=None))
    assert (Exported(seen=1, not_exportable=1), []) == (store.exporter.run(), store.api.names())
    assert "neither a shipping nor a billing address" in store.row("1001").reason
    assert Exported(seen=1, unchanged=1) == store.exporter.run()
    store.change("1001", shipping_address=Address(city="Exampletown", country="US"))
    assert (Exported(seen=1, created=1), "sent") == (store.exporter.run(), store.row("1001").state)


@pytest.mark.parametrize("error", [BadRequest("400 bad", status=400), Unprocessable("422 no", status=422)])
def test_refused_order_lets_the_others_go_on(store, error):
    """An order that the API refuses is recorded with the reason; the others are sent."""
    store.put(an_order(id="1"))
    store.put(an_order(id="2"))
    store.api.script["create_order"] = lambda order_id: error if order_id == "1" else None
    assert Exported(seen=2, created=1, refused=1) == store.exporter.run()
    assert ("refused", str(error), "sent") == (store.row("1").state, store.row("1").reason, store.row("2").state)


def test_refused_order_waits_for_a_change(store):
    """A refused order is not sent again until it changes, or a full run asks for it."""
    store.put(an_order())
    store.api.script["create_order"] = [BadRequest("400", status=400), BadRequest("400", status=400)]
    store.exporter.run()
    assert Exported(seen=1, unchanged=1) == store.exporter.run()
    assert Exported(seen=1, refused=1) == store.exporter.run(full=True)
    store.change("1001", tags=("mended",))
    assert (Exported(seen=1, created=1), "sent") == (store.exporter.run(), store.row("1001").state)


def test_refused_update_keeps_what_is_held(sent):
    """An order whose update is refused is still known: its next change is a PUT."""
    sent.api.script["update_order"] = [Unprocessable("422", status=422)]
    sent.change("1001", total=Money("61.00", "USD"))
    assert Exported(seen=1, refused=1) == sent.exporter.run()
    sent.change("1001", total=Money("62.00", "USD"))
    assert Exported(seen=1, updated=1) == sent.exporter.run()
    assert ["update_order", "update_order"] == sent.api.names()


def test_unsendable_value_is_refused(store):
    """A value that the wire does not take refuses that order, and the record shows no personal data."""
    store.put(an_order(customer=Customer(email="customer@example.com\0")))
    assert (Exported(seen=1, refused=1), []) == (store.exporter.run(), store.api.names())
    assert "email" in store.row("1001").reason
    assert "customer@example.com" not in store.row("1001").reason


def test_broken_order_stops_no_other(store):
    """An order with a value of a wrong type is listed; the others are sent."""
    store.put(an_order(id="1", total="60.00"))
    store.put(an_order(id="2"))
    assert Exported(seen=2, created=1, not_exportable=1) == store.exporter.run()
    assert "AttributeError" in store.row("1").reason
