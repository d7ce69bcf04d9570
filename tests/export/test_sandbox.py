import pytest

from op_core.errors import RateLimited
from op_core.export import Exported
from op_core.http import Manners
from op_core.money import Money
from op_core.order_protection.client import Client
from op_core.sandbox import Sandbox
from op_core.testing.model_shop import an_order


@pytest.fixture
def wired(store):
    """Give a store whose API is the sandbox, on a loopback port, through the project's own client."""
    with Sandbox() as sandbox, Client(sandbox.url, "not-a-real-token", manners=Manners(attempts=1)) as client:
        store.api = client
        yield store, sandbox


def break_next(sandbox, **fault):
    sandbox.local.switchboard.change({"faults": [fault]})


def test_orders_and_parcels(wired, a_parcel):
    """What the shop holds is what the API then shows, digit for digit, also under an awkward id."""
    store, _ = wired
    store.put(an_order(id="#10/01", total=Money("60.10", "USD"), premium=Money("1.50", "USD")))
    store.shop.parcels = (a_parcel(id="F 1", order_id="#10/01"),)
    assert Exported(seen=1, created=1, fulfillments_created=1) == store.exporter.run()
    store.change("#10/01", total=Money("61.20", "USD"))
    store.shop.parcels = (a_parcel(id="F 1", order_id="#10/01", status="DELIVERED"),)
    assert Exported(seen=1, updated=1, fulfillments_updated=1) == store.exporter.run()
    read = store.api.get_order("#10/01")
    assert ("61.20", "1.50", "DELIVERED") == (
        str(read.total),
        str(read.premium_paid),
        store.api.list_fulfillments("#10/01")[0].fulfillment_status,
    )


@pytest.mark.parametrize("acts", [True, False])
def test_answers_that_are_lost(wired, a_parcel, acts):
    """Answers lost before or after the API acted lose no order and no parcel, and make none twice."""
    store, sandbox = wired
    store.with_export(in_flight=1)
    store.put(an_order())
    store.shop.parcels = (a_parcel(),)
    break_next(sandbox, kind="drop", method="POST", after_acting=acts, times=1)
    assert Exported(seen=1, created=1, fulfillments_created=1) == store.exporter.run()
    assert ["1001"] == [order.source_order_id for order in store.api.list_orders()]
    assert 1 == len(store.api.list_fulfillments("1001"))


def test_rate_limit(wired):
    """A run that the API slows down stops, and the next one goes on."""
    store, sandbox = wired
    store.with_export(in_flight=1, page_size=2)
    for number in range(5):
        store.put(an_order(id=str(number)))
    break_next(sandbox, kind="status", status=429, retry_after=3600, method="POST")
    with pytest.raises(RateLimited):
        store.exporter.run()
    assert Exported(seen=5, created=5) == store.exporter.run()
    assert 5 == len(list(store.api.list_orders()))
