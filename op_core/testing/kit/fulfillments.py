"""Parcels: every unit once, each with its own tracking, under its own order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from op_core.errors import ContractBroken
from op_core.models import Fulfillment, LineQuantity, Order
from op_core.storefront import Storefront
from op_core.testing.kit.cases import Suite, Tier, case, count, wrong
from op_core.testing.kit.given import held, line, plain
from op_core.testing.kit.orders import MANY
from op_core.testing.subject import Subject

__all__ = ["FulfillmentSuite"]

LOOK_UP = "op_lookup_fulfillments"
UPS, DHL = "1Z999AA10123456784", "JD000000000000000001"
_AT = datetime(2025, 1, 3, tzinfo=UTC)


class FulfillmentSuite(Suite):
    """Order Protection decides by the parcels whether something is lost, late or not yet sent."""

    name: ClassVar[str] = "fulfillments"
    tier: ClassVar[Tier] = "bronze"

    @case("what was sent would be claimed for as never sent, or twice", LOOK_UP)
    def test_hold_each_unit_once(self, adapter: Subject, store: Storefront) -> None:
        """Of a line that is split over parcels, the units of all parcels are those that were sent, each once."""
        order = _sent(adapter, 1, [{1: 2, 2: 1}, {1: 1}])
        _units(order, _parcels(store, order), {1: 3, 2: 1})

    @case("a customer could claim as lost what is still in the warehouse", LOOK_UP)
    def test_hold_what_was_sent_alone(self, adapter: Subject, store: Storefront) -> None:
        """Of an order that was sent in part, what was not sent is in no parcel."""
        order = _sent(adapter, 1, [{1: 1}])
        _units(order, _parcels(store, order), {1: 1})

    @case("a lost parcel could not be traced", LOOK_UP)
    def test_keep_the_tracking_of_each(self, adapter: Subject, store: Storefront) -> None:
        """Each parcel has its own tracking number."""
        order = _sent(adapter, 1, [{1: 2}, {1: 1, 2: 1}], tracking=[(UPS,), (DHL,)])
        found = {
            one.tracking_numbers: sorted(each.quantity for each in one.lines if each.quantity)
            for one in _parcels(store, order)
        }
        if found != {(UPS,): [2], (DHL,): [1, 1]}:
            wrong("a lost parcel could not be traced, or the other one would be", f"{found}, expected {UPS} and {DHL}")

    @case("one of a parcel's boxes could not be traced", LOOK_UP)
    def test_keep_every_number_of_one(self, adapter: Subject, store: Storefront) -> None:
        """A parcel of two boxes has both tracking numbers."""
        order = _sent(adapter, 1, [{1: 3}], tracking=[(UPS, DHL)])
        found = {number for one in _parcels(store, order) for number in one.tracking_numbers}
        if found != {UPS, DHL}:
            wrong("a box that is lost could not be traced", f"{sorted(found)}, expected {UPS} and {DHL}")

    @case("parcels would be taken for another customer's", LOOK_UP)
    def test_belong_to_their_own_order(self, adapter: Subject, store: Storefront) -> None:
        """Asked for several orders at once, each has its own parcels, and none another's."""
        made = [_sent(adapter, n, [{1: n}], tracking=[(f"{UPS[:-1]}{n}",)]) for n in (1, 2, 3)]
        try:
            found = store.lookup_fulfillments(tuple(one.id for one in reversed(made)))
        except ContractBroken as error:
            wrong("a customer would be told of a parcel that is somebody else's", str(error))
        for n, one in enumerate(made, 1):
            _units(one, found.get(one.id, ()), {1: n})

    @case("orders that are not sent yet would stop the export", LOOK_UP)
    def test_may_be_none(self, adapter: Subject, store: Storefront) -> None:
        """An order without parcels has none, beside one that has."""
        bare, sent = _sent(adapter, 1, []), _sent(adapter, 2, [{1: 1}])
        found = store.lookup_fulfillments((bare.id, sent.id))
        if found.get(bare.id):
            wrong(
                "a customer could claim as lost what nobody has sent",
                f"{count(len(found[bare.id]), 'parcel')}, expected none",
            )
        _units(sent, found.get(sent.id, ()), {1: 1})

    @case("one deleted order would stop the parcels of all others", LOOK_UP)
    def test_come_beside_an_order_that_is_gone(self, adapter: Subject, store: Storefront) -> None:
        """An id that the shop does not know spoils nothing for the others."""
        sent = _sent(adapter, 1, [{1: 1}])
        found = store.lookup_fulfillments(("999999999", sent.id))
        if found.get("999999999"):
            wrong(
                "an order that is gone would have parcels", f"{count(len(found['999999999']), 'parcel')}, expected none"
            )
        _units(sent, found.get(sent.id, ()), {1: 1})

    @case("what a parcel holds could not be told", LOOK_UP, "op_get_order")
    def test_name_the_lines_of_the_order(self, adapter: Subject, store: Storefront) -> None:
        """The lines of a parcel are lines of the order, by the same id."""
        order = _sent(adapter, 1, [{1: 1, 2: 1}])
        known = [one.id for one in store.get_order(order.id).lines]
        for parcel in _parcels(store, order):
            if strange := [one.line_id for one in parcel.lines if one.line_id not in known]:
                wrong("a claim could not tell what was in the parcel", f"lines {strange}, the order has {known}")

    @case("each export would make new parcels of the old ones", LOOK_UP)
    def test_keep_their_ids(self, adapter: Subject, store: Storefront) -> None:
        """A parcel has one id for ever, and each has its own."""
        order = _sent(adapter, 1, [{1: 2}, {1: 1, 2: 1}])
        before = sorted(one.id for one in _parcels(store, order))
        adapter.change(order.id)
        after = sorted(one.id for one in _parcels(store, order))
        if after != before or len(set(before)) < len(before):
            wrong("each export would tell of new parcels", f"ids {before}, then {after}; expected two that stay")

    @case("a customer could claim as lost what has arrived, or not claim what has not", LOOK_UP)
    def test_tell_what_has_arrived(self, adapter: Subject, store: Storefront) -> None:
        """A parcel that was delivered says so, and one that is under way does not."""
        order = _sent(adapter, 1, [{1: 3}, {2: 2}], status=["DELIVERED", "IN_TRANSIT"])
        found = {sum(each.quantity for each in one.lines): one.status.value for one in _parcels(store, order)}
        if found.get(3) != "DELIVERED":
            wrong("a customer could claim as lost what has arrived", f"{found.get(3)}, the shop says delivered")
        if found.get(2) == "DELIVERED":
            wrong("a customer could not claim what is lost", f"{found[2]}, the shop says that it is under way")

    @case("the parcels of a busy day would be claimed for as never sent", LOOK_UP)
    def test_come_for_a_whole_page(self, adapter: Subject, store: Storefront) -> None:
        """Asked for as many orders as a page holds, all their parcels come: the shop's own lists have pages too."""
        made = [_sent(adapter, n, [{1: 1}, {1: 2, 2: 1}]) for n in range(1, MANY + 1)]
        found = store.lookup_fulfillments(tuple(one.id for one in made))
        for one in made:
            _units(one, found.get(one.id, ()), {1: 3, 2: 1})


def _sent(adapter: Subject, n: int, parcels: Sequence[dict[int, int]], tracking: Sequence[tuple[str, ...]] = (),
          status: Sequence[str] = ()) -> Order:  # fmt: skip
    """Have the shop hold an order of 3 and 2 units, and parcels of so many units of line 1 and 2."""
    order = plain(n, lines=(line(1, "19.99", 3, sku="MUG"), line(2, "1.15", 2, sku="BOOK")))
    made = [
        Fulfillment(
            id=f"{order.id}-F{place}",
            order_id=order.id,
            status=status[place] if status else "IN_TRANSIT",
            lines=tuple(LineQuantity(str(which), units) for which, units in units_of.items()),
            created_at=_AT + timedelta(hours=place),
            tracking_company="UPS",
            tracking_numbers=tracking[place] if tracking else (f"{UPS[:-2]}{n}{place}",),
        )
        for place, units_of in enumerate(parcels)
    ]
    return held(adapter, order, made)


def _parcels(store: Storefront, order: Order) -> Sequence[Fulfillment]:
    return store.lookup_fulfillments((order.id,)).get(order.id, ())


def _units(order: Order, parcels: Sequence[Fulfillment], expected: dict[int, int]) -> None:
    found: Counter[str] = Counter()
    for parcel in parcels:
        for one in parcel.lines:
            found[one.line_id] += one.quantity
    sent = {order.lines[which - 1].id: units for which, units in expected.items()}
    for line_id in {**sent, **found}:
        if (now := found[line_id]) != (was := sent.get(line_id, 0)):
            wrong(
                f"{count(now - was, 'unit')} that nobody sent could be claimed as lost" if now > was
                else f"{count(was - now, 'unit')} that were sent would be claimed as never sent",
                f"{count(now, 'unit')} of line {line_id} of order {order.id} in {count(len(parcels), 'parcel')},"
                f" the shop sent {was}",
            )  # fmt: skip
