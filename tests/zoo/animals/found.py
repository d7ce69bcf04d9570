"""Effects that are looked for in the wrong place, or told as they are not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from op_corner_shop import CornerShopAdapter, mapping

from animals.registry import animal
from animals.trusting import Trusting
from op_core.hooks import hookimpl
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.requests import Effect, FindRequest, GetOrderRequest, NoteRequest, RefundRequest
from op_core.untrusted import Untrusted

Body = Mapping[str, Any]
Finding = Found | NotFound | CannotTell


@animal("refund-is-not-another", "the second of two claims would be taken as done: its refund is never made")
class FoundByAmount(CornerShopAdapter):
    """
    A refund of that sum must be ours.

    https://github.com/juspay/hyperswitch/issues/2896
    """

    @hookimpl
    def op_find_refund(self, request: FindRequest) -> Finding:
        """Look for the sum."""
        order = self.op_get_order(GetOrderRequest(request.store, request.order.id))
        if any(one.refunded == request.amount for one in order.payments):
            return Found(Outcome("done", "refund-1", money="moved"))
        return NotFound()


@animal("refund-is-found-among-many", "after a lost answer the refund would be made again")
class LooksAtTheFirstPage(CornerShopAdapter):
    """
    The look-up reads one page of the shop's list, and looks for the reference there.

    https://github.com/dlt-hub/verified-sources/issues/514
    """

    def _find(self, name: str, request: FindRequest) -> Finding:
        page = self.client.get(name)
        return mapping.finding([one for one in page[name] if one["reference"] == request.reference], request)


@animal("refund-keeps-the-reference", "after a lost answer nobody could tell whether the refund was made")
class ReferenceCutShort(Trusting):
    """
    The field is too short for the reference.

    https://github.com/activemerchant/active_merchant/pull/4728
    """

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        return super()._made(name, request, {**body, "reference": body["reference"][:16]})


@animal("reship-keeps-the-reference", "after a lost answer nobody could tell whether the reship was made")
class NoReferenceAtAll(Trusting):
    """
    The order is made, and no mark of ours is on it.

    https://github.com/woocommerce/woocommerce-gateway-stripe/issues/838
    """

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        return super()._made(name, request, {**body, "reference": ""})


@animal("refund-names-its-id", "staff would look for the refund in vain")
class IdOfAnotherField(CornerShopAdapter):
    """
    The id of a refund is in one of two fields.

    https://github.com/activemerchant/active_merchant/pull/4411
    """

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Name the payment."""
        return attrs.evolve(super().op_issue_refund(request), shop_id=request.payment_id)


@animal("store-credit-is-found-again", "after a lost answer the store_credit would be made again")
class ForgottenAfterADay(CornerShopAdapter):
    """
    A key is known for 24 hours, and then it is new.

    https://github.com/crbnos/carbon/issues/252
    """

    @hookimpl
    def op_find_store_credit(self, request: FindRequest) -> Finding:
        """Look among what is a day old at most: of last year's there is nothing."""
        return NotFound()


@animal("refund-is-told-as-it-is", "a refund that was made would be told as waiting")
class NeverRefunded(CornerShopAdapter):
    """
    There is no word for "refunded", so that it is pending for ever.

    https://github.com/thephpleague/omnipay-common/pull/224
    """

    @hookimpl
    def op_find_refund(self, request: FindRequest) -> Finding:
        """Say that it waits."""
        found = super().op_find_refund(request)
        return Found(Outcome("pending", found.outcome.shop_id, money="queued")) if isinstance(found, Found) else found


@animal("note-works-a-second-time", "the customer is told of a second note that nobody made")
class KeyTooCoarse(CornerShopAdapter):
    """
    One key stands for all notes of an order, and only the first is made.

    https://github.com/hookdeck/outpost/pull/609
    """

    @hookimpl
    def op_add_note(self, request: NoteRequest) -> Outcome:
        """Make one for each order."""
        known = vars(self).setdefault("noted", {})
        if request.order.id not in known:
            known[request.order.id] = super().op_add_note(request)
        made: Outcome = known[request.order.id]
        return made


@animal("note-is-the-text", "staff would read something else than what was written")
class NoteAsHtml(CornerShopAdapter):
    """
    The text is escaped for a page, and put where it is shown as it is.

    https://docs.orderprotection.com/education-basecamp/order-and-claim-tags
    """

    @hookimpl
    def op_add_note(self, request: NoteRequest) -> Outcome:
        """Escape it."""
        return super().op_add_note(attrs.evolve(request, text=Untrusted(request.text.html)))
