"""Pages that skip, begin anew, or never end."""

from __future__ import annotations

from datetime import datetime, timedelta

import attrs
from op_corner_shop import CornerShopAdapter

from animals.registry import animal
from op_core.hooks import hookimpl
from op_core.models import OrderPage, Product, ProductPage
from op_core.requests import ExportOrdersRequest, ExportProductsRequest


@animal("export-skips-none-when-one-moves", "was changed before page 2 was read")
class OffsetsThatMove(CornerShopAdapter):
    """
    A page begins after so many rows; a row that changes moves to the end, and the next one is skipped.

    https://github.com/dlt-hub/verified-sources/issues/514
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Count the rows."""
        first = int(request.cursor or 0)
        whole = super().op_export_orders(attrs.evolve(request, cursor=None, limit=100))
        after = first + request.limit
        return OrderPage(whole.orders[first:after], str(after), after >= len(whole.orders))


@animal("export-skips-none-that-changed-at-one-time", "all changed at one time")
class AfterTheLastTime(CornerShopAdapter):
    """
    The next page begins after the last time of change, also where two orders have it.

    https://github.com/meltano/sdk/issues/1706
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Go on after the last time."""
        since = request.since
        if request.cursor is not None:
            since = datetime.fromisoformat(request.cursor) + timedelta(microseconds=1)
        page = super().op_export_orders(attrs.evolve(request, since=since, cursor=None))
        return attrs.evolve(page, cursor=page.orders[-1].updated_at.isoformat() if page.orders else None)


@animal("export-resumes-in-a-fresh-process", "orders would be skipped")
class CursorInMemory(CornerShopAdapter):
    """
    Where it was is known to the process alone, and a deploy ends it.

    https://github.com/unkeyed/unkey/issues/4979
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Hand out a number, and keep what it stands for."""
        known = vars(self).setdefault("places", {})
        if request.cursor is not None and request.cursor not in known:
            return OrderPage((), None, done=True)
        page = super().op_export_orders(attrs.evolve(request, cursor=known.get(request.cursor)))
        if page.cursor is None:
            return page
        known[place := f"page-{len(known) + 1}"] = page.cursor
        return attrs.evolve(page, cursor=place)


@animal("export-includes-the-boundary", "and does not come since it")
class AfterTheTimeThatWasAsked(CornerShopAdapter):
    """
    What changed at the very moment is left out.

    https://github.com/meltano/sdk/issues/1706
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Take "since" for "after"."""
        since = None if request.since is None else request.since + timedelta(microseconds=1)
        return super().op_export_orders(attrs.evolve(request, since=since))


@animal("export-goes-on-past-a-broken-order", "one broken order would stop the export of all that come after it")
class StoppedByOneBrokenOrder(CornerShopAdapter):
    """
    One row that cannot be read stops the whole source.

    https://github.com/dlt-hub/verified-sources/issues/473
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Fail with it."""
        page = super().op_export_orders(request)
        if page.unreadable:
            raise ValueError("an order cannot be read")
        return page


@animal("export-names-a-broken-order", "the customer of a broken order could not claim, and nobody would know why")
class BrokenOrderLeftOut(CornerShopAdapter):
    """
    What does not fit is dropped by a filter, and nobody can feed it back.

    https://github.com/automagik-dev/omni/issues/507
    """

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Leave it out."""
        return attrs.evolve(super().op_export_orders(request), unreadable=())


@animal("products-all-come", "nobody could have it replaced")
class FirstVariantOnly(CornerShopAdapter):
    """
    SKUs are missing, since a product is taken for its first variant.

    https://github.com/medusajs/medusa/issues/3361
    """

    @hookimpl
    def op_export_products(self, request: ExportProductsRequest) -> ProductPage:
        """Keep one of each product."""
        page = super().op_export_products(request)
        first: dict[str, Product] = {}
        for one in page.products:
            first.setdefault(one.id, one)
        return attrs.evolve(page, products=tuple(first.values()))
