"""The stub interfaces: what a shop written in Python overrides, and nothing of any vendor."""

import inspect
import sys

import attrs
import pytest

from op_core import stubs
from op_core.errors import NotSupported
from op_core.models import Order
from op_core.stubs import Backend, FulfillmentInterface, OrderInterface
from op_core.testing.model_shop import an_order

METHODS = sorted(name for name, member in inspect.getmembers(Backend, inspect.isfunction) if not name.startswith("_"))


@pytest.mark.parametrize("name", METHODS)
def test_a_method_that_is_not_overridden_says_so(name):
    """It raises `NotSupported` with its own name, so that the action is held for a person."""
    method = getattr(Backend(), name)
    arguments = [None] * len(inspect.signature(method).parameters)

    with pytest.raises(NotSupported, match=f"{name} is not overridden"):
        method(*arguments)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_is_documented_and_typed(name):
    """A shop's author needs to read nothing else."""
    function = getattr(Backend, name)

    assert inspect.getdoc(function)
    assert "return" in function.__annotations__


def test_a_shop_may_implement_one_interface_alone():
    """The interfaces are small; a backend is all of them."""

    class Orders(OrderInterface):
        def order(self, order_id):
            """Return one."""
            return an_order(id=order_id)

    assert isinstance(Orders().order("7"), Order)
    assert issubclass(Backend, OrderInterface)
    assert issubclass(Backend, FulfillmentInterface)


def test_a_backend_may_be_an_attrs_class():
    """Fields beside overridden methods."""

    @attrs.define(eq=False)
    class Shop(Backend):
        url: str

        def order(self, order_id):
            """Return none."""

    assert Shop("sqlite://").order("1") is None


def test_the_vocabulary_comes_along():
    """Every value that an override returns can be imported from the same place."""
    for name in (
        "Order",
        "Line",
        "Address",
        "Payment",
        "Fulfillment",
        "GrantedRefund",
        "ReplacementOrder",
        "OrderPage",
    ):
        assert name in stubs.__all__


def test_no_vendor_s_sdk_stands_behind_them():
    """The module imports nothing but attrs, the standard library and op-core's own values."""
    source = inspect.getsource(stubs)
    imported = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))}

    assert {"attrs", "op_core"} == {name for name in imported if name not in sys.stdlib_module_names}
