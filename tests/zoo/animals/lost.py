"""What an adapter makes of a call that went wrong, under the real engine."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from op_corner_shop import CornerShopAdapter, mapping

from animals.keyless import Keyless
from animals.registry import animal
from op_core.errors import HookError, MayHaveLanded, Refused, ShopAway, ShopUnavailable, WireError
from op_core.hooks import hookimpl
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.requests import (
    Effect,
    FindRequest,
    ProtectionChangeRequest,
    RefundRequest,
    ReshipRequest,
    StoreCreditRequest,
)

Body = Mapping[str, Any]
Finding = Found | NotFound | CannotTell


@animal("wire-of-a-refund", "the customer would be refunded twice: 20.00 USD")
class CallBeforeSave(Keyless):
    """
    The gateway first, its row after: a crash between leaves no trace, and the retry has no memory of the first try.

    https://github.com/medusajs/medusa/issues/16681
    """

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        made = self.client.post("orders", request.order.id, name, key=uuid.uuid4().hex, body={**body, "reference": ""})
        effect = made[name.removesuffix("s")]
        saved = self.client.post(name, effect["id"], key=uuid.uuid4().hex, body={"reference": request.reference})
        return mapping.outcome(saved[name.removesuffix("s")], request)


@animal("wire-of-protection", "the customer would be billed twice: 4.25 USD")
class RetriesAPostByItself(CornerShopAdapter):
    """
    A POST whose answer did not come is sent again, since most of them did not land.

    https://github.com/encode/httpx/issues/108
    """

    @hookimpl
    def op_charge_protection(self, request: ProtectionChangeRequest) -> Outcome:
        """Try three times."""
        body = {"reference": request.reference, "kind": "charge", **mapping.amount_of(request.amount)}
        for _ in range(3):
            try:
                made = self.client.post("orders", request.order.id, "premiums", key=uuid.uuid4().hex, body=body)
            except MayHaveLanded:
                continue
            return mapping.outcome(made.get("premium"), request)
        raise ShopAway("three times no answer")


@animal("wire-of-a-reship", "the reship would be told as refused, and be made once more by hand")
class LostAnswerTakenForARefusal(CornerShopAdapter):
    """
    A connection error becomes a plain error of the gateway, and that is a no.

    https://github.com/solidusio/solidus/issues/512
    """

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """Take it for a no."""
        try:
            return super().op_create_reship(request)
        except WireError:
            raise Refused("gateway error") from None


@animal("wire-of-a-store-credit", "the customer would be told of a store_credit that nobody made")
class SwallowedExceptions(CornerShopAdapter):
    """
    Whatever went wrong is caught, and the caller is told that all is well.

    https://github.com/Vets-Who-Code/vets-who-code-app/pull/1259
    """

    @hookimpl
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Outcome:
        """Never fail."""
        try:
            return super().op_issue_store_credit(request)
        except Exception:  # noqa: BLE001 - the fault
            return Outcome("done", request.reference, money="moved")


@animal("wire-of-a-question-about-a-refund", "the customer would be refunded twice: 20.00 USD")
class ErrorTakenForNotThere(Keyless):
    """
    A look-up that fails has found nothing.

    https://github.com/killbill/killbill-docs/pull/69
    """

    def _find(self, name: str, request: FindRequest) -> Finding:
        try:
            return super()._find(name, request)
        except (WireError, HookError, ShopUnavailable):
            return NotFound()


@animal("wire-of-a-question-about-a-reship", "the customer would be sent the replacement twice")
class EmptyAnswerIsAnEmptyList(Keyless):
    """
    An answer in a form that nobody knows reads as an empty one.

    https://github.com/stripe/stripe-java/issues/1108
    """

    def _find(self, name: str, request: FindRequest) -> Finding:
        try:
            return super()._find(name, request)
        except ShopAway:
            raise
        except ShopUnavailable:
            return NotFound()


@animal("wire-heals-by-itself", "a customer would wait for a person, because a connection broke once")
class AwayIsARefusal(CornerShopAdapter):
    """
    What could not be connected is a failure for good, and is not tried again.

    https://github.com/hookdeck/outpost/issues/314
    """

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Give up."""
        try:
            return super().op_issue_refund(request)
        except ShopAway:
            raise Refused("no connection") from None
