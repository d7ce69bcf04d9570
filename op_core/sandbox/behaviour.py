"""The switches of the sandbox: how it speaks, and what it gets wrong on purpose."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

import attrs
from pydantic import Field

from op_core.order_protection.dialects.switches import DOCUMENTED, Dialect
from op_core.sandbox.answers import Document, OwnBody, check_own
from op_core.sandbox.order_view import Forms

__all__ = ["Behaviour", "Fault", "Switchboard"]


class Fault(OwnBody):
    """
    Something that goes wrong with the next requests to ``/v1`` or ``/v2``.

    Attributes:
        kind: ``status`` answers with an error, ``slow`` waits, ``drop`` closes the connection without an answer.
        times: How many requests it befalls.
        after_acting: The request takes effect first, and the failure follows.
        status: For ``status``: the HTTP status.
        retry_after: For ``status``: seconds, sent as ``Retry-After``.
        seconds: For ``slow``: how long it waits.
        method: Only requests of this method; None for all.
        path: Only requests whose path (percent-encoded, as it was sent) starts with this.
    """

    kind: Literal["status", "slow", "drop"]
    times: int = Field(default=1, ge=1)
    after_acting: bool = False
    status: int = Field(default=500, ge=400, le=599)
    retry_after: int | None = Field(default=None, ge=0)
    seconds: Decimal = Field(default=Decimal(1), ge=0, le=300)
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] | None = None
    path: Annotated[str, Field(pattern=r"^/v([12]|$)")] = "/v"


class Behaviour(OwnBody):
    """
    How the sandbox behaves.

    Attributes:
        wire: How bodies must be spelled: the settings ``[stores.x.wire]`` of a store that is connected to this API.
            The other spelling of each is refused.
        answers: How answers are spelled.
        dialect: Spelling of webhooks: ``reference`` (``claim.approved``), ``slash`` (``claim/approved``, C-2) or
            ``camel`` (no event id, C-3; the claim.approved body in camelCase, C-4).
        duplicates: How many times each delivery is sent.
        shuffle: A seed: deliveries are held, and ``POST /sandbox/flush`` sends them in an order drawn with it. None:
            they are sent at once.
        reading: What price, discount and tax of a resolution mean (G-23): of one ``unit``, or of the whole ``line``.
        item_ids: Whose ids webhooks name (G-5): the shop's (``source``) or Order Protection's (``own``).
        store_id: The ``storeId`` of this shop.
        echo: An update of an order that takes its premium away, or brings one, sends the webhook of a change in the
            dashboard as well (G-3).
        token_seconds: How long access tokens last that are given from now on.
        rotate_refresh: A refresh token is used up by its use, and another one is given (G-19); else it stays.
        enforce_scopes: An app's token without the scope of a call is answered 403.
        app_tokens: Whether the tokens of apps are taken ``everywhere``, or under ``/v2`` only (C-1).
        faults: What goes wrong; the first that fits a request befalls it.
    """

    wire: Dialect = DOCUMENTED
    answers: Forms = Forms()
    dialect: Literal["reference", "slash", "camel"] = "reference"
    duplicates: int = Field(default=1, ge=1, le=100)
    shuffle: int | None = None
    reading: Literal["unit", "line"] = "unit"
    item_ids: Literal["source", "own"] = "source"
    store_id: str = Field(default="store_sandbox", min_length=1)
    echo: bool = False
    token_seconds: int = Field(default=3600, ge=0, le=31_536_000)
    rotate_refresh: bool = True
    enforce_scopes: bool = False
    app_tokens: Literal["everywhere", "v2"] = "everywhere"
    faults: tuple[Fault, ...] = ()


_NESTED = ("wire", "answers")


@attrs.define
class Switchboard:
    """The behaviour of this moment. It lives in memory: a restart brings the defaults back."""

    now: Behaviour = attrs.field(factory=Behaviour)

    def change(self, body: Document) -> None:
        """Take over the switches that *body* names; the others stay. A list of faults replaces the one before."""
        before = self.now.model_dump(exclude={"faults"}) | {"faults": self.now.faults}
        inside = {name: before[name] | body[name] for name in _NESTED if isinstance(body.get(name), dict)}
        self.now = check_own(Behaviour, before | body | inside)

    def shown(self) -> Document:
        """Return the switches as `change` takes them."""
        return self.now.model_dump()

    def next_fault(self, method: str, path: str) -> Fault | None:
        """Return the fault that befalls this request, and count it; None where all is well."""
        faults = self.now.faults
        for index, fault in enumerate(faults):
            if path.startswith(fault.path) and fault.method in (None, method):
                left = () if fault.times == 1 else (fault.model_copy(update={"times": fault.times - 1}),)
                self.now = self.now.model_copy(update={"faults": (*faults[:index], *left, *faults[index + 1 :])})
                return fault
        return None
