"""The hooks: each is one call of the shop's admin API, or the pages of one list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs
import pydantic

from contract_0_1 import mapping
from contract_0_1.client import Client
from contract_0_1.payloads import OrderPayload, ParcelPayload, ProductPayload, StockPayload, read
from contract_0_1.settings import CornerShopSettings
from op_core.capabilities import Capability, Support
from op_core.errors import ContractBroken
from op_core.hooks import ADDRESSED, hookimpl
from op_core.models import CannotTell, Found, Fulfillments, NotFound, Order, OrderPage, Outcome, ProductPage, Stock
from op_core.plugins import StoreInfo
from op_core.requests import (
    CheckStockRequest,
    Effect,
    ExportOrdersRequest,
    ExportProductsRequest,
    FindRequest,
    GetOrderRequest,
    LookupFulfillmentsRequest,
    NoteRequest,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)

__all__ = ["CornerShopAdapter"]

Finding = Found | NotFound | CannotTell
_PAGE = 100  # the most that the shop lists at once
_IDS = 50  # what an address holds of them without becoming too long


@attrs.define(eq=False)
class CornerShopAdapter:
    """
    A store whose shop is a Corner Shop.

    It keeps nothing between two calls: another process may make the next one, after a restart or beside this one.

    Attributes:
        transport: httpx's, for tests; None: the network.
    """

    Settings: ClassVar[type[pydantic.BaseModel]] = CornerShopSettings
    # Said, never guessed from which methods there are: a subclass inherits methods that its shop may not have.
    capabilities: ClassVar[Mapping[str, Capability]] = dict.fromkeys(ADDRESSED, Capability(Support.SUPPORTED))

    settings: CornerShopSettings
    store: StoreInfo
    transport: Any = attrs.field(default=None, kw_only=True, repr=False)
    client: Client = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Prepare the way to the shop; it is not asked yet, for it may be away."""
        self.client = Client.of(self.settings, self.transport)

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    # --- Reading -------------------------------------------------------------------------------------------------

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """
        Ask for a page of orders, by time of change.

        The cursor is the shop's own. It names a place and not a number of rows, so that an order that changes
        meanwhile moves to the end of the list and pushes none over the border of a page.
        """
        page = self.client.get("orders", query=_changed(request))
        well, unreadable = mapping.orders(page["orders"])
        return OrderPage(tuple(well), page["next"], page["next"] is None, tuple(unreadable))

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Ask for one order."""
        return mapping.order(read(OrderPayload, self.client.get("orders", request.order_id)["order"]))

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Ask for the parcels of many orders at once."""
        found: dict[str, list[Any]] = {order_id: [] for order_id in request.order_ids}
        for first in range(0, len(request.order_ids), _IDS):
            ids = request.order_ids[first : first + _IDS]
            for one in self.client.all("parcels", [("order", order_id) for order_id in ids]):
                parcel = mapping.parcel(read(ParcelPayload, one))
                found[parcel.order_id].append(parcel)
        return {order_id: tuple(parcels) for order_id, parcels in found.items()}

    @hookimpl
    def op_check_stock(self, request: CheckStockRequest) -> tuple[Stock, ...]:
        """Ask for the stock of what the lines sold; what has no SKU is counted nowhere."""
        skus = {line.id: line.sku for line in request.order.lines}
        asked = sorted({skus[line.line_id] for line in request.lines if skus[line.line_id]})
        counted: dict[str, int | None] = {"": None}
        for one in self.client.all("stock", [("sku", sku) for sku in asked]) if asked else ():
            stock = read(StockPayload, one)
            counted[stock.sku] = stock.available
        if missing := [sku for sku in asked if sku not in counted]:
            raise ContractBroken(
                f"the shop says nothing of the stock of {missing[0]!r}; None is for what is not counted"
            )
        return tuple(Stock(line.line_id, counted[skus[line.line_id]]) for line in request.lines)

    @hookimpl
    def op_export_products(self, request: ExportProductsRequest) -> ProductPage:
        """Ask for a page of products; see `op_export_orders`."""
        page = self.client.get("products", query=_changed(request))
        found = tuple(mapping.product(read(ProductPayload, one)) for one in page["products"])
        return ProductPage(found, page["next"], page["next"] is None)

    # --- Changing: each carries our reference, and is one call -----------------------------------------------------

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """
        Have the order copied, in part.

        The shop's copy is as the original unless it is told otherwise: at its prices, with its payments, to its
        address. So everything is said, and what is not in the request is said to be nothing.
        """
        body = {
            "reference": request.reference,
            "lines": mapping.to_lines(request.lines),
            "ship_to": mapping.to_address(request.address),
            "price": f"{request.unit_price:f}",
            "tax": f"{request.tax:f}",
            "shipping": "0",
            "payments": "none",
            "method": request.shipping_method,
            "take_stock": request.take_stock,
            "notify": request.notify,
            "note": request.reason,
        }
        return self._made("replacements", request, body)

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Give back exactly that amount, from that payment. The lines are for the shop's count of returned units."""
        body = {
            "reference": request.reference,
            **mapping.amount_of(request.amount),
            "payment": request.payment_id,
            "lines": mapping.to_lines(request.lines),
            "note": request.reason,
        }
        return self._made("refunds", request, body)

    @hookimpl
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Outcome:
        """Put the amount on the account of the order's customer."""
        body = {"reference": request.reference, **mapping.amount_of(request.amount), "note": request.reason}
        return self._made("credits", request, body)

    @hookimpl
    def op_charge_protection(self, request: ProtectionChangeRequest) -> Outcome:
        """Bill the premium."""
        return self._premium("charge", request)

    @hookimpl
    def op_refund_protection(self, request: ProtectionChangeRequest) -> Outcome:
        """Give the premium back."""
        return self._premium("refund", request)

    @hookimpl
    def op_add_note(self, request: NoteRequest) -> Outcome:
        """Put a note on the order. Its text comes from outside: it goes as data, and is said to be no HTML."""
        body = {"reference": request.reference, "text": request.text.plain, "format": "plain"}
        return self._made("notes", request, body)

    def _premium(self, kind: str, request: ProtectionChangeRequest) -> Outcome:
        body = {"reference": request.reference, "kind": kind, **mapping.amount_of(request.amount)}
        return self._made("premiums", request, body)

    def _made(self, name: str, request: Effect, body: Mapping[str, Any]) -> Outcome:
        made = self.client.post("orders", request.order.id, name, key=request.reference, body=body)
        return mapping.outcome(made.get(name.removesuffix("s")), request)

    # --- Asking whether it was made: by our reference alone -----------------------------------------------------------

    @hookimpl
    def op_find_reship(self, request: FindRequest) -> Finding:
        """Look for replacements."""
        return self._find("replacements", request)

    @hookimpl
    def op_find_refund(self, request: FindRequest) -> Finding:
        """Look for refunds."""
        return self._find("refunds", request)

    @hookimpl
    def op_find_store_credit(self, request: FindRequest) -> Finding:
        """Look for credits."""
        return self._find("credits", request)

    @hookimpl
    def op_find_protection_change(self, request: FindRequest) -> Finding:
        """Look for premiums that were billed or given back."""
        return self._find("premiums", request)

    @hookimpl
    def op_find_note(self, request: FindRequest) -> Finding:
        """Look for notes."""
        return self._find("notes", request)

    def _find(self, name: str, request: FindRequest) -> Finding:
        return mapping.finding(self.client.all(name, [("reference", request.reference)]), request)


def _changed(request: ExportOrdersRequest) -> list[tuple[str, str]]:
    query = [("limit", str(min(request.limit, _PAGE)))]
    if request.since is not None:
        query.append(("changed_since", request.since.isoformat()))
    if request.cursor is not None:
        query.append(("cursor", request.cursor))
    return query
