"""The hooks: each is one call of the shop's API, or a sequence of them, as the manifest says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import attrs
import pydantic

from op_core import named
from op_core.capabilities import Capability, Support
from op_core.errors import NotSupported, SettingsError
from op_core.hooks import EFFECTS, QUESTIONS, hookimpl
from op_core.models import CannotTell, Found, Fulfillments, NotFound, Order, OrderPage, Outcome, ProductPage, Stock
from op_core.plugins import StoreInfo
from op_core.proofs import Proof
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
from op_rest_shop.assembly import Assembly
from op_rest_shop.client import Client
from op_rest_shop.context import of_order
from op_rest_shop.mapping import Manifest, MoneyVerb, Verb, load
from op_rest_shop.names import faults
from op_rest_shop.places import Place
from op_rest_shop.reading import Reader
from op_rest_shop.sequences import Writer
from op_rest_shop.settings import RestShopSettings

__all__ = ["RestShopAdapter"]

Finding = Found | NotFound | CannotTell
_READS = {
    "op_lookup_fulfillments": "fulfillments",
    "op_check_stock": "stock",
    "op_export_products": "products",
}


@attrs.define(eq=False)
class RestShopAdapter:
    """
    A store whose shop has an HTTP admin API.

    Attributes:
        transport: httpx's, for tests; None: the network.

    Raises:
        SettingsError: The manifest is wrong, or a variable that it needs is not set. Nothing is called yet.
    """

    Settings: ClassVar[type[pydantic.BaseModel]] = RestShopSettings

    settings: RestShopSettings
    store: StoreInfo
    transport: Any = attrs.field(default=None, kw_only=True, repr=False)
    manifest: Manifest = attrs.field(init=False, repr=False)
    client: Client = attrs.field(init=False, repr=False)
    reader: Reader = attrs.field(init=False, repr=False)
    writers: Mapping[str, Writer] = attrs.field(init=False, repr=False)
    capabilities: Mapping[str, Capability] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Read the manifest; the shop is not asked."""
        path = self.store.directory / Path(self.settings.manifest)
        given = {name: value.get_secret_value() for name, value in self.settings.env.items()}
        self.manifest = load(path, {**os.environ, **given})
        where = Place.of(path.name, path.read_text(encoding="utf-8"))
        if wrong := list(faults(self.manifest)):
            raise SettingsError("; ".join(where.told(each) for each in wrong))
        shop, place = self.manifest.shop, path.name
        url = self.settings.url.get_secret_value().rstrip("/") if self.settings.url is not None else shop.url
        if url is None:
            raise SettingsError(f"{place}: shop.url: missing, here and in the settings of store {self.store.name}")
        self.client = Client.of(url, self.settings, place, self.manifest, self.transport)
        self.reader = Reader(self.manifest, self.client, Assembly(self.manifest, where, self._mapped()))
        self.writers = {name: self._writer(name, verb) for name, verb in self.manifest.verbs.items()}
        self.capabilities = self._capabilities(place)

    def _writer(self, name: str, verb: Verb) -> Writer:
        made = self._function(f"{name}.function", verb.function)
        return Writer(name, verb, self.client, made, self._function(f"{name}.find_function", verb.find_function))

    def _mapped(self) -> dict[str, Callable[[Any], Any]]:
        tables = {name: getattr(self.manifest, name) for name in ("order", "fulfillments", "stock", "products")}
        found = {
            name: self._function(f"{name}.function", table.function, "json")
            for name, table in tables.items()
            if table is not None
        }
        return {name: function for name, function in found.items() if function is not None}

    def _function(self, key: str, name: str | None, given: str = "request") -> Callable[[Any], Any] | None:
        if name is None:
            return None
        return named.function(f"{self.client.place}: {key}", name, self.store.directory, given)

    def _capabilities(self, place: str) -> dict[str, Capability]:
        can = dict.fromkeys(("op_export_orders", "op_get_order"), Capability(Support.SUPPORTED))
        for hook, table in _READS.items():
            can[hook] = _capability(getattr(self.manifest, table) is not None, f"{place} has no table {table}")
        for verb, hook in EFFECTS.items():
            can[hook] = _capability(verb in self.writers, self._why_not(verb))
            effect = self.manifest.verbs.get(verb)
            if isinstance(effect, MoneyVerb):
                can[hook] = attrs.evolve(can[hook], money=effect.money)
        for verb, hook in QUESTIONS.items():
            made = verb in self.writers and self.writers[verb].verb.is_found
            if made or hook not in can:
                can[hook] = _capability(made, f"{place} has no table {verb}.find")
        return can

    def _why_not(self, verb: str) -> str:
        said = self.manifest.unsupported.items()
        return next((why for name, why in said if name == verb), f"{self.client.place} has no table {verb}")

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def prove(self, *, writes: bool) -> Iterable[Proof]:
        """Look at the manifest beside the live shop; see `op_rest_shop.proving`."""
        from op_rest_shop.proving import prove  # noqa: PLC0415 - only doctor needs it

        yield from prove(self.manifest, self.reader, self.writers, writes=writes)

    def _make(self, verb: str, request: Effect) -> Outcome:
        writer = self.writers.get(verb)
        if writer is None:
            raise NotSupported(self._why_not(verb))
        return writer.make(request)

    def _find(self, request: FindRequest) -> Finding:
        writer = self.writers.get(request.key.verb)
        if writer is None:
            return CannotTell(self._why_not(request.key.verb))
        return writer.look(request)

    # --- Reading -----------------------------------------------------------------------------------------------------

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Read one page of changed orders."""
        return self.reader.page(request.since, request.cursor, request.limit)

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Read one order."""
        return self.reader.order(request.order_id)

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Read the parcels of several orders."""
        self._needs("op_lookup_fulfillments")
        return self.reader.fulfillments(request.order_ids)

    @hookimpl
    def op_check_stock(self, request: CheckStockRequest) -> tuple[Stock, ...]:
        """Read what can be sent of each line."""
        self._needs("op_check_stock")
        return self.reader.stock(request.order, request.lines, of_order(request.order, request.lines))

    @hookimpl
    def op_export_products(self, request: ExportProductsRequest) -> ProductPage:
        """Read one page of products."""
        self._needs("op_export_products")
        return self.reader.product_page(request.since, request.cursor, request.limit)

    def _needs(self, hook: str) -> None:
        capability = self.capabilities[hook]
        if not capability.usable:
            raise NotSupported(capability.reason)

    # --- Changing ----------------------------------------------------------------------------------------------------

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """Make a replacement."""
        return self._make("reship", request)

    @hookimpl
    def op_find_reship(self, request: FindRequest) -> Finding:
        """Look for a replacement."""
        return self._find(request)

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Give money back, in the way that the mapping declares."""
        return self._make("refund", request)

    @hookimpl
    def op_find_refund(self, request: FindRequest) -> Finding:
        """Look for a refund."""
        return self._find(request)

    @hookimpl
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Outcome:
        """Give store credit."""
        return self._make("store_credit", request)

    @hookimpl
    def op_find_store_credit(self, request: FindRequest) -> Finding:
        """Look for a store credit."""
        return self._find(request)

    @hookimpl
    def op_charge_protection(self, request: ProtectionChangeRequest) -> Outcome:
        """Bill the premium."""
        return self._make("charge_protection", request)

    @hookimpl
    def op_refund_protection(self, request: ProtectionChangeRequest) -> Outcome:
        """Give the premium back."""
        return self._make("refund_protection", request)

    @hookimpl
    def op_find_protection_change(self, request: FindRequest) -> Finding:
        """Look for a charge or a give-back of the premium."""
        return self._find(request)

    @hookimpl
    def op_add_note(self, request: NoteRequest) -> Outcome:
        """Put a note on the order."""
        return self._make("note", request)

    @hookimpl
    def op_find_note(self, request: FindRequest) -> Finding:
        """Look for a note."""
        return self._find(request)


def _capability(there: bool, reason: str) -> Capability:  # noqa: FBT001 - an answer to one question
    return Capability(Support.SUPPORTED) if there else Capability(Support.UNSUPPORTED, reason)
