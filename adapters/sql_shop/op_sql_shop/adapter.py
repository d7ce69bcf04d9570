"""The hooks: each is one transaction in the shop's database, read or written as the mapping says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import ClassVar

import attrs
import pydantic
from sqlalchemy.exc import DBAPIError

from op_core.capabilities import Capability, Support
from op_core.errors import NotSupported, OrderNotFound, SettingsError
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
from op_sql_shop.client import Client, connect
from op_sql_shop.converters import Forms, forms
from op_sql_shop.doors import Door
from op_sql_shop.faults import meaning
from op_sql_shop.mapping import MoneyVerb, ShopMapping, Verb, load
from op_sql_shop.paying import Payer
from op_sql_shop.reading import Reader
from op_sql_shop.references import References
from op_sql_shop.settings import SqlShopSettings
from op_sql_shop.texts import texts
from op_sql_shop.unbound import unknown_names
from op_sql_shop.writing import Writer

__all__ = ["SqlShopAdapter"]

Finding = Found | NotFound | CannotTell
_READS = {
    "op_lookup_fulfillments": ("fulfillments", "shipping_events"),
    "op_check_stock": ("stock",),
    "op_export_products": ("products",),
}


def _now() -> datetime:
    return datetime.now(UTC)


@attrs.define(eq=False)
class SqlShopAdapter:
    """
    A store whose shop is a SQL database.

    Attributes:
        clock: Gives the time, UTC.

    Raises:
        SettingsError: The mapping file or the URL is wrong. Nothing is connected yet.
    """

    Settings: ClassVar[type[pydantic.BaseModel]] = SqlShopSettings

    settings: SqlShopSettings
    store: StoreInfo
    clock: Callable[[], datetime] = attrs.field(default=_now, kw_only=True)
    mapping: ShopMapping = attrs.field(init=False, repr=False)
    client: Client = attrs.field(init=False, repr=False)
    reader: Reader = attrs.field(init=False, repr=False)
    writers: Mapping[str, Writer] = attrs.field(init=False, repr=False)
    references: References = attrs.field(init=False, repr=False)
    capabilities: Mapping[str, Capability] = attrs.field(init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Read the mapping and write every statement; the database is not asked."""
        path = self.store.directory / Path(self.settings.mapping)
        self.mapping = load(path)
        self.client = connect(self.settings, self.store.directory, path.name)
        dialect = self.client.dialect
        held = forms(self.mapping.shop, dialect)
        self.references = References(self.store.name, path.name)
        verbs = self.mapping.verbs
        ours = self.references if any(verb.find is None for verb in verbs.values()) else None
        self.reader = Reader(self.mapping, held, dialect, path.name, ours)
        self.writers = {name: self._writer(name, verb, held) for name, verb in verbs.items()}
        stated = list(texts(self.mapping, dialect))
        wrong = [(text, text.wrong) for text in stated if text.wrong and text.verb is None]
        if faults := [*wrong, *unknown_names(stated)]:
            raise SettingsError("; ".join(f"{path.name}: {text.place}: {why}" for text, why in faults))
        self.capabilities = self._capabilities(path.name)

    def _writer(self, name: str, verb: Verb, held: Forms) -> Writer:
        lock, ours = self.mapping.orders.lock or "", None if verb.find else self.references
        if not (isinstance(verb, MoneyVerb) and verb.moves == "moved"):
            return Writer(name, verb, lock, self.client, held, ours, self.clock)
        door = Door.open(verb.money, verb.find_money, self.store.directory, f"{self.client.place}: {name}")
        return Payer(name, verb, lock, self.client, held, ours, self.clock, door=door, marks=self.references)

    def _capabilities(self, place: str) -> dict[str, Capability]:
        can = dict.fromkeys(("op_export_orders", "op_get_order"), Capability(Support.SUPPORTED))
        for hook, tables in _READS.items():
            there = any(getattr(self.mapping, table) is not None for table in tables)
            can[hook] = _capability(there, f"{place} has no table {' or '.join(tables)}")
        for verb, hook in EFFECTS.items():
            can[hook] = _capability(verb in self.writers, self._why_not(verb))
            effect = self.mapping.verbs.get(verb)
            if isinstance(effect, MoneyVerb):
                can[hook] = attrs.evolve(can[hook], money=effect.moves)
        for verb, hook in QUESTIONS.items():
            if verb in self.writers or hook not in can:
                can[hook] = _capability(verb in self.writers, self._why_not(verb))
        return can

    def _why_not(self, verb: str) -> str:
        said = self.mapping.unsupported.items()
        return next((why for name, why in said if name == verb), f"{self.client.place} has no table {verb}")

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def install(self) -> Iterable[str]:
        """Make ``op_references`` in the shop's database, if it is not there."""
        try:
            made = self.references.install(self.client.engine)
        except DBAPIError as error:
            why = meaning(error, f"{self.client.place}: op_references")
            statements = self.references.statements(self.client.engine)
            why.add_note(f"Or have it made by somebody who may:\n{statements}")
            raise why from None
        if made:
            yield "made the table op_references"

    def prove(self, *, writes: bool) -> Iterable[Proof]:
        """Look at every statement of the mapping beside the live database; see `op_sql_shop.proving`."""
        from op_sql_shop.proving import Subject, prove  # noqa: PLC0415 - only doctor needs it

        subject = Subject(
            self.store.name,
            self.mapping,
            self.client,
            self.reader.forms,
            self.reader,
            self.writers,
            self.references,
            self.clock,
        )
        yield from prove(subject, writes=writes)

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
        """Read one page of changed orders: one statement for them, and one for each kind of their rows."""
        with self.client.reading() as session:
            return self.reader.page(session, request.since, request.cursor, request.limit)

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Read one order."""
        with self.client.reading() as session:
            order = self.reader.order(session, request.order_id)
        if order is None:
            raise OrderNotFound(f"the shop has no order {request.order_id!r}")
        return order

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Read the parcels of several orders."""
        self._needs("op_lookup_fulfillments")
        with self.client.reading() as session:
            return self.reader.fulfillments(session, request.order_ids)

    @hookimpl
    def op_check_stock(self, request: CheckStockRequest) -> tuple[Stock, ...]:
        """Read what can be sent of each line."""
        self._needs("op_check_stock")
        with self.client.reading() as session:
            return self.reader.stock(session, request.order.id, request.lines)

    @hookimpl
    def op_export_products(self, request: ExportProductsRequest) -> ProductPage:
        """Read one page of products."""
        self._needs("op_export_products")
        with self.client.reading() as session:
            return self.reader.product_page(session, request.since, request.cursor, request.limit)

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
