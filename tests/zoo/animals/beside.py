"""What an effect does beside what was asked for, and what is taken for it."""

from __future__ import annotations

import attrs
from op_corner_shop import CornerShopAdapter, mapping

from animals.reading import Reading
from animals.registry import animal
from op_core.hooks import hookimpl
from op_core.models import CannotTell, Found, NotFound, Order, Outcome
from op_core.requests import FindRequest, StoreCreditRequest

Finding = Found | NotFound | CannotTell


@animal("store-credit-gives-no-money-back", "the customer would get credit and money")
class CreditAndRefund(CornerShopAdapter):
    """
    The credit memo gives store credit, and its payment is refunded as well.

    https://github.com/magento/magento2/issues/38815
    """

    @hookimpl
    def op_issue_store_credit(self, request: StoreCreditRequest) -> Outcome:
        """Give both."""
        body = {**mapping.amount_of(request.amount), "reference": ""}
        self.client.post("orders", request.order.id, "refunds", key=f"{request.reference}-money", body=body)
        return super().op_issue_store_credit(request)


@animal("refund-of-the-rest-works", "the next claim of this order could be given 60.00 USD")
class RefundsUncounted(Reading):
    """
    What is outstanding is reckoned without what was given back already.

    https://github.com/medusajs/medusa/issues/11429
    """

    def seen(self, order: Order) -> Order:
        """Take every payment for whole."""
        whole = (attrs.evolve(one, refunded=one.refunded - one.refunded) for one in order.payments)
        return attrs.evolve(order, payments=tuple(whole))


@animal("protection-back-is-not-the-charge", "the customer would never get the premium back: 4.25 USD")
class ChargeTakenForItsRefund(CornerShopAdapter):
    """
    What is there for the order is taken for what is looked for, and the second of two things is never made.

    https://github.com/medusajs/medusa/issues/13433
    """

    @hookimpl
    def op_find_protection_change(self, request: FindRequest) -> Finding:
        """Look at the order's payments for the premium."""
        found = super().op_find_protection_change(request)
        same = [one for one in request.order.payments if one.captured == request.amount]
        return Found(Outcome("done", same[0].id, money="moved")) if same and found == NotFound() else found
