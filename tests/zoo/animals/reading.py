"""The reference, with a place where it makes something else of each order. No animal by itself."""

from __future__ import annotations

from collections.abc import Callable

import attrs
from op_corner_shop import CornerShopAdapter

from op_core.hooks import hookimpl
from op_core.models import Line, Order, OrderPage
from op_core.requests import ExportOrdersRequest, GetOrderRequest

__all__ = ["Reading", "each_line"]


class Reading(CornerShopAdapter):
    """It reads each order in a way of its own, alone and on a page."""

    def seen(self, order: Order) -> Order:
        """Return what it makes of an order."""
        raise NotImplementedError

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Ask for one order."""
        return self.seen(super().op_get_order(request))

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Ask for a page."""
        page = super().op_export_orders(request)
        return attrs.evolve(page, orders=tuple(self.seen(one) for one in page.orders))


def each_line(order: Order, change: Callable[[Line], Line]) -> Order:
    """Return the order with every line changed."""
    return attrs.evolve(order, lines=tuple(change(line) for line in order.lines))
