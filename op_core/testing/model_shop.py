"""
A shop in memory for tests: it does what it is told, fails as it is told, and remembers both.

It is deterministic and has no threads, and no guard hides a mistake: it refunds more than was paid if it is asked to,
and once more under the same reference, unless it is told to keep its `guards`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar, Literal, TypeAlias, TypeVar, cast

import attrs
import pydantic

from op_core.capabilities import Capability, Support
from op_core.errors import NotSent, OrderNotFound, Refused, ShopAway
from op_core.hooks import ADDRESSED, MOVING, hookimpl
from op_core.models import (
    Address,
    CannotTell,
    Customer,
    Found,
    Fulfillment,
    Fulfillments,
    Line,
    LineQuantity,
    NotFound,
    Order,
    OrderPage,
    Outcome,
    Payment,
    Product,
    ProductPage,
    Stock,
    UnreadableOrder,
)
from op_core.money import Money
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

__all__ = ["Fault", "ModelShop", "ShopCall", "ShopEffect", "an_order"]

T = TypeVar("T")
Fault: TypeAlias = Literal[
    "ok", "refuse", "not_sent", "away", "lost", "pending", "none", "wrong_type", "raise", "hidden"
]
"""
What happens to one call.

- ``ok`` acts and answers
- ``refuse``, ``not_sent``, ``away``, ``raise`` (any other error): do not act
- ``lost`` acts, then raises
- ``pending`` acts, and answers that the shop will do it; `ModelShop.settle` does
- ``none``, ``wrong_type``: act, and answer rubbish
- ``hidden`` is for a find: what is there is not seen yet
"""
Faults: TypeAlias = Mapping[tuple[str, int], Fault] | Callable[[str, int], Fault]

_FINDS = {
    "op_find_reship": ("reship",),
    "op_find_refund": ("refund",),
    "op_find_store_credit": ("store_credit",),
    "op_find_protection_change": ("charge_protection", "refund_protection"),
    "op_find_note": ("note",),
}


@attrs.define
class ShopEffect:
    """
    One effect that took place.

    Attributes:
        verb: ``reship``, ``refund``, ``store_credit``, ``charge_protection``, ``refund_protection`` or ``note``.
        order_id: The order it is about; for a reship the original one.
        shop_id: The shop's id of it; for a reship the new order's.
        settled: False while it is pending.
        text: For a note, what it says.
        address: For a reship, where it goes.
        take_stock: For a reship, whether its units are taken from stock.
    """

    verb: str
    reference: str
    order_id: str
    shop_id: str
    amount: Money | None = None
    payment_id: str | None = None
    lines: tuple[LineQuantity, ...] = ()
    settled: bool = True
    text: str = attrs.field(default="", repr=False)
    address: Address | None = None
    take_stock: bool = False

    @property
    def outcome(self) -> Outcome:
        """What the shop says of it now."""
        if not self.settled:
            return Outcome("pending", shop_id=self.shop_id, money="queued" if self.amount is not None else None)
        new_order = self.shop_id if self.verb == "reship" else None
        return Outcome(
            "done", shop_id=self.shop_id, money="moved" if self.amount is not None else None, order_id=new_order
        )


@attrs.frozen
class ShopCall:
    """One call of a hook that changes the shop, or asks whether it did: what was scripted for it."""

    verb: str
    reference: str
    nth: int
    fault: Fault


class _NoSettings(pydantic.BaseModel):
    """It needs none."""

    model_config = pydantic.ConfigDict(extra="forbid")


def _counted(stock: Mapping[str, int]) -> dict[str, int]:
    return dict(stock)  # what is taken from it is not taken from the caller's own


def _by_id(orders: Mapping[str, Order] | Iterable[Order]) -> dict[str, Order]:
    return dict(orders) if isinstance(orders, Mapping) else {order.id: order for order in orders}


@attrs.define(eq=False)
class ModelShop:
    """
    An adapter whose shop is a dictionary.

    Attributes:
        orders: By id; may be given as a list. Refunds reduce what is left of their payments; `an_order` makes one.
        find: Whether it can be asked for effects. Without, each find answers `CannotTell`.
        guards: Whether it keeps what a careful shop keeps: a call under a reference that is there already answers what
            was made, and a payment that the order does not have gives nothing back.
        faults: What happens to the nth call of a verb under one reference, n from 1 as the shop counts them: a
            mapping from ``(verb, n)``, else ``ok``; or a function. A find's verb is its hook without ``op_``, such as
            ``find_refund``.
        away: Why the shop is away; every hook says so, and does nothing, until it is empty again.
        money: How it declares that money moves, of every hook that moves some; it moves it all the same.
        stock: Units by line id; a line that is not named is not counted.
        spoilt: Ids of orders that cannot be read.
        effects: Every effect, in order.
        calls: Every call that changes or asks for an effect, in order.
        requests: The requests of those calls.
    """

    Settings: ClassVar[type[pydantic.BaseModel]] = _NoSettings

    orders: dict[str, Order] = attrs.field(factory=dict, converter=_by_id)
    find: bool = True
    guards: bool = False
    faults: Faults = attrs.field(factory=dict)
    away: str = ""
    money: Literal["moved", "queued", "booked"] | None = None
    stock: dict[str, int] = attrs.field(factory=dict, converter=_counted)
    parcels: tuple[Fulfillment, ...] = ()
    products: tuple[Product, ...] = ()
    spoilt: set[str] = attrs.field(factory=set)
    effects: list[ShopEffect] = attrs.field(factory=list, init=False)
    calls: list[ShopCall] = attrs.field(factory=list, init=False)
    requests: list[Effect | FindRequest] = attrs.field(factory=list, init=False, repr=False)

    @property
    def capabilities(self) -> Mapping[str, Capability]:
        """All of them, without the finds where it cannot be asked."""
        unable = Capability(Support.UNSUPPORTED, "this model has no look-up")
        return {
            hook: unable
            if hook in _FINDS and not self.find
            else Capability(Support.SUPPORTED, money=self.money if hook in MOVING else None)
            for hook in ADDRESSED
        }

    def doubled(self) -> dict[str, int]:
        """Return each reference with more than one effect, and how many."""
        return {one: n for one, n in Counter(effect.reference for effect in self.effects).items() if n > 1}

    def settle(self, reference: str) -> None:
        """Do what is pending under *reference*; ``LookupError`` where nothing is."""
        waiting = [one for one in self.effects if one.reference == reference and not one.settled]
        if not waiting:
            raise LookupError(f"nothing is pending under {reference}")
        for effect in waiting:
            self._settle(effect)

    def _reached(self) -> None:
        if self.away:
            raise ShopAway(self.away)

    # --- Reading -------------------------------------------------------------------------------------------------

    @hookimpl
    def op_export_orders(self, request: ExportOrdersRequest) -> OrderPage:
        """Return the orders by time of change; the cursor is the place of the last one."""
        self._reached()
        found = sorted(self.orders.values(), key=_changed)
        found = [one for one in found if request.since is None or request.since <= one.updated_at]
        left = [one for one in found if request.cursor is None or _changed(one) > request.cursor]
        page = left[: request.limit]
        well = tuple(one for one in page if one.id not in self.spoilt)
        unreadable = tuple(UnreadableOrder(one.id, "it was spoilt") for one in page if one.id in self.spoilt)
        cursor = _changed(page[-1]) if page else request.cursor
        return OrderPage(well, cursor, len(left) <= request.limit, unreadable)

    @hookimpl
    def op_get_order(self, request: GetOrderRequest) -> Order:
        """Return the order."""
        self._reached()
        if request.order_id not in self.orders:
            raise OrderNotFound(f"no order {request.order_id}")
        return self.orders[request.order_id]

    @hookimpl
    def op_lookup_fulfillments(self, request: LookupFulfillmentsRequest) -> Fulfillments:
        """Return the parcels of each order."""
        self._reached()
        return {wanted: tuple(one for one in self.parcels if one.order_id == wanted) for wanted in request.order_ids}

    @hookimpl
    def op_check_stock(self, request: CheckStockRequest) -> tuple[Stock, ...]:
        """Return the stock of each line."""
        self._reached()
        return tuple(Stock(line.line_id, self.stock.get(line.line_id)) for line in request.lines)

    @hookimpl
    def op_export_products(self, request: ExportProductsRequest) -> ProductPage:
        """Return the products in their order; the cursor counts those that were given."""
        self._reached()
        first = int(request.cursor or 0)
        after = first + request.limit
        return ProductPage(self.products[first:after], str(after), after >= len(self.products))

    # --- Changing ------------------------------------------------------------------------------------------------

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """Make a replacement order."""
        return self._change("reship", request)

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Give money back."""
        return self._change("refund", request)

    @hookimpl
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Outcome:
        """Give store credit."""
        return self._change("store_credit", request)

    @hookimpl
    def op_charge_protection(self, request: ProtectionChangeRequest) -> Outcome:
        """Bill the premium."""
        return self._change("charge_protection", request)

    @hookimpl
    def op_refund_protection(self, request: ProtectionChangeRequest) -> Outcome:
        """Give the premium back."""
        return self._change("refund_protection", request)

    @hookimpl
    def op_add_note(self, request: NoteRequest) -> Outcome:
        """Note something."""
        return self._change("note", request)

    @hookimpl
    def op_find_reship(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """Look for replacements."""
        return self._look_up("op_find_reship", request)

    @hookimpl
    def op_find_refund(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """Look for refunds."""
        return self._look_up("op_find_refund", request)

    @hookimpl
    def op_find_store_credit(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """Look for store credits."""
        return self._look_up("op_find_store_credit", request)

    @hookimpl
    def op_find_protection_change(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """Look for charges and give-backs."""
        return self._look_up("op_find_protection_change", request)

    @hookimpl
    def op_find_note(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """Look for notes."""
        return self._look_up("op_find_note", request)

    def _fault(self, verb: str, request: Effect | FindRequest) -> Fault:
        self._reached()
        nth = 1 + sum(call.verb == verb and call.reference == request.reference for call in self.calls)
        fault = self.faults(verb, nth) if callable(self.faults) else self.faults.get((verb, nth), "ok")
        self.calls.append(ShopCall(verb, request.reference, nth, fault))
        self.requests.append(request)
        return fault

    def _change(self, verb: str, request: Effect) -> Outcome:
        fault = self._fault(verb, request)
        if fault == "refuse":
            raise Refused("scripted")
        if fault == "not_sent":
            raise NotSent("scripted")
        if fault == "away":
            raise ShopAway("scripted")
        if fault == "raise":
            raise RuntimeError("scripted: raised before it acted")
        effect = self._act(verb, request)
        if fault == "pending":
            return effect.outcome
        self._settle(effect)
        return _answer(fault, effect.outcome)

    def _act(self, verb: str, request: Effect) -> ShopEffect:
        if self.guards and (there := self._kept(verb, request)) is not None:
            return there
        nth = len(self.effects) + 1
        effect = ShopEffect(
            verb=verb,
            reference=request.reference,
            order_id=request.order.id,
            shop_id=f"{request.order.id}-R{nth}" if verb == "reship" else f"{verb}-{nth}",
            amount=getattr(request, "amount", None),
            payment_id=getattr(request, "payment_id", None),
            lines=getattr(request, "lines", ()),
            settled=False,
            text=request.text.plain if isinstance(request, NoteRequest) else "",
            address=request.address if isinstance(request, ReshipRequest) else None,
            take_stock=isinstance(request, ReshipRequest) and request.take_stock,
        )
        self.effects.append(effect)
        return effect

    def _kept(self, verb: str, request: Effect) -> ShopEffect | None:
        order = self.orders.get(request.order.id, request.order)
        if isinstance(request, RefundRequest) and all(one.id != request.payment_id for one in order.payments):
            raise Refused("the order has no such payment")
        same = [one for one in self.effects if (one.verb, one.reference) == (verb, request.reference)]
        return same[0] if same else None

    def _settle(self, effect: ShopEffect) -> None:
        if effect.settled:
            return
        effect.settled = True
        order = self.orders.get(effect.order_id)
        if effect.verb == "reship" and order is not None:
            self._replace(order, effect)
        if effect.verb != "refund" or order is None or effect.amount is None:
            return
        units = {line.line_id: line.quantity for line in effect.lines}
        self.orders[order.id] = attrs.evolve(
            order,
            lines=tuple(
                attrs.evolve(one, refunded_quantity=one.refunded_quantity + units.get(one.id, 0)) for one in order.lines
            ),
            payments=tuple(
                attrs.evolve(one, refunded=one.refunded + effect.amount) if one.id == effect.payment_id else one
                for one in order.payments
            ),
            references=order.references | {effect.reference},
        )

    def _replace(self, order: Order, effect: ShopEffect) -> None:
        nothing = Money(Decimal(0), order.currency)
        units = {line.line_id: line.quantity for line in effect.lines}
        for line in effect.lines if effect.take_stock else ():
            if line.line_id in self.stock:
                self.stock[line.line_id] -= line.quantity
        self.orders[effect.shop_id] = attrs.evolve(
            order,
            id=effect.shop_id,
            number=f"#{effect.shop_id}",
            total=nothing,
            subtotal=nothing,
            shipping=None,
            lines=tuple(
                attrs.evolve(line, quantity=units[line.id], unit_price=nothing)
                for line in order.lines
                if line.id in units
            ),
            payments=(),
            shipping_address=effect.address,
            replaces=order.id,
            references=frozenset({effect.reference}),
        )

    def _look_up(self, hook: str, request: FindRequest) -> Found | NotFound | CannotTell:
        fault = self._fault(hook.removeprefix("op_"), request)
        if fault in ("refuse", "not_sent", "lost", "raise"):
            raise RuntimeError("scripted: the shop did not answer the question")
        if not self.find:
            return CannotTell("this model has no look-up")
        answer: Found | NotFound = NotFound()
        found = [one.outcome for one in self.effects if one.reference == request.reference and one.verb in _FINDS[hook]]
        if found and fault != "hidden":
            answer = Found(found[0], tuple(found[1:]))
        return _answer(fault, answer)


def _answer(fault: Fault, answer: T) -> T:
    if fault == "lost":
        raise ConnectionError("scripted: it acted, and the answer was lost")
    rubbish: dict[Fault, Any] = {"none": None, "wrong_type": {"id": "1"}}
    return cast("T", rubbish.get(fault, answer))


def _changed(order: Order) -> str:
    # Text of one length comes first, so that these sort as time and id do, and one of them can be the cursor.
    return f"{order.updated_at.isoformat(timespec='microseconds')} {order.id}"


def an_order(**changes: Any) -> Order:
    """
    Return an order of two lines, paid with one card: 2 x 20.00 and 1 x 15.00, 5.00 shipping, 60.00 USD in all.

    Args:
        changes: Fields of `Order` that differ.
    """
    at = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)
    address = Address(
        first_name="Customer",
        last_name="One",
        street_address_1="1 Example Street",
        city="Exampletown",
        country_area="NY",
        postal_code="10001",
        country="US",
    )
    usual: dict[str, Any] = {
        "id": "1001",
        "number": "#1001",
        "created_at": at,
        "updated_at": at,
        "currency": "USD",
        "total": _usd("60.00"),
        "subtotal": _usd("55.00"),
        "shipping": _usd("5.00"),
        "lines": (
            Line(id="1", name="Blue mug", quantity=2, unit_price=_usd("20.00"), sku="MUG-BLUE"),
            Line(id="2", name="Notebook", quantity=1, unit_price=_usd("15.00"), sku="BOOK-3"),
        ),
        "payments": (Payment(id="pay-1", captured=_usd("60.00"), refunded=_usd("0.00"), method="card"),),
        "customer": Customer(email="customer@example.com"),
        "shipping_address": address,
        "billing_address": address,
    }
    return Order(**(usual | changes))


def _usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")
