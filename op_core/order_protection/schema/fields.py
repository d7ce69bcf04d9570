"""
What the bodies that we send are made of: fields that refuse what no page takes, and say so without showing a value.

Python names are snake_case, wire names camelCase: ``source_order_id`` is ``sourceOrderId``. Amounts are Decimals in
major units, times are UTC.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import datetime
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
    WithJsonSchema,
    WrapSerializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic_core import InitErrorDetails, PydanticCustomError

from op_core.errors import NotSendable
from op_core.order_protection.currencies import CURRENCIES, nearest_currencies
from op_core.order_protection.jsonmoney import number_from
from op_core.order_protection.times import time_from, wire_time

__all__ = ["Amount", "Currency", "Id", "Many", "Period", "SampledAmount", "Sent", "Text", "Time", "Url", "WireModel"]


def _sent_number(value: object) -> Decimal:
    if isinstance(value, str):
        raise ValueError("expected a number, not text")  # noqa: TRY004 - pydantic asks for ValueError
    return number_from(value)


def _known_currency(value: str) -> str:
    if value not in CURRENCIES:
        near = nearest_currencies(value)
        raise ValueError(f"expected one of the {len(CURRENCIES)} codes of the page{near}")
    return value


def _storable(value: str) -> str:
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        raise ValueError("expected text without U+0000 and lone surrogates")
    return value


def _url(value: str) -> str:
    if value and not value.startswith(("https://", "http://")):
        raise ValueError("expected an address such as https://example.com/image.png")
    return value


def _period(value: str) -> str:
    if not _PERIOD.fullmatch(value):
        raise ValueError("expected an ISO 8601 duration of years, months, weeks or days, such as P1Y")
    return value


_PERIOD = re.compile(r"P(?=\d)(\d{1,4}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?", re.ASCII)
_T = TypeVar("_T")
Text = Annotated[str, Field(strict=True), AfterValidator(_storable)]
Id = Annotated[str, Field(strict=True, min_length=1), AfterValidator(_storable)]
Many = Annotated[tuple[_T, ...], WrapSerializer(lambda value, handler: list(handler(value)))]
Amount = Annotated[Decimal, BeforeValidator(_sent_number)]
SampledAmount = Annotated[Decimal, BeforeValidator(number_from)]  # ORD-U types a number and samples text (C-10)
Time = Annotated[datetime, BeforeValidator(time_from), PlainSerializer(wire_time)]
# The schemas of these say as text what their validators check.
Currency = Annotated[
    Text, AfterValidator(_known_currency), WithJsonSchema({"type": "string", "enum": sorted(CURRENCIES)})
]
Url = Annotated[Text, AfterValidator(_url), WithJsonSchema({"type": "string", "pattern": "^(https?://.*)?$"})]
Period = Annotated[Text, AfterValidator(_period), WithJsonSchema({"type": "string", "pattern": f"^{_PERIOD.pattern}$"})]

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
    "bool_type": "expected true or false",
    "int_type": "expected a whole number",
    "model_type": "expected an object",
    "string_too_short": "expected text that is not empty",
    "string_type": "expected text",
    "tuple_type": "expected a list",
}
_TOLD = "op_told"
_inside: ContextVar[bool] = ContextVar("inside another body", default=False)
_SHOWN = ("id", "source_order_id", "source_fulfillment_id", "source_item_id", "product_id", "status", "claim_state")


def _told(loc: tuple[str | int, ...], reason: str) -> InitErrorDetails:
    return InitErrorDetails(type=PydanticCustomError(_TOLD, "{reason}", {"reason": reason}), loc=loc, input=None)


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


class Sent(WireModel):
    """
    A body that refuses itself.

    Attributes:
        page: The page that it follows.
    """

    model_config = ConfigDict(extra="forbid")
    page: ClassVar[str]

    @model_validator(mode="wrap")
    @classmethod
    def _refuse(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        is_part = _inside.get()
        outside = _inside.set(True)
        try:
            return handler(data)
        except ValidationError as error:
            told = [(one["loc"], cls._reason(one)) for one in error.errors(include_url=False)]
        finally:
            _inside.reset(outside)
        if is_part:  # whoever holds this part knows its whole place
            raise ValidationError.from_exception_data(cls.__name__, [_told(loc, reason) for loc, reason in told])
        reasons = "; ".join(f"{'.'.join([cls.__name__, *map(str, loc)])}: {reason}" for loc, reason in told)
        raise NotSendable(f"{reasons} (page {cls.page})")

    @classmethod
    def _reason(cls, error: Any) -> str:
        names = [field.alias or name for name, field in cls.model_fields.items()]
        if error["type"] == _TOLD:
            return str(error["msg"])
        if error["type"] == "missing":
            return "required, and missing"
        if error["type"] == "extra_forbidden":
            near = difflib.get_close_matches(str(error["loc"][-1]), names, n=1)
            return "not a field of this page" + (f", the nearest is {near[0]}" if near else "")
        rule = _RULES.get(error["type"], error["msg"].removeprefix("Value error, "))
        return f"found {_KINDS.get(type(error['input']), type(error['input']).__name__)}; {rule}"

    def to_wire(self) -> dict[str, Any]:
        """Return the body as it goes out: wire names, Decimals, times as text; what is None is left out."""
        return self.model_dump(by_alias=True, exclude_none=True)
