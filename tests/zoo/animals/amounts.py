"""Money of another amount, or from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from op_corner_shop import CornerShopAdapter

from animals.reading import Reading, each_line
from animals.registry import animal
from animals.trusting import Trusting
from op_core.models import Line, Order, Outcome
from op_core.money import Money, exponent
from op_core.requests import Effect, RefundRequest, StoreCreditRequest

Body = Mapping[str, Any]


@animal("refund-has-three-digits-in-dinar", "the customer would get 12.340 BHD in place of 12.345 BHD")
class TwoDigitsEverywhere(Trusting):
    """
    Every amount is written with two digits after the point.

    https://github.com/spree/spree/pull/6645
    """

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        digits = {"amount": f"{request.amount.amount:.2f}"} if isinstance(request, RefundRequest) else {}
        return super()._made(name, request, {**body, **digits})


@animal("refund-has-no-digits-in-yen", "the customer would get 15 JPY in place of 1500 JPY")
class YenOfAHundredSen(Trusting):
    """
    The exponent of every currency is taken to be two.

    https://github.com/woocommerce/woocommerce/issues/26734
    """

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        if isinstance(request, RefundRequest):
            cents = request.amount.amount.scaleb(exponent(request.amount.currency))
            body = {**body, "amount": f"{cents.scaleb(-2):f}"}
        return super()._made(name, request, body)


@animal("store-credit-has-no-digits-in-yen", "the customer would get 150000 JPY in place of 1500 JPY")
class CreditInCents(Trusting):
    """
    Credit is given in cents of a currency that has none.

    https://github.com/magento/magento2/issues/39644
    """

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        if isinstance(request, StoreCreditRequest):
            body = {**body, "amount": f"{request.amount.amount.scaleb(2 - exponent(request.amount.currency)):f}"}
        return super()._made(name, request, body)


@animal("export-tells-the-prices", "unit price of order 2001 is 0.28 USD, expected 0.29 USD")
class FloatMoney(Reading):
    """
    Amounts become floats, and cents of floats.

    https://github.com/solidusio/solidus/pull/707
    """

    def seen(self, order: Order) -> Order:
        """Count in cents of a float."""
        return each_line(order, lambda line: attrs.evolve(line, unit_price=_cents(line.unit_price)))


def _cents(money: Money) -> Money:
    return Money(str(int(float(money.amount) * 100) / 100), money.currency)


@animal(
    "export-tells-odd-orders",
    "discount of order 2001 is 0.99 USD, expected 1.00 USD",
    kind="with a discount that three units cannot share",
)
class SharesThatDoNotAddUp(Reading):
    """
    A discount is rounded for each unit, and its parts are not the whole.

    https://github.com/solidusio-contrib/solidus_product_assembly/issues/61
    """

    def seen(self, order: Order) -> Order:
        """Round the part of each unit."""
        return each_line(order, _by_unit)


def _by_unit(line: Line) -> Line:
    if line.discount is None:
        return line
    part = Money(line.discount.amount / line.quantity, line.discount.currency).rounded()
    return attrs.evolve(line, discount=Money(part.amount * line.quantity, part.currency))


@animal(
    "order-is-as-odd-as-the-shop-holds-it",
    "discount of order 2001 is nothing, expected 1.00 USD",
    kind="with a discount that three units cannot share",
)
class DiscountNotSharedOut(Reading):
    """
    The discount stays with the order, and no line has its part.

    https://github.com/solidusio/solidus/issues/512
    """

    def seen(self, order: Order) -> Order:
        """Leave it out of the lines."""
        return each_line(order, lambda line: attrs.evolve(line, discount=None))


@animal(
    "order-is-as-odd-as-the-shop-holds-it",
    "tax of order 2001 is 3.54 USD, expected 3.55 USD",
    kind="with tax on lines and shipping",
)
class SumRoundedNotTheLines(Reading):
    """
    The tax of the lines is worked out of their sum, which alone was rounded.

    https://github.com/spree/spree/pull/6645
    """

    def seen(self, order: Order) -> Order:
        """Share the sum out by price."""
        taxes = [line.tax.amount for line in order.lines if line.tax is not None]
        worth = sum(line.unit_price.amount * line.quantity for line in order.lines)

        def share(line: Line) -> Line:
            part = sum(taxes) * line.unit_price.amount * line.quantity / worth
            return attrs.evolve(line, tax=Money(part, order.currency).cut())

        return each_line(order, share) if taxes else order


@animal("export-tells-the-sums", "sum of shipping tax of order 2001 is nothing, expected 0.39 USD")
class ShippingTaxLeftOut(Reading):
    """
    The tax of shipping is forgotten.

    https://github.com/vendurehq/vendure/issues/989
    """

    def seen(self, order: Order) -> Order:
        """Forget it."""
        return attrs.evolve(order, shipping_tax=None)


@animal("order-knows-what-was-given-back-before", "and 45.48 USD is said to be left")
class OwnRefundsAlone(Reading):
    """
    What staff gave back before is not counted.

    https://github.com/medusajs/medusa/issues/10686
    """

    def seen(self, order: Order) -> Order:
        """Count nothing as given back."""
        nothing = Money(0, order.currency)
        return attrs.evolve(order, payments=tuple(attrs.evolve(one, refunded=nothing) for one in order.payments))


@animal("refund-is-from-the-payment-that-was-named", "5.00 USD would go back by pay-1, which was not asked")
class RefundFromTheFirstPayment(CornerShopAdapter):
    """
    The payment is left to the shop, which takes the first one.

    https://www.aftership.com/docs/returns/2024-10
    """

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        return super()._made(name, request, {key: value for key, value in body.items() if key != "payment"})
