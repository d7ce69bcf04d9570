"""The routes under ``/sandbox``: the sandbox's own, which Order Protection does not have."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pydantic import Field
from starlette.requests import Request
from starlette.routing import Route

from op_core.sandbox.answers import Document, OwnBody, Refusal, check_own
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.web import Answer, Endpoint, body_of, named

__all__ = ["own_routes"]

_LISTS = {"orders": "order", "fulfillments": "fulfillment", "claims": "claim", "deliveries": "delivery"}


class _Target(OwnBody):
    url: str = Field(pattern=r"^https?://[^/]+")
    secret: str = Field(min_length=1, pattern=r"^[\x21-\x7e]+$")


class _Forget(OwnBody):
    url: str


class _Flush(OwnBody):
    seed: int | None = None
    wait: float = Field(default=5, ge=0, le=300)


def own_routes(local: LocalOrderProtection) -> list[Route]:
    """Return the routes that stand for a customer, for Order Protection's staff, and for a tester."""
    return [*_claims(local), *_webhooks(local), *_looks(local)]


def _claims(local: LocalOrderProtection) -> list[Route]:

    def decision(act: Callable[[str, Document], Document]) -> Endpoint:
        async def endpoint(request: Request) -> Answer:
            return Answer(act(named(request, "id"), await body_of(request)), 201)

        return endpoint

    async def file_claim(request: Request) -> Answer:
        return Answer(local.claims.file(await body_of(request)), 201)

    async def protect(request: Request) -> Answer:
        return Answer(local.claims.protect(await body_of(request)), 201)

    claim = "/sandbox/claims/{id}"
    return [
        Route("/sandbox/claims", file_claim, methods=["POST"]),
        Route(f"{claim}/approve", decision(local.claims.approve), methods=["POST"]),
        Route(f"{claim}/deny", decision(local.claims.deny), methods=["POST"]),
        Route(f"{claim}/message", decision(local.claims.message), methods=["POST"]),
        Route("/sandbox/protection", protect, methods=["POST"]),
    ]


def _webhooks(local: LocalOrderProtection) -> list[Route]:
    async def resend(request: Request) -> Answer:
        local.sender.resend(named(request, "id"))
        return Answer({"status": "ok"}, 202)

    async def flush(request: Request) -> Answer:
        """Send what is held, and wait until nothing is due, at most ``wait`` seconds."""
        asked = check_own(_Flush, await body_of(request))
        flushed = local.sender.flush(asked.seed)
        return Answer({"flushed": flushed, "settled": await asyncio.to_thread(local.sender.settle, asked.wait)})

    async def targets(_: Request) -> Answer:
        return Answer({"webhooks": [{"url": target["url"]} for target in local.store.all("webhook")]})

    async def set_target(request: Request) -> Answer:
        target = check_own(_Target, await body_of(request))
        local.store.put("webhook", target.url, target.model_dump())
        return Answer({"status": "ok"})

    async def forget_target(request: Request) -> Answer:
        if not local.store.remove("webhook", check_own(_Forget, await body_of(request)).url):
            raise Refusal(404, "no webhook of this url", "url")
        return Answer({"status": "ok"})

    return [
        Route("/sandbox/webhooks", targets, methods=["GET"]),
        Route("/sandbox/webhooks", set_target, methods=["PUT"]),
        Route("/sandbox/webhooks", forget_target, methods=["DELETE"]),
        Route("/sandbox/flush", flush, methods=["POST"]),
        Route("/sandbox/deliveries/{id}/resend", resend, methods=["POST"]),
    ]


def _looks(local: LocalOrderProtection) -> list[Route]:
    async def behaviour(request: Request) -> Answer:
        if request.method == "PUT":
            local.switchboard.change(await body_of(request))
        return Answer(local.switchboard.shown())

    async def listed(request: Request) -> Answer:
        what = named(request, "what")
        if what not in _LISTS:
            raise Refusal(404, f"no list of this name; there are {', '.join(_LISTS)}, reports, webhooks, behaviour")
        return Answer({what: local.store.all(_LISTS[what])})

    async def reports(_: Request) -> Answer:
        """List what shops reported, and the orders that replace another one."""
        replacements = [order for order in local.store.all("order") if order["originalSourceOrderId"]]
        return Answer({"reports": local.store.all("report"), "replacements": replacements})

    return [
        Route("/sandbox/behaviour", behaviour, methods=["GET", "PUT"]),
        Route("/sandbox/reports", reports, methods=["GET"]),
        Route("/sandbox/{what}", listed, methods=["GET"]),
    ]
