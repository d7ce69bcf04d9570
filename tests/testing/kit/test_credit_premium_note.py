"""Each case of store credit, premium and notes is failed by a shop that is broken there, with its harm."""

import html
from decimal import Decimal

import attrs
import pytest

from op_core.hooks import hookimpl
from op_core.models import Found
from op_core.money import Money, exponent
from op_core.testing.kit import NoteSuite, ProtectionBackSuite, ProtectionSuite, StoreCreditSuite
from op_core.testing.kit.effects import EffectSuite
from op_core.testing.model_shop import ModelShop


class Rounded(ModelShop):
    """It rounds to whole units."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        effect.amount = Money(effect.amount.amount.to_integral_value(), effect.amount.currency)
        return effect


class Cents(ModelShop):
    """It reckons every currency in hundredths."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        digits = exponent(effect.amount.currency)
        effect.amount = Money(effect.amount.amount.scaleb(digits - 2), effect.amount.currency)
        return effect


class Both(ModelShop):
    """It gives the money back, too."""

    def _settle(self, effect):
        super()._settle(effect)
        order = self.orders[effect.order_id]
        first, *rest = order.payments
        paid = attrs.evolve(first, refunded=first.refunded + effect.amount)
        self.orders[order.id] = attrs.evolve(order, payments=(paid, *rest))


class Again(ModelShop):
    """It does it twice."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        self.effects.append(attrs.evolve(effect, shop_id="second", settled=True))
        return effect


class EitherWay(ModelShop):
    """It takes any change of the premium for the one that is looked for."""

    def _look_up(self, hook, request):
        there = [one for one in self.effects if one.order_id == request.order.id]
        return Found(there[0].outcome) if there else super()._look_up(hook, request)


class Insured(ModelShop):
    """It says that every order has paid a premium."""

    @hookimpl
    def op_get_order(self, request):
        """Say so."""
        return attrs.evolve(super().op_get_order(request), premium=Money(Decimal("4.25"), "USD"))


class Escaped(ModelShop):
    """It writes its notes for a page."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        effect.text = html.escape(effect.text)
        return effect


class Template(ModelShop):
    """It works out what is in its notes."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        effect.text = effect.text.replace("{{7*7}}", "49")
        return effect


class Single(ModelShop):
    """An order has one note."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        self.effects = [effect]
        return effect


CASES = [
    (StoreCreditSuite, "test_is_exact", Rounded, "the customer would get 0.00 USD in place of 0.07 USD"),
    (StoreCreditSuite, "test_has_no_digits_in_yen", Cents, "the customer would get 15 JPY in place of 1500 JPY"),
    (StoreCreditSuite, "test_gives_no_money_back", Both, "the customer would get credit and money"),
    (StoreCreditSuite, "test_is_one_for_one_decision", Again, "the customer would get 2 credits: 20.00 USD each"),
    (ProtectionSuite, "test_is_exact", Rounded, "the customer would be billed 0.00 USD in place of 0.07 USD"),
    (ProtectionSuite, "test_is_one_for_one_event", Again, "be billed the premium 2 times: 4.25 USD"),
    (ProtectionBackSuite, "test_is_exact", Rounded, "the customer would get 0.00 USD in place of 0.07 USD"),
    (ProtectionBackSuite, "test_is_not_the_charge", EitherWay, "the customer would never get the premium back"),
    (ProtectionBackSuite, "test_never_exceeds_what_was_paid", Insured, "get a premium that was never paid: 4.25 USD"),
    (NoteSuite, "test_is_the_text", Escaped, "staff would read something else than what was written"),
    (NoteSuite, "test_is_data", Template, "whoever writes a message could run code in the shop"),
    (NoteSuite, "test_does_not_replace_another", Single, "of two messages one would be lost"),
]


@pytest.mark.parametrize(("suite", "name", "shop", "said"), CASES)
def test_each_case_is_failed_by_a_shop_that_is_broken_there(harm, suite, name, shop, said):
    """The failure says first what would have happened to the customer."""
    assert said in harm(suite, name, shop).splitlines()[0]


@pytest.mark.parametrize("suite", [StoreCreditSuite, ProtectionSuite, ProtectionBackSuite, NoteSuite])
def test_every_case_is_proved(suite):
    """A new case comes with a shop that fails it."""
    own = {name for name in vars(suite) if name.startswith("test_")} - set(vars(EffectSuite))
    assert own == {name for one, name, *_ in CASES if one is suite}
