"""What the sandbox answers, as far as its callers may count on it: the source of its OpenAPI description."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from op_core.sandbox.answers import Document

__all__ = [
    "Done",
    "Filed",
    "Flushed",
    "Listed",
    "ListedClaims",
    "Ok",
    "Refused",
    "ShownClaim",
    "ShownFulfillment",
    "ShownOrder",
    "Targets",
    "Told",
]


class _Reply(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Ok(_Reply):
    """What every write answers."""

    status: Literal["ok"]


class Refused(_Reply):
    """
    A refusal; its form is an assumption (G-9).

    Attributes:
        field: The place at fault in the request.
    """

    status: Literal["error"]
    message: str
    field: str | None


class ShownOrder(_Reply):
    """An order (page ORD-G): what was sent, and these."""

    id: str
    source_order_id: str
    order_items: list[Document]
    fulfillments: list[Document]
    policy_cancelled_at: str | None


class ShownFulfillment(_Reply):
    """A parcel (page FUL-G)."""

    id: str
    source_order_id: str
    source_fulfillment_id: str
    fulfillment_status: str
    source_item_ids: list[Document]


class ShownClaim(_Reply):
    """A claim (page CLM-O)."""

    id: str
    store_id: str
    source_order_id: str
    claim_state: str
    claim_type: str | None
    claim_items: list[Document]
    claim_messages: list[Document]
    claim_resolutions: list[Document]


class _PageInfo(_Reply):
    start_cursor: str | None
    end_cursor: str | None
    has_next_page: bool
    has_previous_page: bool


class _Button(_Reply):
    cursor: str
    page: int
    is_current: bool


class _Buttons(_Reply):
    around: list[_Button]


class _OrderEdge(_Reply):
    node: ShownOrder


class Listed(_Reply):
    """A page of orders (page ORD-L)."""

    edges: list[_OrderEdge]
    page_info: _PageInfo
    page_cursors: _Buttons
    total_count: int = Field(ge=0)


class _ClaimNode(_Reply):
    id: str
    source_order_id: str
    claim_state: str
    claim_type: None
    claim_resolutions: list[Document]
    claim_items: list[Document]
    claim_messages: list[Document]


class _ClaimEdge(_Reply):
    node: _ClaimNode


class ListedClaims(_Reply):
    """A page of claims (page CLM-L)."""

    edges: list[_ClaimEdge]
    page_info: _PageInfo


class _Payload(_Reply):
    source_order_id: str = Field(pattern=r"^[A-Z]{2}-[0-9]{4}-[0-9]{4}$")
    store_id: str


class Filed(Ok):
    """What an offline claim answers: the request, under an order id that was made up (page CLM-F)."""

    payload: _Payload


class Told(BaseModel):
    """What a change at Order Protection made: an event, and the deliveries that tell of it."""

    event_id: str
    deliveries: list[str]


class Done(Told):
    """The same about a claim."""

    claim_id: str


class Targets(BaseModel):
    """Where webhooks go."""

    webhooks: list[dict[Literal["url"], str]]


class Flushed(BaseModel):
    """
    What was sent.

    Attributes:
        flushed: How many were held.
        settled: Nothing is due any more.
    """

    flushed: int
    settled: bool
