"""Each case of replacements is failed by a shop that is broken there, with the harm that it would do."""

import attrs
import pytest

from op_core.models import LineQuantity
from op_core.testing.kit import ReshipSuite
from op_core.testing.kit.effects import EffectSuite
from op_core.testing.model_shop import ModelShop


class _Replaces(ModelShop):
    """It makes another order of the replacement."""

    def _replace(self, order, effect):
        super()._replace(order, effect)
        self.orders[effect.shop_id] = self.other(order, self.orders[effect.shop_id])


class Bills(_Replaces):
    """A replacement costs what the order cost."""

    def other(self, order, new):
        """Keep its total."""
        return attrs.evolve(new, total=order.total)


class Copies(_Replaces):
    """A replacement is a copy of the order, with what was paid for it."""

    def other(self, order, new):
        """Copy all that has to do with money."""
        return attrs.evolve(new, total=order.total, payments=order.payments, lines=order.lines)


class Whole(ModelShop):
    """It sends all lines."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        effect.lines = tuple(LineQuantity(one.id, one.quantity) for one in request.order.lines)
        return effect


class One(ModelShop):
    """It sends one unit of each line."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        effect.lines = tuple(attrs.evolve(one, quantity=1) for one in effect.lines)
        return effect


class Home(_Replaces):
    """It sends to the order's address."""

    def other(self, order, new):
        """Keep the address."""
        return attrs.evolve(new, shipping_address=order.shipping_address)


class Anonymous(_Replaces):
    """Nothing of the new order says that it is a replacement."""

    def other(self, order, new):
        """Forget it."""
        return attrs.evolve(new, replaces=None, references=frozenset())


class Cancels(ModelShop):
    """It takes the units off the original order."""

    def _replace(self, order, effect):
        super()._replace(order, effect)
        self.orders[order.id] = attrs.evolve(order, lines=order.lines[1:])


class Untouched(ModelShop):
    """It makes replacements outside of its stock."""

    def _act(self, verb, request):
        return super()._act(verb, attrs.evolve(request, take_stock=False))


class OnceForGood(ModelShop):
    """It replaces no order that is a replacement."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        if request.order.replaces:
            self.effects.remove(effect)
        return effect


class Again(ModelShop):
    """It sends two."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        self.effects.append(attrs.evolve(effect, shop_id="second"))
        return effect


class Pays(ModelShop):
    """It gives the money back as well."""

    def _act(self, verb, request):
        effect = super()._act(verb, request)
        price = request.order.lines[0].unit_price
        self.effects.append(attrs.evolve(effect, verb="refund", amount=price, shop_id="refund-9", settled=True))
        return effect


CASES = {
    "test_costs_the_customer_nothing": (Bills, "the customer would be billed 60.00 USD for a replacement"),
    "test_inherits_no_money": (Copies, "the customer would get the goods and 60.00 USD"),
    "test_gives_no_money_back": (Copies, "the customer would get goods and money: 20.00 USD for a replacement"),
    "test_is_of_its_lines_alone": (Whole, "the customer would get other goods than were decided"),
    "test_has_its_quantities": (One, "the customer would get too many units, or too few"),
    "test_goes_where_it_was_asked_to": (Home, "the parcel would go to the address that the customer left"),
    "test_is_known_as_ours": (Anonymous, "the replacement would be exported as a new sale"),
    "test_leaves_the_original_alone": (Cancels, "the original order's lines would be changed by a replacement"),
    "test_takes_its_stock": (Untouched, "the unit that is sent again would be sold to somebody else, too"),
    "test_of_a_replacement_works": (OnceForGood, "a customer whose replacement is lost too would get nothing"),
    "test_is_one_for_one_decision": (Again, "the customer would get 2 replacements"),
    "test_moves_no_money": (Pays, "the customer would get money in the place of goods, or both"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_case_is_failed_by_a_shop_that_is_broken_there(harm, name):
    """The failure says first what would have happened to the customer."""
    shop, said = CASES[name]
    assert said in harm(ReshipSuite, name, shop).splitlines()[0]


def test_every_case_is_proved():
    """A new case comes with a shop that fails it."""
    assert set(CASES) == {name for name in vars(ReshipSuite) if name.startswith("test_")} - set(vars(EffectSuite))
