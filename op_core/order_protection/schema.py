"""
What we send to the API: each body refuses itself where its page would refuse it.

Python names are snake_case, wire names camelCase: ``source_order_id`` is ``sourceOrderId``. Amounts are Decimals in
major units, times are UTC. Pages: ORD-C (create order), ORD-U (update order), FUL-C and FUL-U (fulfillments).
`NotSendable` names field and rule and shows no value: most of them are somebody's.

The bodies of products, quotes, OAuth and of filing a claim belong here and are not built yet.
"""

from __future__ import annotations

import difflib
import enum
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PlainSerializer,
    ValidationError,
    WrapSerializer,
    model_validator,
)
from pydantic.alias_generators import to_camel

from op_core.errors import NotSendable
from op_core.models import FulfillmentStatus
from op_core.order_protection.currencies import CURRENCIES
from op_core.order_protection.jsonmoney import number_from

__all__ = [
    "CreateFulfillment",
    "CreateOrder",
    "FulfilledItem",
    "OrderItem",
    "PlatformId",
    "UpdateFulfillment",
    "UpdateOrder",
    "WireAddress",
    "WireModel",
    "time_from",
]


class PlatformId(enum.StrEnum):
    """The platforms that the API knows (page ORD-C); ``api`` is every other one."""

    SHOPIFY = "shopify"
    WOOCOMMERCE = "woocommerce"
    MAGENTO = "magento"
    BIGCOMMERCE = "bigcommerce"
    API = "api"


def time_from(value: object) -> datetime:
    """
    Return the UTC time that *value* is: an aware datetime, or ISO 8601 text with its zone.

    Raises:
        ValueError: For anything else, a naive time included. The value is not shown.
    """
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError("expected a time such as 2025-01-31T09:00:00.000Z") from None
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise ValueError("expected a time with its zone, such as 2025-01-31T09:00:00.000Z")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("expected a time within the years 1 to 9999") from None


def _wire_time(value: datetime) -> str:
    return value.replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def _sent_number(value: object) -> Decimal:
    if isinstance(value, str):
        raise ValueError("expected a number, not text")  # noqa: TRY004 - pydantic asks for ValueError
    return number_from(value)


def _known_currency(value: str) -> str:
    if value not in CURRENCIES:
        raise ValueError("expected one of the 302 codes of the page, such as USD")
    return value


def _storable(value: str) -> str:
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("expected text without U+0000 and lone surrogates")
    return value


_T = TypeVar("_T")
_Text = Annotated[str, Field(strict=True), AfterValidator(_storable)]
_Id = Annotated[str, Field(strict=True, min_length=1), AfterValidator(_storable)]
_Many = Annotated[tuple[_T, ...], WrapSerializer(lambda value, handler: list(handler(value)))]
_Amount = Annotated[Decimal, BeforeValidator(_sent_number)]
_SampledAmount = Annotated[Decimal, BeforeValidator(number_from)]  # ORD-U types a number and samples text (C-10)
_Time = Annotated[datetime, BeforeValidator(time_from), PlainSerializer(_wire_time)]
_Currency = Annotated[_Text, AfterValidator(_known_currency)]

_KINDS = {
    str: "text",
    float: "a float",
    int: "a whole number",
    Decimal: "a number",
    bool: "true or false",
    type(None): "nothing",
    dict: "an object",
    list: "a list",
}
_RULES = {
    "int_type": "expected a whole number",
    "model_type": "expected an object",
    "string_too_short": "expected text that is not empty",
    "string_type": "expected text",
    "tuple_type": "expected a list",
}
_SHOWN = ("id", "source_order_id", "source_fulfillment_id", "source_item_id", "status", "claim_state")


class WireModel(BaseModel):
    """A value of the wire: both spellings of a name are read; ``repr`` shows ids and states only."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        frozen=True,
        hide_input_in_errors=True,
    )

    def __repr_args__(self) -> Iterable[tuple[str | None, Any]]:
        """Leave out all that may be personal."""
        return [(name, value) for name, value in self if name in _SHOWN]


class _Sent(WireModel):
    """A body that refuses itself."""

    model_config = ConfigDict(extra="forbid")
    page: ClassVar[str]

    @model_validator(mode="wrap")
    @classmethod
    def _refuse(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            reasons = "; ".join(map(cls._reason, error.errors(include_url=False)))
        raise NotSendable(f"{reasons} (page {cls.page})")

    @classmethod
    def _reason(cls, error: Any) -> str:
        names = [field.alias or name for name, field in cls.model_fields.items()]
        place = ".".join([cls.__name__, *map(str, error["loc"])])
        if error["type"] == "missing":
            return f"{place}: required, and missing"
        if error["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(error["loc"][-1]), names, n=1)
            return f"{place}: not a field of this page" + (f", the nearest is {near[0]}" if near else "")
        rule = _RULES.get(error["type"], error["msg"].removeprefix("Value error, "))
        return f"{place}: found {_KINDS.get(type(error['input']), type(error['input']).__name__)}; {rule}"

    def to_wire(self) -> dict[str, Any]:
        """Return the body as it goes out: wire names, Decimals, times as text; what is None is left out."""
        return self.model_dump(by_alias=True, exclude_none=True)


class FulfilledItem(_Sent):
    """So many units of one item in a parcel (page FUL-C)."""

    page = "FUL-C"
    source_item_id: _Id
    quantity: int = Field(strict=True, ge=1)


class CreateFulfillment(_Sent):
    """``POST /v1/orders/{sourceOrderId}/fulfillments`` (page FUL-C); times stand in its fuller copy only."""

    page = "FUL-C"
    source_fulfillment_id: _Id
    source_item_ids: _Many[FulfilledItem]
    fulfillment_status: FulfillmentStatus
    tracking_company: _Text | None = None
    tracking_number: _Many[_Text] | None = None
    tracking_url: _Many[_Text] | None = None
    created_at: _Time | None = None
    updated_at: _Time | None = None


class UpdateFulfillment(_Sent):
    """``PUT /v1/orders/{sourceOrderId}/fulfillments/{sourceFulfillmentId}`` (page FUL-U): the status, no more."""

    page = "FUL-U"
    status: FulfillmentStatus


class OrderItem(_Sent):
    """
    One item of an order (page ORD-C, known from its sample only).

    Attributes:
        price: Of one unit.
        description: The variant in words.
    """

    page = "ORD-C"
    source_item_id: _Id
    product_name: _Text
    quantity: int = Field(strict=True, ge=0)
    price: _Amount
    sku: _Text | None = None
    source_product_id: _Text | None = None
    source_variant_id: _Text | None = None
    product_url: _Text | None = None
    product_image: _Text | None = None
    description: _Text | None = None


class WireAddress(_Sent):
    """A shipping address (page ORD-C, known from its sample only; state and country have two letters there)."""

    page = "ORD-C"
    first_name: _Text | None = None
    last_name: _Text | None = None
    address1: _Text | None = None
    address2: _Text | None = None
    city: _Text | None = None
    state: _Text | None = None
    zip: _Text | None = None
    country: _Text | None = None


class CreateOrder(_Sent):
    """
    ``POST /v1/orders`` (page ORD-C).

    Attributes:
        source_order_id: The shop's immutable id; every later path is built from it.
        original_source_order_number: For a replacement: the *id* of the order that it replaces (C-9).
        premium_paid: The premium after discounts.
        customer_email: The page asks for neither e-mail nor phone; the guide says that one of them names the customer.
        tags: Joined by commas.
    """

    page = "ORD-C"
    source_order_id: _Id
    source_created_at: _Time
    platform_id: PlatformId
    currency: _Currency
    total: _Amount
    subtotal: _Amount
    order_items: _Many[OrderItem]
    address: WireAddress
    original_source_order_number: _Text | None = None
    source_order_number: _Text | None = None
    source_updated_at: _Time | None = None
    source_cancelled_at: _Time | None = None
    premium_paid: _Amount | None = None
    premium_cost: _Amount | None = None
    premium_discount: _Amount | None = None
    risk_level: _Text | None = None
    discount_total: _Amount | None = None
    shipping_cost: _Amount | None = None
    shipping_cost_tax: _Amount | None = None
    tax: _Amount | None = None
    customer_email: _Text | None = None
    customer_name: _Text | None = None
    customer_phone: _Text | None = None
    tags: _Text | None = None
    fulfillments: _Many[CreateFulfillment] | None = None


class UpdateOrder(_Sent):
    """``PUT /v1/orders/{sourceOrderId}`` (page ORD-U): only what its sample shows; no items, no address (G-15)."""

    page = "ORD-U"
    original_source_order_id: _Text | None = None
    source_order_number: _Text | None = None
    source_created_at: _Time | None = None
    source_updated_at: _Time | None = None
    source_cancelled_at: _Time | None = None
    platform_id: PlatformId | None = None
    currency: _Currency | None = None
    premium_paid: _SampledAmount | None = None
    total: _SampledAmount | None = None
    subtotal: _SampledAmount | None = None
    discount_total: _SampledAmount | None = None
    shipping_cost: _SampledAmount | None = None
    shipping_cost_tax: _SampledAmount | None = None
    tax: _SampledAmount | None = None
    customer_email: _Text | None = None
    customer_name: _Text | None = None
    customer_phone: _Text | None = None
