"""The hooks: each hands its request to one method of the backend and maps the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import attrs
import pydantic

from op_core.capabilities import Capability
from op_core.hooks import hookimpl
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
from op_core.stubs import Answer, GrantedRefund, OrderNote, ProtectionChange, ReplacementOrder, StoreCredit
from op_custom_store import mapping
from op_custom_store.client import Client, connect
from op_custom_store.settings import CustomStoreSettings

__all__ = ["CustomStoreAdapter"]

Finding = Found | NotFound | CannotTell


@attrs.define(eq=False)
class CustomStoreAdapter:
    """
    A store whose shop is Python in this process.

    A hook answers at once, or with an awaitable where the backend's method is asynchronous.

    Raises:
        SettingsError: The backend cannot be found or made, or it is none.
    """

    Settings: ClassVar[type[pydantic.BaseModel]] = CustomStoreSettings

    settings: CustomStoreSettings
    store: StoreInfo
    capabilities: Mapping[str, Capability] = attrs.field(init=False, repr=False)
    client: Client = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Find the backend and read what it can do."""
        self.client = connect(self.settings, self.store.directory)
        self.capabilities = self.client.capabilities()

    def close(self) -> None:
        """Call the backend's own ``close``, if it has one and was made for this store."""
        close = getattr(self.client.backend, "close", None)
        if self.client.ours and close is not None:
            close()

    def _change(self, method: str, kind: type[mapping.Made], request: Effect) -> Answer[Outcome]:
        return self.client.ask(method, request, read=lambda answer: mapping.outcome(kind, answer, request, method))

    def _find(self, method: str, kind: type[mapping.Made], request: FindRequest) -> Answer[Finding]:
        return self.client.ask(
            method,
            request.reference,
            request.order,
            read=lambda answers: mapping.findings(kind, answers, request, method),
            unable=mapping.cannot_tell,
        )

    # --- Reading -------------------------------------------------------------------------------------------------

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> Answer[OrderPage]:
        """Ask for one page of changed orders."""
        return self.client.ask(
            "changed_orders",
            request.since,
            request.cursor,
            request.limit,
            read=lambda answer: mapping.page(OrderPage, answer, "changed_orders"),
        )

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Answer[Order]:
        """Ask for one order."""
        return self.client.ask("order", request.order_id, read=lambda answer: mapping.order(answer, request.order_id))

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Answer[Fulfillments]:
        """Ask for the parcels of several orders in one go."""
        return self.client.ask(
            "fulfillments", request.order_ids, read=lambda answers: mapping.fulfillments(answers, request)
        )

    @hookimpl
    def op_check_stock(self, request: CheckStockRequest) -> Answer[tuple[Stock, ...]]:
        """Ask what can be sent of each line."""
        return self.client.ask(
            "stock", request.order, request.lines, read=lambda answers: mapping.stock(answers, request)
        )

    @hookimpl
    def op_export_products(self, request: ExportProductsRequest) -> Answer[ProductPage]:
        """Ask for one page of products."""
        return self.client.ask(
            "products",
            request.since,
            request.cursor,
            request.limit,
            read=lambda answer: mapping.page(ProductPage, answer, "products"),
        )

    # --- Changing ------------------------------------------------------------------------------------------------

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Answer[Outcome]:
        """Have a replacement order made."""
        return self._change("create_replacement", ReplacementOrder, request)

    @hookimpl
    def op_find_reship(self, request: FindRequest) -> Answer[Finding]:
        """Ask for replacements under the reference."""
        return self._find("find_replacements", ReplacementOrder, request)

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Answer[Outcome]:
        """Have money given back."""
        return self._change("grant_refund", GrantedRefund, request)

    @hookimpl
    def op_find_refund(self, request: FindRequest) -> Answer[Finding]:
        """Ask for refunds under the reference."""
        return self._find("find_refunds", GrantedRefund, request)

    @hookimpl
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Answer[Outcome]:
        """Have store credit given."""
        return self._change("issue_store_credit", StoreCredit, request)

    @hookimpl
    def op_find_store_credit(self, request: FindRequest) -> Answer[Finding]:
        """Ask for store credits under the reference."""
        return self._find("find_store_credits", StoreCredit, request)

    @hookimpl
    def op_charge_protection(self, request: ProtectionChangeRequest) -> Answer[Outcome]:
        """Have the premium billed."""
        return self._change("charge_protection", ProtectionChange, request)

    @hookimpl
    def op_refund_protection(self, request: ProtectionChangeRequest) -> Answer[Outcome]:
        """Have the premium given back."""
        return self._change("refund_protection", ProtectionChange, request)

    @hookimpl
    def op_find_protection_change(self, request: FindRequest) -> Answer[Finding]:
        """Ask for charges and give-backs of the premium under the reference."""
        return self._find("find_protection_changes", ProtectionChange, request)

    @hookimpl
    def op_add_note(self, request: NoteRequest) -> Answer[Outcome]:
        """Have a note put on the order."""
        return self._change("add_note", OrderNote, request)

    @hookimpl
    def op_find_note(self, request: FindRequest) -> Answer[Finding]:
        """Ask for notes under the reference."""
        return self._find("find_notes", OrderNote, request)
