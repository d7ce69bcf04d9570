"""Parcels without their tracking, or with what is in another one."""

from __future__ import annotations

import attrs
from op_corner_shop import CornerShopAdapter

from animals.registry import animal
from op_core.hooks import hookimpl
from op_core.models import Fulfillment, Fulfillments
from op_core.requests import LookupFulfillmentsRequest


class _Seeing(CornerShopAdapter):
    """Sees the parcels of an order in a way of its own."""

    def seen(self, parcels: tuple[Fulfillment, ...]) -> tuple[Fulfillment, ...]:
        """Return what it makes of them."""
        raise NotImplementedError

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Ask for them."""
        return {order: self.seen(parcels) for order, parcels in super().op_lookup_fulfillments(request).items()}


@animal("fulfillments-keep-the-tracking-of-each", "a lost parcel could not be traced, or the other one would be")
class TrackingOfTheFirst(_Seeing):
    """
    Of a split shipment each parcel has the tracking of the first.

    https://docs.extend.com/docs/integrating-with-extends-order-api
    """

    def seen(self, parcels: tuple[Fulfillment, ...]) -> tuple[Fulfillment, ...]:
        """Take the first one's."""
        return tuple(attrs.evolve(one, tracking_numbers=parcels[0].tracking_numbers) for one in parcels)


@animal("fulfillments-keep-every-number-of-one", "a box that is lost could not be traced")
class OneNumberForAParcel(_Seeing):
    """
    Tracking numbers are a list, and one is kept.

    https://docs.orderprotection.com/api-reference/fulfillments/create-fulfillment
    """

    def seen(self, parcels: tuple[Fulfillment, ...]) -> tuple[Fulfillment, ...]:
        """Keep the first."""
        return tuple(attrs.evolve(one, tracking_numbers=one.tracking_numbers[:1]) for one in parcels)


@animal("fulfillments-hold-each-unit-once", "3 units that nobody sent could be claimed as lost")
class EveryUnitInEachParcel(_Seeing):
    """
    Three units are counted where two went.

    https://github.com/spree/spree/pull/14678
    """

    def seen(self, parcels: tuple[Fulfillment, ...]) -> tuple[Fulfillment, ...]:
        """Put everything into each of them."""
        return tuple(attrs.evolve(one, lines=tuple(line for each in parcels for line in each.lines)) for one in parcels)


@animal("fulfillments-belong-to-their-own-order", "a customer would be told of a parcel that is somebody else's")
class ParcelsMixedUp(CornerShopAdapter):
    """
    Two readers of one call read it differently, and one gets what is the other's.

    https://github.com/fsspec/sshfs/issues/20
    """

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Take the answers to be in the order of the question."""
        found = super().op_lookup_fulfillments(request)
        return dict(zip(sorted(found), (found[key] for key in request.order_ids), strict=True))
