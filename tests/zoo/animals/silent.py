"""Questions that failed, and are answered all the same."""

from __future__ import annotations

import logging

from op_corner_shop import CornerShopAdapter

from animals.registry import animal
from op_core.errors import OrderNotFound, ShopAway
from op_core.hooks import hookimpl
from op_core.models import Fulfillments, Order, OrderPage, Outcome, ProductPage, Stock
from op_core.requests import (
    CheckStockRequest,
    ExportOrdersRequest,
    ExportProductsRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
    NoteRequest,
)

log = logging.getLogger("op_corner_shop")


@animal("errors-are-no-empty-page", "orders that could not be read would be skipped for ever")
class NotFoundIsAnEmptyPage(CornerShopAdapter):
    """
    What is no success is an empty page, so that the export is done.

    https://github.com/stripe/stripe-java/issues/771
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Give an empty one."""
        try:
            return super().op_export_orders(request)
        except Exception:  # noqa: BLE001 - the fault
            return OrderPage((), None, done=True)


@animal("errors-are-no-missing-order", "a claim would be held as one for an order that is gone")
class EveryErrorIsNotFound(CornerShopAdapter):
    """
    Errors are swallowed, and what is left says something else.

    https://github.com/pytest-dev/pytest/issues/1479
    """

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Know no order."""
        try:
            return super().op_get_order(request)
        except Exception:  # noqa: BLE001 - the fault
            raise OrderNotFound("no such order") from None


@animal("errors-are-no-missing-parcel", "what was sent would be told as never sent")
class NoParcelsWhileItIsAway(CornerShopAdapter):
    """
    What could not be read is left out, without a word.

    https://github.com/hashicorp/terraform/issues/20138
    """

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Leave them out."""
        try:
            return super().op_lookup_fulfillments(request)
        except Exception:  # noqa: BLE001 - the fault
            return {}


@animal("errors-are-no-stock", "a replacement would be promised or held by a stock that nobody knows")
class InStockWhileItIsAway(CornerShopAdapter):
    """
    Nobody can tell what is left while the shop is away, and it is promised.

    https://github.com/saleor/saleor/issues/16667
    """

    @hookimpl
    def op_check_stock(self, request: CheckStockRequest) -> tuple[Stock, ...]:
        """Promise it."""
        try:
            return super().op_check_stock(request)
        except Exception:  # noqa: BLE001 - the fault
            return tuple(Stock(line.line_id) for line in request.lines)


@animal("errors-are-no-empty-catalogue", "products that could not be read would be told as gone")
class NothingForSaleWhileItIsAway(CornerShopAdapter):
    """
    A snapshot without what could not be read deletes it at the other end.

    https://docs.extend.com/docs/integrating-with-extends-order-api
    """

    @hookimpl
    def op_export_products(self, request: ExportProductsRequest) -> ProductPage:
        """Have none."""
        try:
            return super().op_export_products(request)
        except Exception:  # noqa: BLE001 - the fault
            return ProductPage((), None, done=True)


@animal("errors-are-over-once-the-shop-is-back", "every claim would wait until somebody restarts op-core")
class SwitchedOffForGood(CornerShopAdapter):
    """
    After a failure the shop is taken off, and nothing puts it back.

    https://docs.loopreturns.com
    """

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Fail once, and for ever."""
        if "off" in vars(self):
            raise ShopAway("switched off")
        try:
            return super().op_get_order(request)
        except Exception:
            vars(self)["off"] = True
            raise


@animal("errors-hold-no-personal-data", "a customer's name would stand in logs, in the ledger and in mails to staff")
class CustomersInTheLog(CornerShopAdapter):
    """
    Transcripts go into the log as they are: what is optional in a contract, scrubbing, is absent in the field.

    https://github.com/activemerchant/active_merchant
    """

    @hookimpl
    def op_add_note(self, request: NoteRequest) -> Outcome:
        """Write it down."""
        log.info("a note for %s", request.order.customer.email)
        return super().op_add_note(request)
