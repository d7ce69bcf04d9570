"""Orders, parcels, stock and products out of the shop's API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import attrs

from op_core.errors import ContractBroken, OrderNotFound, ShopUnavailable
from op_core.halving import readable
from op_core.models import (
    Fulfillment,
    Fulfillments,
    LineQuantity,
    Order,
    OrderPage,
    Product,
    ProductPage,
    Stock,
    UnreadableOrder,
)
from op_rest_shop.assembly import Assembly
from op_rest_shop.calls import Call
from op_rest_shop.client import Client
from op_rest_shop.context import LINE
from op_rest_shop.expressions import WrongExpression, stamp
from op_rest_shop.landing import Answer
from op_rest_shop.mapping import Listing, Manifest
from op_rest_shop.paging import Page, address, packed, unpacked, walk

__all__ = ["UNSORTED", "Reader"]

_GONE = (404, 410)
UNSORTED = "the shop does not give the oldest change first, so some would be passed over: sort by it in its query"


@attrs.define(eq=False)
class Reader:
    """
    Reads one shop.

    Attributes:
        manifest: How.
        client: The way there.
        assembly: Makes values of what is found.
    """

    manifest: Manifest
    client: Client
    assembly: Assembly

    @property
    def place(self) -> str:
        """The manifest's name, for errors."""
        return self.client.place

    # --- Orders ------------------------------------------------------------------------------------------------------

    def page(self, since: datetime | None, cursor: str | None, limit: int) -> OrderPage:
        """Return one page of changed orders, in the shop's order; one that cannot be read stops no other."""
        page = self._walked("orders", self.manifest.orders, since, cursor, limit)
        found, wrong = readable(page.items, lambda items: [self.assembly.order(item) for item in items])
        unread = tuple(UnreadableOrder(self.assembly.id_of(item), str(why)) for item, why in wrong)
        return OrderPage(tuple(order for some in found for order in some), packed(page.state), page.done, unread)

    def order(self, order_id: str) -> Order:
        """
        Return one order.

        Raises:
            OrderNotFound: The shop has none of that id.
            ShopUnavailable: It did not answer.
            ContractBroken: It answered with another order, or with none that the manifest describes.
        """
        order = self.assembly.order(self.raw(order_id))
        if order.id != order_id:
            raise ContractBroken(f"{self.place}: order: the shop answered with another order than it was asked for")
        return order

    def raw(self, order_id: str) -> Any:
        """Return one order as the shop's JSON; see `order`."""
        one = self.manifest.order
        answer = self.client.call(one, {"order_id": order_id}, "order")
        if answer.status in _GONE:
            raise OrderNotFound(f"the shop has no order {order_id!r}")
        body = self._body(answer)
        found = self._found(one.item, body, "order.item")
        if found is None and body is None:
            raise ShopUnavailable(f"{answer.why}, an answer without a body")
        if found is None:
            raise OrderNotFound(f"the shop has no order {order_id!r}")
        return found

    # --- Parcels, stock and products ---------------------------------------------------------------------------------

    def fulfillments(self, order_ids: Sequence[str]) -> Fulfillments:
        """Return the parcels of these orders; one that the shop does not know has none."""
        table = self.manifest.fulfillments
        assert table is not None
        if table.orders is None:
            return {order_id: self._parcels_of(order_id) for order_id in order_ids}
        found: dict[str, tuple[Fulfillment, ...]] = {}
        wanted, cursor, done = set(order_ids), None, False
        while not done:
            page = self._walked("fulfillments.orders", table.orders, None, cursor, len(wanted), order_ids=[*order_ids])
            for item in page.items:
                order_id = self.assembly.id_of(item)
                if order_id in wanted:
                    found[order_id] = self.assembly.parcels(item, order_id)
            cursor, done = packed(page.state), page.done
        return found

    def _parcels_of(self, order_id: str) -> tuple[Fulfillment, ...]:
        try:
            return self.assembly.parcels(self.raw(order_id), order_id)
        except OrderNotFound:
            return ()

    def stock(self, order: Order, lines: Iterable[LineQuantity], context: Mapping[str, Any]) -> tuple[Stock, ...]:
        """Return what can be sent of these lines; what the shop does not list it does not count."""
        table = self.manifest.stock
        assert table is not None
        answer = self.client.call(table, context, "stock")
        found = self.assembly.stock(self._body(answer))
        known = {line.id: getattr(line, table.match) for line in order.lines}
        return tuple(Stock(line.line_id, found.get(known.get(line.line_id, ""))) for line in lines)

    def product_page(self, since: datetime | None, cursor: str | None, limit: int) -> ProductPage:
        """Return one page of products."""
        table = self.manifest.products
        assert table is not None
        page = self._walked("products", table, since, cursor, limit)
        records = [record for item in page.items for record in self.assembly.products(item)]
        if table.counted and records:
            records = self._counted(records)
        return ProductPage(tuple(records), packed(page.state), page.done)

    def _counted(self, records: Iterable[Product]) -> list[Product]:
        """Return the records with what can be sent of each, asked for as of the lines of an order."""
        table = self.manifest.stock
        assert table is not None
        sold = [{"sku": one.sku, "variant_id": one.variant_id, "product_id": one.id} for one in records]
        lines = [{**dict.fromkeys(LINE), **one} for one in sold]
        answer = self.client.call(table, {"lines": lines}, "stock")
        found = self.assembly.stock(self._body(answer))
        return [
            attrs.evolve(one, quantity=found.get(line[table.match]) if line[table.match] else None)
            for one, line in zip(records, sold, strict=True)
        ]

    # --- Calls -------------------------------------------------------------------------------------------------------

    def _walked(
        self, place: str, listing: Listing, since: datetime | None, cursor: str | None, limit: int, **more: Any
    ) -> Page:
        def ask(context: Mapping[str, Any], link: str | None) -> tuple[Answer, Sequence[Any]]:
            answer = (
                self._linked(listing, link, place) if link else self.client.call(listing, {**context, **more}, place)
            )
            return answer, self.assembly.items(place, listing.items, self._body(answer))

        begin = None if since is None else stamp(since)
        page = walk(listing, ask, self.assembly.version_of(place), begin, unpacked(cursor), limit, place)
        times = self.assembly.times_of(place, page.items)
        if listing.paging is not None and listing.paging.by == "keyset" and times != sorted(times):
            raise ContractBroken(f"{self.place}: {place}: {UNSORTED}")
        return page

    def _linked(self, call: Call, link: str, place: str) -> Answer:
        path, query = address(self.client.url, link, f"{self.place}: {place}")
        request = attrs.evolve(self.client.request(call, {}), path=path, query=query)
        return self.client.send(request, call, place)

    def _body(self, answer: Answer) -> Any:
        if answer.means != "done":
            raise ShopUnavailable(answer.why)
        return answer.body

    def _found(self, path: Any, body: Any, key: str) -> Any:
        try:
            return path.of(body)
        except WrongExpression as error:
            raise ContractBroken(f"{self.place}: {key}: {error}") from None
