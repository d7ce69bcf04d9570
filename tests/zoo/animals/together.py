"""What goes wrong once there is more than one: of claims, of runs, of products."""

from __future__ import annotations

import attrs
from op_corner_shop import CornerShopAdapter

from animals.registry import animal
from op_core.hooks import hookimpl
from op_core.models import Order, OrderPage, Outcome, ProductPage, Stock
from op_core.requests import (
    CheckStockRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    GetOrderRequest,
    RefundRequest,
)


@animal("concurrency-refunds-each-once", "a customer would be refunded twice, or another's amount")
class OneAmountForAll(CornerShopAdapter):
    """
    Refunds that are made at once do not know of each other.

    https://github.com/fossasia/eventyay/issues/1405
    """

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Keep what is being worked on."""
        amount = vars(self).setdefault("amount", request.amount)
        return super().op_issue_refund(attrs.evolve(request, amount=amount))


@animal("concurrency-keeps-exports-apart", "orders would be skipped while somebody exports one by hand")
class OneRunAtATime(CornerShopAdapter):
    """
    Two runs of one thing go on side by side, in one place.

    https://github.com/dbos-inc/dbos-transact-java/issues/226
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Go on from where it was last."""
        cursor = None if request.cursor is None else vars(self).get("place")
        page = super().op_export_orders(attrs.evolve(request, cursor=cursor))
        vars(self)["place"] = page.cursor
        return page


@animal("order-knows-what-we-gave-back", "the customer could be given back more than was paid, by 10.01 USD")
class PaymentsOfTheFirstLook(CornerShopAdapter):
    """
    What is outstanding stays what it was, and a second refund goes over the payment.

    https://github.com/medusajs/medusa/issues/13068
    """

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Keep the payments."""
        order = super().op_get_order(request)
        known = vars(self).setdefault("payments", {})
        return attrs.evolve(order, payments=known.setdefault(order.id, order.payments))


@animal(
    "order-is-not-found-where-there-is-none", "the claim would be asked for again and again", order_id="no-such-order"
)
class AskedWithoutEnd(CornerShopAdapter):
    """
    What will never work is tried again like what may.

    https://github.com/saleor/saleor/issues/14557
    """

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Look for it in the list."""
        page = super().op_export_orders(ExportOrdersRequest(request.store))
        return {one.id: one for one in page.orders}[request.order_id]


@animal("stock-is-told-apart-by-line", "a replacement would wait for units that are there: 7")
class OutOfStockAsAWhole(CornerShopAdapter):
    """
    With one line out of stock nothing is sent.

    https://github.com/spree/spree/issues/14058
    """

    @hookimpl
    def op_check_stock(self, request: CheckStockRequest) -> tuple[Stock, ...]:
        """Tell the least of each."""
        found = super().op_check_stock(request)
        counted = [one.available for one in found if one.available is not None]
        return tuple(attrs.evolve(one, available=min(counted, default=None)) for one in found)


@animal("products-keep-their-ids", "a product would be told as new on each run, or two as one")
class VariantsAreOne(CornerShopAdapter):
    """
    A key that is too coarse takes two for one.

    https://github.com/hookdeck/outpost/pull/609
    """

    @hookimpl
    def op_export_products(self, request: ExportProductsRequest) -> ProductPage:
        """Know products alone."""
        page = super().op_export_products(request)
        return attrs.evolve(page, products=tuple(attrs.evolve(one, variant_id="") for one in page.products))
