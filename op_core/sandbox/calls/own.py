"""The calls under ``/sandbox``: the sandbox's own, which Order Protection does not have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field

from op_core.sandbox.answers import Document, OwnBody, Refusal
from op_core.sandbox.behaviour import Behaviour
from op_core.sandbox.claim_bodies import Approve, Credit, CustomerClaim, Deny, Message, NewState, Protection
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.replies import Done, Flushed, Ok, Targets, Told
from op_core.sandbox.served import Asked, Served
from op_core.sandbox.web import OK, Answer

__all__ = ["Flush", "Forget", "Target", "own_calls"]

_LISTS = {
    "orders": "order",
    "fulfillments": "fulfillment",
    "claims": "claim",
    "products": "product",
    "deliveries": "delivery",
}


class Target(OwnBody):
    """Where webhooks shall go."""

    url: str = Field(pattern=r"^https?://[^/]+")
    secret: str = Field(min_length=1, pattern=r"^[\x21-\x7e]+$")


class Forget(OwnBody):
    """Where webhooks shall go no longer."""

    url: str


class Flush(OwnBody):
    """How held webhooks shall be sent, and how many seconds to wait until nothing is due."""

    seed: int | None = None
    wait: Annotated[Decimal, Field(ge=0, le=300)] = Decimal(5)


def own_calls(local: LocalOrderProtection) -> list[Served]:
    """Return the calls that stand for a customer, for Order Protection's staff, and for a tester."""
    return [*_claims(local), *_webhooks(local), *_looks(local)]


def _claims(local: LocalOrderProtection) -> list[Served]:
    def decision(verb: str, act: Callable[[str, Any], Document], body: type[OwnBody], does: str) -> Served:
        async def decide(asked: Asked) -> Answer:
            return Answer(act(asked.id("claimId"), asked.body), 201)

        path = f"/sandbox/claims/{{claimId}}/{verb}"
        return Served(method="POST", path=path, kind="own", does=does, act=decide, body=body, answers={201: Done})

    def note(
        method: Literal["POST", "PUT"], what: str, act: Callable[[str, Any], None], body: type[OwnBody], does: str
    ) -> Served:
        async def change(asked: Asked) -> Answer:
            act(asked.id("claimId"), asked.body)
            return Answer(OK)

        path = f"/sandbox/claims/{{claimId}}/{what}"
        return Served(method=method, path=path, kind="own", does=does, act=change, body=body, answers={200: Ok})

    async def file_claim(asked: Asked) -> Answer:
        return Answer(local.claims.file(asked.body), 201)

    async def protect(asked: Asked) -> Answer:
        return Answer(local.claims.protect(asked.body), 201)

    return [
        Served(
            method="POST",
            path="/sandbox/claims",
            kind="own",
            does="A customer files a claim.",
            act=file_claim,
            body=CustomerClaim,
            answers={201: Done},
            refuses=[404],
            makes={"claimId": "$response.body#/claim_id"},
        ),
        decision("approve", local.claims.approve, Approve, "Approve a claim, or decide otherwise than before."),
        decision("deny", local.claims.deny, Deny, "Deny a claim."),
        decision("message", local.claims.message, Message, "Write a message about a claim."),
        note("POST", "credit", local.claims.credit, Credit, "Give store credit, as Order Protection does by itself."),
        note("PUT", "state", local.claims.set_state, NewState, "Put a claim in any state; no webhook tells of it."),
        Served(
            method="POST",
            path="/sandbox/protection",
            kind="own",
            does="Add or remove protection in the dashboard.",
            act=protect,
            body=Protection,
            answers={201: Told},
            refuses=[404],
        ),
    ]


def _webhooks(local: LocalOrderProtection) -> list[Served]:
    async def resend(asked: Asked) -> Answer:
        local.sender.resend(asked.id("deliveryId"))
        return Answer(OK, 202)

    async def flush(asked: Asked) -> Answer:
        flushed = local.sender.flush(asked.body.seed)
        settled = await asyncio.to_thread(local.sender.settle, float(asked.body.wait))
        return Answer({"flushed": flushed, "settled": settled})

    async def targets(_: Asked) -> Answer:
        return Answer({"webhooks": [{"url": target["url"]} for target in local.store.all("webhook")]})

    async def set_target(asked: Asked) -> Answer:
        local.store.put("webhook", asked.body.url, asked.body.model_dump())
        return Answer(OK)

    async def forget_target(asked: Asked) -> Answer:
        if not local.store.remove("webhook", asked.body.url):
            raise Refusal(404, "no webhook of this url", "url")
        return Answer(OK)

    path = "/sandbox/webhooks"
    return [
        Served(
            method="GET", path=path, kind="own", does="List where webhooks go.", act=targets, answers={200: Targets}
        ),
        Served(
            method="PUT",
            path=path,
            kind="own",
            does="Send webhooks there.",
            act=set_target,
            body=Target,
            answers={200: Ok},
        ),
        Served(
            method="DELETE",
            path=path,
            kind="own",
            does="Send webhooks there no longer.",
            act=forget_target,
            body=Forget,
            answers={200: Ok},
            refuses=[404],
        ),
        Served(
            method="POST",
            path="/sandbox/flush",
            kind="own",
            does="Send what is held, and wait until nothing is due.",
            act=flush,
            body=Flush,
            answers={200: Flushed},
        ),
        Served(
            method="POST",
            path="/sandbox/deliveries/{deliveryId}/resend",
            kind="own",
            does="Send a delivery once more, the same bytes.",
            act=resend,
            answers={202: Ok},
        ),
    ]


def _looks(local: LocalOrderProtection) -> list[Served]:
    async def behaviour(_: Asked) -> Answer:
        return Answer(local.switchboard.shown())

    async def behave(asked: Asked) -> Answer:
        local.switchboard.change(asked.said)
        return Answer(local.switchboard.shown())

    async def reports(_: Asked) -> Answer:
        """List what shops reported, and the orders that replace another one."""
        replacements = [order for order in local.store.all("order") if order["originalSourceOrderId"]]
        return Answer({"reports": local.store.all("report"), "replacements": replacements})

    def listed(what: str, kind: str) -> Served:
        async def everything(_: Asked) -> Answer:
            return Answer({what: local.store.all(kind)})

        return Served(
            method="GET",
            path=f"/sandbox/{what}",
            kind="own",
            does=f"Show all {what}.",
            act=everything,
            answers={200: dict[str, list[Document]]},
        )

    return [
        Served(
            method="GET",
            path="/sandbox/behaviour",
            kind="own",
            does="Show how the sandbox behaves.",
            act=behaviour,
            answers={200: Behaviour},
        ),
        Served(
            method="PUT",
            path="/sandbox/behaviour",
            kind="own",
            does="Change how it behaves: the switches that the body names, the others stay.",
            act=behave,
            body=Behaviour,
            answers={200: Behaviour},
        ),
        Served(
            method="GET",
            path="/sandbox/reports",
            kind="own",
            does="Show what shops reported, and the orders that replace another.",
            act=reports,
            answers={200: dict[str, list[Document]]},
        ),
        *(listed(what, kind) for what, kind in _LISTS.items()),
    ]
