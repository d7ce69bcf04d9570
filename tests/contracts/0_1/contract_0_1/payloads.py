"""The shop's JSON as its API page describes it, checked where it comes in. What is not needed here is left out."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

import pydantic

from op_core.errors import ContractBroken
from op_core.money import decimal_from

__all__ = [
    "AddressPayload",
    "CustomerPayload",
    "EffectPayload",
    "LinePayload",
    "OrderPayload",
    "ParcelPayload",
    "PaymentPayload",
    "ProductPayload",
    "StockPayload",
    "fault",
    "read",
]


def _amount(value: object) -> Decimal:
    # The shop writes amounts as text, in dollars and not in cents. A float has lost digits before anybody sees it.
    if not isinstance(value, str):
        raise ValueError('expected an amount as text, such as "12.50"')  # noqa: TRY004 - pydantic asks for ValueError
    return decimal_from(value)


Amount = Annotated[Decimal, pydantic.BeforeValidator(_amount)]
Text = Annotated[str, pydantic.Field(min_length=1)]
# A time without its zone means another moment on every machine that reads it: it is refused, never guessed.
Time = pydantic.AwareDatetime
Whole = Annotated[int, pydantic.Field(ge=0, strict=True)]


class _Payload(pydantic.BaseModel):
    # Further keys are let be, for a shop adds some. No text of an error shows a value: it may name a customer.
    model_config = pydantic.ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class AddressPayload(_Payload):
    """An address. *country* is the two letters of ISO 3166-1."""

    first_name: str = pydantic.Field(default="", repr=False)
    last_name: str = pydantic.Field(default="", repr=False)
    company: str = pydantic.Field(default="", repr=False)
    street: str = pydantic.Field(default="", repr=False)
    street_2: str = pydantic.Field(default="", repr=False)
    city: str = pydantic.Field(default="", repr=False)
    area: str = ""
    zip: str = pydantic.Field(default="", repr=False)
    country: Annotated[str, pydantic.Field(pattern="^([A-Z]{2})?$")] = ""
    phone: str = pydantic.Field(default="", repr=False)


class CustomerPayload(_Payload):
    """Who ordered."""

    email: str = pydantic.Field(default="", repr=False)
    name: str = pydantic.Field(default="", repr=False)
    phone: str = pydantic.Field(default="", repr=False)


class LinePayload(_Payload):
    """A line. *price* is of one unit, *discount* and *tax* are of all of them."""

    id: Text
    title: str
    quantity: Whole
    price: Amount
    sku: str = ""
    product: str = ""
    variant: str = ""
    discount: Amount | None = None
    tax: Amount | None = None
    refunded: Whole = 0
    url: str = ""
    image: str = ""
    text: str = ""
    is_protection: bool = False


class PaymentPayload(_Payload):
    """Money that came in, and what of it went back."""

    id: Text
    method: str = ""
    captured: Amount
    refunded: Amount


class OrderPayload(_Payload):
    """An order."""

    id: Text
    number: Text
    placed_at: Time
    changed_at: Time
    status: str = ""
    cancelled_at: Time | None = None
    currency: Text
    total: Amount
    subtotal: Amount
    shipping: Amount | None = None
    shipping_tax: Amount | None = None
    tax: Amount | None = None
    discount: Amount | None = None
    premium: Amount | None = None
    lines: tuple[LinePayload, ...]
    payments: tuple[PaymentPayload, ...] = ()
    customer: CustomerPayload = CustomerPayload()
    ship_to: AddressPayload | None = None
    bill_to: AddressPayload | None = None
    risk: str = ""
    tags: tuple[str, ...] = ()
    replaces: str | None = None
    references: tuple[str, ...] = ()


class UnitsPayload(_Payload):
    """So many units of a line."""

    line: Text
    quantity: Whole


class TrackingPayload(_Payload):
    """One number of a parcel, with the carrier's page for it."""

    number: Text
    url: str = ""


class ParcelPayload(_Payload):
    """A parcel."""

    id: Text
    order: Text
    status: str
    lines: tuple[UnitsPayload, ...]
    packed_at: Time
    changed_at: Time | None = None
    carrier: str = ""
    tracking: tuple[TrackingPayload, ...] = ()


class ProductPayload(_Payload):
    """What is for sale. *stock* is None where nobody counts."""

    product: Text
    variant: str = ""
    title: str
    price: Amount
    currency: Text
    tax: Amount | None = None
    sku: str = ""
    text: str = ""
    image: str = ""
    status: str
    stock: Annotated[int, pydantic.Field(strict=True)] | None = None
    in_stock: bool | None = None
    parts: tuple[str, ...] = ()


class StockPayload(_Payload):
    """How much of a SKU there is; None where nobody counts."""

    sku: Text
    available: Annotated[int, pydantic.Field(strict=True)] | None


class EffectPayload(_Payload):
    """
    What a POST made, and what a search by reference finds: a refund, a replacement, a credit, a premium or a note.

    *state* is ``paid`` (the gateway has said yes), ``queued`` (it is asked tonight), ``noted`` (cash: the staff hands
    it over) or ``failed`` (the gateway said no after all); of what moves no money it is ``made``.
    """

    id: Text
    reference: Text
    order: Text
    state: Literal["paid", "queued", "noted", "failed", "made"]
    amount: Amount | None = None
    currency: str | None = None


P = TypeVar("P", bound=_Payload)


def read(kind: type[P], found: Any) -> P:
    """
    Check a part of an answer.

    Raises:
        ContractBroken: It is not as the API page says. Of a change this leaves open whether it was made.
    """
    try:
        return kind.model_validate(found)
    except pydantic.ValidationError as error:
        raise ContractBroken(f"the shop's answer: {fault(error)}") from None


def fault(error: pydantic.ValidationError) -> str:
    """Return where the first fault is and what was expected there, without any value."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return f"{'.'.join(map(str, first['loc'])) or 'all of it'}: {first['msg']}"
