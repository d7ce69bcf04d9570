"""What is made twice, or is said to be made and is not."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from op_corner_shop import CornerShopAdapter, mapping

from animals.registry import animal
from op_core.errors import Refused
from op_core.hooks import hookimpl
from op_core.models import Outcome
from op_core.requests import Effect, RefundRequest, ReshipRequest, StoreCreditRequest

Body = Mapping[str, Any]


@animal("refund-is-the-first-when-called-again", "the customer would get the refund twice: 12.50 USD each time")
class NewKeyOnRetry(CornerShopAdapter):
    """
    Each call makes a key of its own, so that a retry is a new refund.

    https://github.com/medusajs/medusa/issues/16681
    """

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        made = self.client.post("orders", request.order.id, name, key=uuid.uuid4().hex, body=body)
        return mapping.outcome(made[name.removesuffix("s")], request)


@animal("refund-is-made", "the customer would get 2 times what is owed: a refund of 12.50 USD")
class SavedTwice(CornerShopAdapter):
    """
    A second save does it a second time.

    https://github.com/classyllama/ClassyLlama_AvaTax/issues/29
    """

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Save, and save again."""
        made = self._made("refunds", request, self._asked(request))
        self.client.post("orders", request.order.id, "refunds", key=f"{request.reference}-2", body=self._asked(request))
        return made

    @staticmethod
    def _asked(request: RefundRequest) -> Body:
        amount = mapping.amount_of(request.amount)
        return {"reference": request.reference, **amount, "payment": request.payment_id, "lines": []}


@animal("store-credit-is-exact", "the customer would get 2 times what is owed: a store_credit of 0.07 USD")
class CreditIssuedTwice(CornerShopAdapter):
    """
    The credit is given on approval, and once more on its receipt.

    https://github.com/solidusio/solidus/pull/3989
    """

    @hookimpl
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Outcome:
        """Give it, and give it."""
        body = {"reference": request.reference, **mapping.amount_of(request.amount)}
        self.client.post("orders", request.order.id, "credits", key=f"{request.reference}-receipt", body=body)
        return super().op_issue_store_credit(request)


@animal("refund-is-never-silent", "nobody would know whether the refund was made")
class SilentNone(CornerShopAdapter):
    """
    The hook answers None, as a stub does.

    https://github.com/apache/libcloud/pull/487
    """

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Do it, and say nothing."""
        super().op_issue_refund(request)
        return None  # type: ignore[return-value]  # the fault


@animal("refund-works-a-second-time", "refused (this order was refunded), expected done")
class SecondRefundRefused(CornerShopAdapter):
    """
    An order that was refunded once cannot be again.

    https://github.com/medusajs/medusa/issues/10842
    """

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Refuse."""
        if any(one.refunded for one in request.order.payments):
            raise Refused("this order was refunded")
        return super().op_issue_refund(request)


@animal("store-credit-works-a-second-time", "the customer is told of a second store_credit that nobody made")
class SwallowsTheSecondLine(CornerShopAdapter):
    """
    What it has done is known by the order, and the second of it is taken for the first, in silence.

    https://github.com/medusajs/medusa/issues/13433
    """

    @hookimpl
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Outcome:
        """Do it once for an order."""
        known = vars(self).setdefault("done", {})
        if request.order.id not in known:
            known[request.order.id] = super().op_issue_store_credit(request)
        made: Outcome = known[request.order.id]
        return made


@animal(
    "refund-is-not-from-an-unknown-payment", "5.00 USD would be given back of a payment that the order does not have"
)
class SuccessOnA200(CornerShopAdapter):
    """
    A 200 is a success, whatever stands in it.

    https://github.com/vendurehq/vendure/issues/2393
    """

    @hookimpl
    def op_issue_refund(self, request: RefundRequest) -> Outcome:
        """Look at the status alone."""
        try:
            return super().op_issue_refund(request)
        except Refused:
            return Outcome("done", request.reference, money="moved")


@animal("reship-works-a-second-time", "refused (invalid transition), expected done")
class SecondExchangeRefused(CornerShopAdapter):
    """
    A second exchange of one order is an invalid transition.

    https://github.com/spree/spree/issues/8332
    """

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """Do it once for an order."""
        seen = vars(self).setdefault("exchanged", set())
        if request.order.id in seen:
            raise Refused("invalid transition")
        seen.add(request.order.id)
        return super().op_create_reship(request)
