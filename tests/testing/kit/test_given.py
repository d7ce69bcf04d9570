"""What a subject puts into its shop is held against what it was given, before any adapter is held against that."""

import attrs
import pytest

from op_core.models import Customer
from op_core.money import Money
from op_core.testing import kit
from op_core.testing.kit.given import ODD, held, plain
from op_core.testing.model import Model


class _Puts(Model):
    """It holds an order as `change` makes it."""

    def __init__(self, change):
        super().__init__()
        self.change_it = change

    def put(self, order, parcels=()):
        return super().put(self.change_it(order), parcels)


def lines(**changes):
    return lambda order: attrs.evolve(order, lines=tuple(attrs.evolve(one, **changes) for one in order.lines))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda order: attrs.evolve(order, total=Money("1", "USD")), "total as 1.00 USD, given 45.48 USD"),
        (lambda order: attrs.evolve(order, payments=()), "payments as []"),
        (lambda order: attrs.evolve(order, shipping_address=None), "address to ship to: street as None"),
        (lambda order: attrs.evolve(order, customer=Customer()), "customer's email"),
        (lambda order: attrs.evolve(order, shipping=Money("1", "USD")), "sum of shipping as 1.00 USD"),
        (lambda order: attrs.evolve(order, lines=order.lines[:1]), "number of lines as 1, given 2"),
        (lines(quantity=9), "line MUG-BLUE (1): quantity as 9, given 2"),
        (lines(sku=""), "line MUG-BLUE (1): sku as None"),
        (lines(unit_price=Money("2", "USD")), "line MUG-BLUE (1): unit price as 2.00 USD"),
    ],
)
def test_what_a_platform_cannot_hold_is_said(change, named):
    """An amount, quantity, SKU or address that differs ends the case, for what follows would prove nothing."""
    with pytest.raises(kit.Harm, match="the kit would prove nothing") as harm:
        held(_Puts(change), plain())

    assert named in str(harm.value)


@pytest.mark.parametrize(
    "change",
    [
        lambda order: attrs.evolve(order, id="other", number="other", billing_address=None),
        lambda order: attrs.evolve(order, shipping=None, customer=attrs.evolve(order.customer, name="")),
        lines(name="Mug", tax=None, discount=None),
    ],
)
def test_a_platform_has_its_own_ways(change):
    """Ids, names and what a platform has no place for may be its own."""
    assert held(_Puts(change), plain())


@pytest.mark.parametrize("kind", ODD)
def test_an_odd_order_agrees_with_itself(kind):
    """Its lines, shipping, tax and discount are its total, and its payments pay it."""
    order = ODD[kind](1)
    goods = sum(one.unit_price.amount * one.quantity for one in order.lines)
    rest = [order.shipping, order.tax]
    whole = goods - (order.discount.amount if order.discount else 0) + sum(one.amount for one in rest if one)

    assert order.total.amount == whole
    assert order.total == order.paid
    assert order.total.is_exact
