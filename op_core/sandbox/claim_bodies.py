"""What the sandbox's own calls about claims take."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field

from op_core.order_protection.jsonmoney import number_from
from op_core.order_protection.schema import ClaimState, IssueType, RequestedResolution
from op_core.sandbox.answers import OwnBody
from op_core.sandbox.resolutions import ClaimedUnits

__all__ = ["Approve", "Credit", "CustomerClaim", "Deny", "Message", "NewState", "Protection", "Report"]

_Amount = Annotated[Decimal, BeforeValidator(number_from)]


class CustomerClaim(OwnBody):
    """A claim as a customer files it, about some or all items of an order."""

    source_order_id: str
    items: tuple[ClaimedUnits, ...] | None = None
    type: IssueType = IssueType.DAMAGED
    description: str = "filed in the sandbox"
    requested: RequestedResolution = RequestedResolution.REFUND


class Approve(OwnBody):
    """What is decided; a type is enough."""

    resolutions: tuple[dict[str, Any], ...] = ({"type": "REFUND"},)


class Deny(OwnBody):
    """Why not."""

    reason: Literal[
        "ADDRESS_TYPO",
        "CUSTOMER_RESPONDED",
        "EXPIRED30",
        "FOLLOW_UP",
        "INSUFFICIENT_SHIPPER",
        "NOT_COVERED",
        "NO_RESPONSE",
        "OTHER",
        "PACKAGE_ARRIVED",
        "PHOTO_VERIFIED",
        "THRESHOLD_REACHED",
        "ALREADY_REFUNDED",
        "ALREADY_REPLACED",
        "POTENTIAL_FRAUD",
    ] = "NOT_COVERED"


class Message(OwnBody):
    """What is written about a claim."""

    message: str = Field(min_length=1)
    sender: Literal["customer", "brand"] = "brand"


class NewState(OwnBody):
    """A state that a claim is put in by hand; no webhook tells of it."""

    state: ClaimState


class Credit(OwnBody):
    """
    Store credit that Order Protection gives by itself.

    Attributes:
        bonus: What comes on top, in the same currency.
        currency: None: the order's.
    """

    value: _Amount
    bonus: _Amount = Decimal(0)
    code: Annotated[str, Field(min_length=1)] | None = None
    currency: str | None = None


class Protection(OwnBody):
    """A change of protection in the dashboard."""

    source_order_id: str
    action: Literal["add", "remove"]
    amount: _Amount | None = None
    currency: str | None = None


class Report(OwnBody):
    """
    What a shop did about a claim; all further fields are kept.

    Attributes:
        reference: Names the report for ever.
        resolution: What was done; or else *verb*.
    """

    model_config = ConfigDict(extra="allow")

    reference: str = Field(min_length=1)
    resolution: Annotated[str, Field(min_length=1)] | None = None
    verb: Annotated[str, Field(min_length=1)] | None = None
