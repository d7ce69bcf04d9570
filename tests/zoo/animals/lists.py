"""Lists that are read in part, in another order or in another shape than what is read one by one."""

from __future__ import annotations

from datetime import timedelta

import attrs
from op_corner_shop import CornerShopAdapter, mapping
from op_corner_shop.payloads import OrderPayload, ParcelPayload, read

from animals.registry import animal
from op_core.hooks import hookimpl
from op_core.models import Fulfillment, Fulfillments, FulfillmentStatus, LineQuantity, Order, OrderPage
from op_core.requests import ExportOrdersRequest, LookupFulfillmentsRequest


class _Listing(CornerShopAdapter):
    """Lists orders in a way of its own; one by one it reads them well."""

    def listed(self, order: Order) -> Order:
        """Return what it makes of an order on a page."""
        raise NotImplementedError

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Ask for a page."""
        page = super().op_export_orders(request)
        return attrs.evolve(page, orders=tuple(self.listed(one) for one in page.orders))


@animal("export-tells-what-get-order-tells", "what Order Protection decides on would not be what the refund is checked")
class ListedInAnotherShape(_Listing):
    """
    What a list says is named and built otherwise than what the call for one says.

    https://docs.orderprotection.com/api-reference/claims/get-claims
    """

    def listed(self, order: Order) -> Order:
        """Give it the name of its list."""
        return attrs.evolve(order, number=f"order {order.number}")


@animal("export-tells-the-payments", "payment ids of order 2001 is ['card:pay-2001'], expected ['pay-2001']")
class IdInTheOtherField(_Listing):
    """
    The id that a refund needs is in one of two fields, and the other one is read.

    https://github.com/activemerchant/active_merchant/pull/4411
    """

    def listed(self, order: Order) -> Order:
        """Read the other one."""
        payments = tuple(attrs.evolve(one, id=f"{one.method}:{one.id}") for one in order.payments)
        return attrs.evolve(order, payments=payments)


@animal("export-tells-the-total", "of a total of 41.13 USD in place of 45.48 USD")
class TotalOfTheLines(_Listing):
    """
    The total is worked out, and something is left out of it.

    https://github.com/medusajs/medusa/issues/10232
    """

    def listed(self, order: Order) -> Order:
        """Work it out."""
        return attrs.evolve(order, total=order.subtotal)


@animal("export-changes-nothing", "each export would make the next one find the whole shop changed")
class NewTimesEachTime(_Listing):
    """
    One edit is told several times, by milliseconds that differ.

    https://github.com/saleor/saleor/issues/10165
    """

    def listed(self, order: Order) -> Order:
        """Tell the time of reading."""
        vars(self)["times"] = times = vars(self).get("times", 0) + 1
        return attrs.evolve(order, updated_at=order.updated_at + timedelta(milliseconds=times))


@animal("export-gives-the-oldest-change-first", "a run that is stopped would take its newest time for its place")
class TimeOfTheEvent(CornerShopAdapter):
    """
    It goes by the time at which something was made, which says nothing of how fresh it is.

    https://github.com/vectorize-io/hindsight/issues/3072
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Sort by id, as they were made."""
        first = int(request.cursor or 0)
        whole = super().op_export_orders(attrs.evolve(request, cursor=None, limit=100))
        found = sorted(whole.orders, key=lambda one: one.id)
        after = first + request.limit
        return OrderPage(tuple(found[first:after]), str(after), after >= len(found))


@animal("export-leaves-out-what-is-older", "each run would read the whole shop again, longer every day")
class WholeShopEachTime(CornerShopAdapter):
    """
    The mode that matters, reading what has changed, is the one that nobody tried.

    https://github.com/meltano/sdk/issues/1706
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Not look at the time."""
        return super().op_export_orders(attrs.evolve(request, since=None))


@animal("fulfillments-come-for-a-whole-page", "that were sent would be claimed as never sent")
class FirstPageOfParcels(CornerShopAdapter):
    """
    The pages of a list are the adapter's business, and it reads one.

    https://github.com/dlt-hub/verified-sources/issues/514
    """

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Read one."""
        found: dict[str, list[Fulfillment]] = {}
        asked = [("order", order_id) for order_id in request.order_ids]
        for one in self.client.get("parcels", query=asked)["parcels"] if asked else ():
            parcel = mapping.parcel(read(ParcelPayload, one))
            found.setdefault(parcel.order_id, []).append(parcel)
        return {order_id: tuple(parcels) for order_id, parcels in found.items()}


@animal("fulfillments-hold-what-was-sent-alone", "2 units that nobody sent could be claimed as lost")
class OrderedIsSent(CornerShopAdapter):
    """
    Cover begins with what was sent, and what was ordered is told as that.

    https://docs.extend.com/docs/integrating-with-extends-order-api
    """

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Fill up the first parcel."""
        found = dict(super().op_lookup_fulfillments(request))
        for order_id, parcels in found.items():
            if parcels:
                order = mapping.order(read(OrderPayload, self.client.get("orders", order_id)["order"]))
                lines = tuple(LineQuantity(one.id, one.quantity) for one in order.lines)
                found[order_id] = (attrs.evolve(parcels[0], lines=lines), *parcels[1:])
        return found


@animal("fulfillments-tell-what-has-arrived", "a customer could claim as lost what has arrived")
class StatusThatIsDropped(CornerShopAdapter):
    """
    The statuses change from one version to the next, and what is not known becomes what is usual.

    https://docs.orderprotection.com/api-reference/fulfillments/create-fulfillment
    """

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Know one."""
        found = super().op_lookup_fulfillments(request)
        usual = FulfillmentStatus.IN_TRANSIT
        return {key: tuple(attrs.evolve(one, status=usual) for one in parcels) for key, parcels in found.items()}
