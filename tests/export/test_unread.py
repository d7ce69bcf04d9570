"""Orders and parcels that cannot be read stop nobody, are listed with the reason, and heal by themselves."""

from datetime import timedelta

import attrs
import pytest

from op_core.errors import ContractBroken
from op_core.export import Exported
from op_core.export.unread import ALL_PARCELS
from op_core.hooks import hookimpl
from op_core.ledger import exports
from op_core.models import UnreadableOrder
from op_core.testing.model_shop import ModelShop, an_order

WHY = "shop.toml: orders.select: column total of id 1002: found a text; expected an amount"


class Blind(ModelShop):
    """A shop that cannot read some of its orders, or of its parcels."""

    def __init__(self):
        super().__init__()
        self.orders_unread, self.parcels_unread = set(), set()

    @hookimpl
    def op_export_orders(self, request):
        page = super().op_export_orders(request)
        orders = tuple(order for order in page.orders if order.id not in self.orders_unread)
        unread = tuple(UnreadableOrder(one, WHY) for one in sorted(self.orders_unread))
        return attrs.evolve(page, orders=orders, unreadable=unread)

    @hookimpl
    def op_get_order(self, request):
        if request.order_id in self.orders_unread:
            raise ContractBroken(WHY)
        return super().op_get_order(request)

    @hookimpl
    def op_lookup_fulfillments(self, request):
        if self.parcels_unread & set(request.order_ids):
            raise ContractBroken("a status that nobody knows")
        return super().op_lookup_fulfillments(request)


@pytest.fixture
def blind(any_store):
    any_store.shop = Blind()
    for order_id in ("1001", "1002", "1003"):
        any_store.put(an_order(id=order_id, number=order_id))
    return any_store


def reasons(store):
    return {row.order_id: row.reason for row in store.ledger.read(exports.states, store.settings.id)}


def due(store):
    return store.ledger.read(exports.changed, store.settings.id, store.clock[0], 10)


def test_an_unreadable_order_is_listed_and_the_others_are_sent(blind):
    """The export goes on; a second run says nothing new of it."""
    blind.shop.orders_unread = {"1002"}

    assert Exported(seen=3, created=2, not_exportable=1) == blind.exporter.run(full=True)
    assert {"1002": WHY} == reasons(blind)
    assert Exported(seen=3, unchanged=3) == blind.exporter.run(full=True)


def test_it_is_asked_for_again_and_heals_without_a_change(blind):
    """Ever more rarely while it cannot be read; once it can, it is sent and off the list."""
    blind.shop.orders_unread = {"1002"}
    blind.exporter.run(full=True)

    assert 1 == blind.exporter.marked().failed
    assert [] == list(due(blind))
    blind.pass_time(timedelta(hours=2))
    blind.shop.orders_unread = set()
    assert Exported(seen=1, created=1) == blind.exporter.marked()
    assert {} == reasons(blind)
    blind.pass_time(timedelta(hours=2))
    assert [] == list(due(blind))


def test_what_was_sent_before_is_sent_again_when_it_heals(blind):
    """Though nothing in it changed, so that the list and Order Protection agree."""
    blind.exporter.run(full=True)
    blind.shop.orders_unread = {"1002"}
    blind.exporter.run(full=True)
    assert {"1002": WHY} == reasons(blind)

    blind.shop.orders_unread = set()
    blind.exporter.run(full=True)
    assert {} == reasons(blind)
    assert 3 == len(blind.api.orders)


def test_parcels_that_cannot_be_read_leave_their_order_and_the_others_alone(blind):
    """The order is sent, and listed by its parcels, until they can be read."""
    blind.shop.parcels_unread = {"1002"}

    assert Exported(seen=3, created=3, not_exportable=1) == blind.exporter.run(full=True)
    assert "a status that nobody knows" in blind.parcel_row("1002", ALL_PARCELS).reason
    blind.exporter.marked()
    assert [] == list(due(blind))

    blind.pass_time(timedelta(hours=2))
    blind.shop.parcels_unread = set()
    blind.exporter.marked()
    assert blind.parcel_row("1002", ALL_PARCELS) is None
    blind.pass_time(timedelta(hours=2))
    assert [] == list(due(blind))


def test_a_page_of_which_nothing_can_be_read_is_an_error(blind):
    """More than ten orders without a single readable parcel: the mapping is wrong, and the export says so."""
    for number in range(20):
        blind.put(an_order(id=f"2{number}", number=f"2{number}"))
    blind.shop.parcels_unread = {"1001", "1002", "1003", *(f"2{number}" for number in range(20))}

    with pytest.raises(ContractBroken, match="a status that nobody knows"):
        blind.exporter.run(full=True)
