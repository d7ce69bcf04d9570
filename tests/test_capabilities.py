"""What an adapter declares of its hooks."""

import pytest

from op_core.capabilities import Capability
from op_core.errors import SettingsError
from op_core.storefront import Storefront
from op_core.testing.model_shop import ModelShop


class Declaring(ModelShop):
    """It declares that money is booked, of the hook that it is told."""

    hook = "op_issue_refund"

    @property
    def capabilities(self):
        """Of that hook alone."""
        return {self.hook: Capability("supported", money="booked")}


def test_how_money_moves_is_one_of_three_words():
    """Another word is refused where it is written."""
    assert [None, "moved", "queued", "booked"] == [
        Capability("supported", money=word).money for word in (None, "moved", "queued", "booked")
    ]
    with pytest.raises(ValueError, match="money"):
        Capability("supported", money="paid")


@pytest.mark.parametrize(
    "hook", ["op_issue_refund", "op_issue_store_credit", "op_charge_protection", "op_refund_protection"]
)
def test_it_is_declared_of_hooks_that_move_money(hook):
    """The store then says it of that hook."""
    shop = Declaring()
    shop.hook = hook

    assert "booked" == Storefront.of("main", shop).supports(hook).money


@pytest.mark.parametrize("hook", ["op_get_order", "op_create_reship", "op_find_refund", "op_add_note"])
def test_of_a_hook_without_money_it_is_a_mistake(hook):
    """It parks the store at load, and names the hooks that move some."""
    shop = Declaring()
    shop.hook = hook

    with pytest.raises(SettingsError, match=f"the money of {hook} is booked, and that hook moves none; .*refund"):
        Storefront.of("main", shop)
