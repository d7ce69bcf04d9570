"""Orders that are told wrong, late, or as another one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import attrs
from op_corner_shop import CornerShopAdapter

from animals.reading import Reading, each_line
from animals.registry import animal
from op_core.hooks import hookimpl
from op_core.models import Order, OrderPage, Stock
from op_core.requests import CheckStockRequest, ExportOrdersRequest, GetOrderRequest

TOWN = timezone(timedelta(hours=1))  # where the shop's clock hangs


@animal("order-is-as-the-shop-holds-it", "created of order 2002 is")
class TimeWithoutZone(Reading):
    """
    The shop's local time is taken for UTC.

    https://github.com/saleor/saleor/issues/10165
    """

    def seen(self, order: Order) -> Order:
        """Forget the zone."""
        return attrs.evolve(order, created_at=_unzoned(order.created_at), updated_at=_unzoned(order.updated_at))


def _unzoned(at: datetime) -> datetime:
    return at.astimezone(TOWN).replace(tzinfo=UTC)


@animal("export-tells-the-addresses", "country of order 2001 is 'United States', expected 'US'")
class CountryNames(Reading):
    """
    The country has a name in the place of its code.

    https://docs.orderprotection.com/webhooks/claims/claim-approved
    """

    def seen(self, order: Order) -> Order:
        """Write it out."""
        address = order.shipping_address
        return (
            order
            if address is None
            else attrs.evolve(order, shipping_address=attrs.evolve(address, country="United States"))
        )


@animal("order-is-as-it-is-now", "a refund would be checked against an order of yesterday")
class OrderOfYesterday(CornerShopAdapter):
    """
    What is outstanding is not worked out anew after a change.

    https://github.com/medusajs/medusa/issues/11429
    """

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Keep what was read once."""
        known = vars(self).setdefault("orders", {})
        if request.order_id not in known:
            known[request.order_id] = super().op_get_order(request)
        order: Order = known[request.order_id]
        return order


@animal("concurrency-keeps-orders-apart", "one order's claim would be paid from another's")
class SharedBetweenOrders(CornerShopAdapter):
    """
    What is being worked on is one for all.

    https://github.com/saleor/apps/issues/725
    """

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Answer with the one that is being worked on."""
        if "current" not in vars(self):
            vars(self)["current"] = super().op_get_order(request)
        order: Order = vars(self)["current"]
        return order


@animal(
    "export-tells-odd-orders",
    "1 of 1 orders would never be exported, and their customers could not claim",
    kind="that was cancelled",
)
class CancelledOrderDropped(CornerShopAdapter):
    """
    A filter drops what is not usual, and nothing feeds it back.

    https://github.com/automagik-dev/omni/issues/507
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Leave them out."""
        page = super().op_export_orders(request)
        return attrs.evolve(page, orders=tuple(one for one in page.orders if one.cancelled_at is None))


@animal("stock-is-0-where-nothing-is-left", "a replacement would be promised, with nothing left")
class SoldOutIsNotCounted(CornerShopAdapter):
    """
    Nobody can tell what is left, so that nothing is short.

    https://github.com/saleor/saleor/issues/16667
    """

    @hookimpl
    def op_check_stock(self, request: CheckStockRequest) -> tuple[Stock, ...]:
        """Take 0 for nothing that is known."""
        return tuple(Stock(one.line_id, one.available or None) for one in super().op_check_stock(request))


@animal("export-tells-the-lines", "a customer could claim for more than was bought, or less")
class SkusMissing(Reading):
    """
    The claim has no SKU to go by.

    https://github.com/medusajs/medusa/issues/3361
    """

    def seen(self, order: Order) -> Order:
        """Leave it out."""
        return each_line(order, lambda line: attrs.evolve(line, sku=""))
