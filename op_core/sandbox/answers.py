"""
What a request must be, and what it is told when it is not.

The body of a refusal, ``{"status": "error", "message": …, "field": …}``, is an assumption: the API's pages show none
(G-9). A message never repeats a value, because most values are somebody's.
"""

from __future__ import annotations

import functools
import typing
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from op_core.errors import NotSendable, OpCoreError
from op_core.order_protection.dialects.sending import canonical
from op_core.order_protection.dialects.switches import Dialect
from op_core.order_protection.schema import Sent

__all__ = ["Document", "OwnBody", "Refusal", "check_own", "check_wire", "now"]

Document: TypeAlias = dict[str, Any]
_Own = TypeVar("_Own", bound=BaseModel)


class OwnBody(BaseModel):
    """A body of the sandbox's own routes: unknown fields are refused, values are never shown."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Refusal(OpCoreError):
    """
    A request that is answered with an error.

    Attributes:
        status: The HTTP status.
        field: The place in the body, such as ``orderItems[0].quantity``; None where no field is at fault.
        headers: Further headers of the answer.
    """

    def __init__(
        self, status: int, message: str, field: str | None = None, headers: dict[str, str] | None = None
    ) -> None:
        """Say no."""
        self.status = status
        self.message = message
        self.field = field
        self.headers = headers
        super().__init__(message)


def now() -> str:
    """Return the time as the API writes it: UTC, milliseconds, ``Z``."""
    return datetime.now(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def check_wire(model: type[Sent], body: Document, dialect: Dialect) -> Document:
    """
    Return *body* in the form of our models, or refuse it with 400 and the first field at fault.

    Args:
        model: The schema of the page; wire names only.
        body: The object as it was read.
        dialect: How this API is spoken to; the other spelling is refused.
    """
    try:
        said = canonical(model.page, body, dialect)
    except NotSendable as error:
        raise Refusal(400, str(error), str(error).partition(": ")[0]) from None
    _check(model, said, "")
    return said


def _check(model: type[Sent], body: Any, place: str) -> None:
    # Parts are checked before the whole, each by itself: a refusal of the schema names its class, not its place.
    for name, part, many in _parts(model):
        value = body.get(name) if isinstance(body, dict) else None
        inside = f"{place}.{name}" if place else name
        if many and isinstance(value, list):
            for index, item in enumerate(value):
                _check(part, item, f"{inside}[{index}]")
        elif not many and value is not None:
            _check(part, value, inside)
    try:
        model.model_validate(body, by_alias=True, by_name=False)
    except NotSendable as error:
        first = str(error).partition(": ")[0].removeprefix(model.__name__).removeprefix(".")
        raise Refusal(400, str(error), ".".join(filter(None, (place, first))) or None) from None


@functools.cache
def _parts(model: type[Sent]) -> tuple[tuple[str, type[Sent], bool], ...]:
    """Return the fields that hold bodies of their own: the name on the wire, the body, and whether there are many."""
    found = []
    for name, field in model.model_fields.items():
        kinds = list(_kinds(field.annotation))
        part = next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Sent)), None)
        if part is not None:
            found.append((field.alias or name, part, tuple in kinds))
    return tuple(found)


def _kinds(annotation: Any) -> typing.Iterator[Any]:
    yield typing.get_origin(annotation) or annotation
    for inner in typing.get_args(annotation):
        yield from _kinds(inner)


def check_own(model: type[_Own], body: _Own | Document) -> _Own:
    """Return *body* as *model*, or refuse it with 400 and the first field at fault."""
    try:
        return model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in first["loc"]).removeprefix(".")
        raise Refusal(400, f"{field or 'body'}: {first['msg']}", field or None) from None
