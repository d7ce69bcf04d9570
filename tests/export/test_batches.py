import threading
from datetime import timedelta

import attrs
import pytest

from op_core.export import Exported
from op_core.hooks import hookimpl
from op_core.ledger import actions, exports
from op_core.models import OrderPage
from op_core.money import Money
from op_core.testing.model_shop import ModelShop, an_order


@pytest.mark.parametrize("turn", [1, -1])
def test_order_twice_in_a_page(store, turn):
    """Of an order that is twice in a page, the later change is sent, once."""

    class Twice(ModelShop):
        @hookimpl
        def op_export_orders(self, request):
            (order,) = self.orders.values()
            old = attrs.evolve(order, total=Money("1", "USD"), updated_at=order.updated_at - timedelta(hours=1))
            return OrderPage((order, old)[::turn], None, done=True)

    store.shop = Twice()
    store.put(an_order(id="1"))
    assert Exported(seen=1, created=1) == store.exporter.run()
    assert "60.00" == str(store.api.orders["1"]["total"])


def test_in_flight(store):
    """So many orders are sent at one time, and no more."""
    store.with_export(page_size=12, in_flight=3)
    for number in range(12):
        store.put(an_order(id=str(number)))
    together, most = 0, 0
    lock, full = threading.Lock(), threading.Barrier(3, timeout=20)

    class Slow(type(store.api)):
        def create_order(self, order):
            nonlocal together, most
            with lock:
                together += 1
                most = max(most, together)
            full.wait()
            super().create_order(order)
            with lock:
                together -= 1

    store.api = Slow()
    assert 12 == store.exporter.run().created
    assert 3 == most


def plan_reship(store, reference, order_id, shop_order_id=None):
    def write(connection):
        actions.insert(
            connection,
            store_id=store.settings.id,
            subject=f"claim:{order_id}",
            verb="reship",
            n=1,
            reference=reference,
            order_id=order_id,
            shop_order_id=shop_order_id,
            content="{}",
            content_hash="0",
            state="due",
            exclusive=True,
            holds="[]",
            rivals="[]",
            planned_at=store.clock[0],
        )

    store.ledger.write(write)


def test_our_own_replacement(any_store):
    """A replacement order of ours is left out and recorded as such; the original, with the same mark, is sent."""
    store = any_store
    plan_reship(store, "OP-ABC", "1")
    store.put(an_order(id="1", references={"OP-ABC", "OP-UNKNOWN"}))
    store.put(an_order(id="1-R1", references={"OP-ABC"}, replaces="1"))
    assert Exported(seen=2, created=1, replacements=1) == store.exporter.run()
    assert (["1"], "replacement") == (list(store.api.orders), store.row("1-R1").state)


def test_our_own_replacement_in_a_shop_without_references(any_store):
    """The ledger knows which order the reship made; the original is sent, whatever the reship is said to have made."""
    store = any_store
    plan_reship(store, "OP-ABC", "1", shop_order_id="1-R1")
    plan_reship(store, "OP-DEF", "2", shop_order_id="2")
    for order_id in ("1", "1-R1", "2"):
        store.put(an_order(id=order_id))
    assert Exported(seen=3, created=2, replacements=1) == store.exporter.run()
    assert (["1", "2"], "replacement") == (sorted(store.api.orders), store.row("1-R1").state)


def test_resend_keeps_replacements_known(any_store):
    """What was reported as a replacement stays the report step's when everything else is forgotten and sent again."""
    store = any_store
    plan_reship(store, "OP-ABC", "1", shop_order_id="1-R1")
    for order_id in ("1", "1-R1"):
        store.put(an_order(id=order_id))
    store.exporter.run()
    before = store.row("1-R1")
    store.ledger.write(exports.forget, store.settings.id)
    assert (None, before) == (store.row("1"), store.row("1-R1"))
    assert Exported(seen=2, updated=1, replacements=1) == store.exporter.run(full=True)
    assert ["1"] == list(store.api.orders)


def test_replacement_of_another_hand(store):
    """A replacement that is not ours is exported, and names the order that it replaces."""
    store.put(an_order(id="2", replaces="1"))
    store.exporter.run()
    assert "1" == store.api.orders["2"]["originalSourceOrderNumber"]
