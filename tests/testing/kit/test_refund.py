"""Each case of refunds is failed by a shop that is broken there, with the harm that it would do."""

from decimal import Decimal

import attrs
import pytest

from op_core.hooks import hookimpl
from op_core.money import Money, exponent
from op_core.testing.kit import RefundSuite
from op_core.testing.kit.effects import EffectSuite
from op_core.testing.model_shop import ModelShop


class WithTax(ModelShop):
    """It adds up the lines in place of the amount."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        if request.lines:
            effect.amount = request.order.line(request.lines[0].line_id).unit_price
        return effect


class Cents(ModelShop):
    """It reckons every currency in hundredths."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        digits = exponent(effect.amount.currency)
        effect.amount = Money(effect.amount.amount.scaleb(digits - 2), effect.amount.currency)
        return effect


class FirstPayment(ModelShop):
    """It gives back from the first payment, whichever is named."""

    def _act(self, verb, request):
        return super()._act(verb, attrs.evolve(request, payment_id=request.order.payments[0].id))


class AnyPayment(ModelShop):
    """It never looks whether the payment is the order's."""

    def _act(self, verb, request):
        self.guards = False
        return super()._act(verb, request)


class Uncounted(ModelShop):
    """It does not say what was given back of a payment."""

    @hookimpl
    def op_get_order(self, request):
        """Leave it out."""
        order = super().op_get_order(request)
        return attrs.evolve(order, payments=tuple(attrs.evolve(one, refunded=_no(order)) for one in order.payments))


class Generous(ModelShop):
    """It says that twice as much was paid."""

    @hookimpl
    def op_get_order(self, request):
        """Double it."""
        order = super().op_get_order(request)
        return attrs.evolve(
            order, payments=tuple(attrs.evolve(one, captured=one.captured + one.captured) for one in order.payments)
        )


class NewKey(ModelShop):
    """It does it twice, under a key of its own the second time."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        self.effects.append(attrs.evolve(effect, reference=f"{request.reference}-2", settled=True))
        return effect


def _no(order):
    return Money(Decimal(0), order.currency)


CASES = {
    "test_is_exact": (WithTax, "the customer would get 20.00 USD in place of 0.07 USD"),
    "test_has_no_digits_in_yen": (Cents, "the customer would get 15 JPY in place of 1500 JPY"),
    "test_has_three_digits_in_dinar": (Cents, "the customer would get 123.450 BHD in place of 12.345 BHD"),
    "test_is_from_the_payment_that_was_named": (FirstPayment, "5.00 USD would go back by pay-1, which was not asked"),
    "test_is_not_from_an_unknown_payment": (AnyPayment, "of a payment that the order does not have"),
    "test_of_the_rest_works": (Uncounted, "the next claim of this order could be given 60.00 USD"),
    "test_never_exceeds_what_was_paid": (Generous, "the customer would get more than was paid: 90 USD"),
    "test_is_one_for_one_decision": (NewKey, "the customer would be refunded 2 times: 20.00 USD"),
    "test_is_shared_out_over_payments": (FirstPayment, "payment pay-1 would give back 40.00 USD, and took 25.00 USD"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_failed_by_a_shop_that_is_broken_there(harm, name):
    """The failure says first what would have happened to the customer."""
    shop, said = CASES[name]
    assert said in harm(RefundSuite, name, shop).splitlines()[0]


def test_every_case_is_proved():
    """A new case comes with a shop that fails it."""
    assert set(CASES) == {name for name in vars(RefundSuite) if name.startswith("test_")} - set(vars(EffectSuite))
