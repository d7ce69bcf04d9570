"""
What a request must be, and what it is told when it is not.

The body of a refusal, ``{"status": "error", "message": …, "field": …}``, is an assumption: the API's pages show none
(G-9). A message never repeats a value, because most values are somebody's.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from op_core.errors import NotSendable, OpCoreError
from op_core.order_protection.schema import (
    CreateFulfillment,
    CreateOrder,
    FulfilledItem,
    OrderItem,
    UpdateFulfillment,
    UpdateOrder,
    WireAddress,
)

__all__ = ["Document", "OwnBody", "Refusal", "check_own", "check_wire", "now"]

Document: TypeAlias = dict[str, Any]
_Wire: TypeAlias = type[
    CreateOrder | UpdateOrder | CreateFulfillment | UpdateFulfillment | OrderItem | FulfilledItem | WireAddress
]
_Own = TypeVar("_Own", bound="OwnBody")

# Parts are checked before the whole, each by itself: a refusal of the schema names its class, not its place.
_PARTS: dict[_Wire, dict[str, _Wire]] = {
    CreateOrder: {"orderItems": OrderItem, "address": WireAddress, "fulfillments": CreateFulfillment},
    CreateFulfillment: {"sourceItemIds": FulfilledItem},
}


class OwnBody(BaseModel):
    """A body of the sandbox's own routes: unknown fields are refused, values are never shown."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Refusal(OpCoreError):
    """
    A request that is answered with an error.

    Attributes:
        status: The HTTP status.
        field: The place in the body, such as ``orderItems[0].quantity``; None where no field is at fault.
    """

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        """Say no."""
        self.status = status
        self.message = message
        self.field = field
        super().__init__(message)


def now() -> str:
    """Return the time as the API writes it: UTC, milliseconds, ``Z``."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def check_wire(model: _Wire, body: Any, place: str = "") -> None:
    """
    Refuse *body* with 400 where the documented schema does not take it, naming the first field at fault.

    Args:
        model: The schema; wire names only.
        body: The value as it was read.
        place: Where it stands in the request; empty for the whole.
    """
    for name, part in _PARTS.get(model, {}).items():
        value = body.get(name) if isinstance(body, dict) else None
        inside = f"{place}.{name}" if place else name
        if isinstance(value, list):
            for index, item in enumerate(value):
                check_wire(part, item, f"{inside}[{index}]")
        elif value is not None and name == "address":
            check_wire(part, value, inside)
    try:
        model.model_validate(body, by_alias=True, by_name=False)
    except NotSendable as error:
        first = str(error).partition(": ")[0].removeprefix(model.__name__).removeprefix(".")
        raise Refusal(400, str(error), ".".join(filter(None, (place, first))) or None) from None


def check_own(model: type[_Own], body: Document) -> _Own:
    """Return *body* as *model*, or refuse it with 400 and the first field at fault."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).removeprefix(".")
        raise Refusal(400, f"{field or 'body'}: {first['msg']}", field or None) from None
