"""Each case of the capability suite is killed by its own fault, with what would have happened in a shop."""

import inspect

import pytest

from op_core import hookimpl
from op_core.capabilities import Capability
from op_core.errors import NotSupported
from op_core.models import Outcome
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class _Broken(ModelShop):
    """
    A shop with one fault: it states `stated`, beside what the model states.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()
    stated = {}  # noqa: RUF012 - never changed

    @property
    def capabilities(self):
        return {**ModelShop.capabilities.fget(self), **self.stated}


class _NoHook(_Broken):
    """It has forgotten to mark a hook."""

    kills = "capabilities-fit-the-hooks"
    says = "the adapter declares op_check_stock as supported and does not implement it"

    op_check_stock = None


class _Unmarked(_Broken):
    """It has a method of a hook's name, and no mark on it."""

    kills = "capabilities-fit-the-hooks"
    says = "lacks @hookimpl"

    def op_check_stock(self, request):
        return ()


class _Silent(_Broken):
    """It says of one hook that it does not know."""

    kills = "capabilities-are-declared"
    says = '"op_add_note": Capability("supported"),'
    stated = {"op_add_note": Capability("unknown", "nobody has tried it")}  # noqa: RUF012 - never changed


class _Curt(_Broken):
    """It gives no reason that anybody could read."""

    kills = "capabilities-have-reasons"
    says = "a merchant would read of a held claim that it cannot be done, and not why"
    stated = {"op_find_note": Capability("partial", "TODO")}  # noqa: RUF012 - never changed


class _Inherits(_Broken):
    """It says that it gives no credit, and inherits a hook that does."""

    kills = "capabilities-claim-all-that-works"
    says = "the shop would do what its adapter says it cannot"
    stated = {"op_issue_store_credit": Capability("unsupported", "it has no accounts")}  # noqa: RUF012 - never changed


class _Modest(_Broken):
    """It says that it cannot tell stock, and tells it."""

    kills = "capabilities-claim-all-that-works"
    says = "claims would wait for a person although the shop can do it"
    stated = {"op_check_stock": Capability("not yet", "it was not tried")}  # noqa: RUF012 - never changed


class _Books(_Broken):
    """It declares that its refunds move money, and writes them down."""

    kills = "capabilities-tell-how-money-moves"
    says = "a customer would be told of money that nobody pays"
    stated = {"op_issue_refund": Capability("supported", money="moved")}  # noqa: RUF012 - never changed

    @hookimpl
    def op_issue_refund(self, request):
        return Outcome("done", shop_id="row-1", money="booked")


class _Pays(_Broken):
    """It declares that its refunds are written down, and pays them."""

    kills = "capabilities-tell-how-money-moves"
    says = "staff would pay by hand what was paid already"
    stated = {"op_refund_protection": Capability("supported", money="booked")}  # noqa: RUF012 - never changed


class _Honest(_Broken):
    """It says what it cannot do, and does not do it."""

    stated = {"op_add_note": Capability("unsupported", "it has no notes")}  # noqa: RUF012 - never changed

    @hookimpl
    def op_add_note(self, request):
        raise NotSupported("it has no notes")


FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.CapabilitySuite, lambda: Model(shop=fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} <= set(found)
    assert fault.kills == "capabilities-fit-the-hooks" or {fault.kills, *fault.also} == set(found)


def test_who_says_what_it_cannot_do_passes(failures):
    """A verb that is missing, and said to be, is no failure."""
    assert {} == failures(kit.CapabilitySuite, lambda: Model(shop=_Honest))


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.CapabilitySuite])} == {fault.kills for fault in FAULTS}
