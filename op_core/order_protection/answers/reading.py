"""
How an answer is read: tolerant, for the pages contradict each other and the API will grow.

Each value keeps everything that came in ``raw``; a known field that cannot be read is None, and nothing is refused.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import BeforeValidator, Field, model_validator

from op_core.order_protection.dialects import values
from op_core.order_protection.dialects.answers import named_alike
from op_core.order_protection.schema.fields import WireModel

__all__ = [
    "Read",
    "ReadAmount",
    "ReadFlag",
    "ReadMany",
    "ReadPart",
    "ReadText",
    "ReadTexts",
    "ReadTime",
    "ReadUpper",
    "ReadWhole",
]

_T = TypeVar("_T")
ReadText = Annotated[str | None, BeforeValidator(values.text_or_none)]
ReadUpper = Annotated[str | None, BeforeValidator(values.upper_or_none)]
ReadAmount = Annotated[Decimal | None, BeforeValidator(values.amount_or_none)]
ReadTime = Annotated[datetime | None, BeforeValidator(values.time_or_none)]
ReadWhole = Annotated[int | None, BeforeValidator(values.whole_or_none)]
ReadFlag = Annotated[bool | None, BeforeValidator(values.flag_or_none)]
ReadTexts = Annotated[tuple[str, ...], BeforeValidator(values.texts)]
ReadPart = Annotated[_T, BeforeValidator(values.object_or_empty)]
ReadMany = Annotated[tuple[_T, ...], BeforeValidator(values.objects)]


class Read(WireModel):
    """
    An answer, or a part of one.

    Attributes:
        raw: The object as it came, with what nobody knows yet.
        what: What it is to `op_core.order_protection.dialects.answers`, where a page has other names for its fields.
    """

    what: ClassVar[str] = ""
    raw: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _keep(cls, data: Any) -> Any:
        return {**named_alike(cls.what, data), "raw": data} if isinstance(data, dict) else data
