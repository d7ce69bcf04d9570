"""Each case of the stock suite is killed by its own fault, with what would have happened in a shop."""

import inspect

import attrs
import pytest

from op_core import hookimpl
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class _Broken(ModelShop):
    """
    A shop with one fault: it tells the stock of lines as `told` makes it.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()

    def told(self, found):
        return found

    @hookimpl
    def op_check_stock(self, request):
        return tuple(self.told(ModelShop.op_check_stock(self, request)))


class _Backorders(_Broken):
    """It tells what could be ordered of the maker."""

    kills = "stock-is-what-is-left"
    says = "a replacement would be promised, with 1 unit left"

    def told(self, found):
        return [attrs.evolve(one, available=9) if one.available == 1 else one for one in found]


class _Falsy(_Broken):
    """It takes 0 for nothing known."""

    kills = "stock-is-0-where-nothing-is-left"
    says = "a replacement would be promised, with nothing left"

    def told(self, found):
        return [attrs.evolve(one, available=one.available or None) for one in found]


class _Least(_Broken):
    """It tells the least of all lines of each."""

    kills = "stock-is-told-apart-by-line"
    says = "a replacement would wait for units that are there: 7"

    def told(self, found):
        known = [one.available for one in found if one.available is not None]
        return [attrs.evolve(one, available=min(known, default=None)) for one in found]


class _Counted(_Broken):
    """It leaves out what nobody counts."""

    kills = "stock-is-told-of-each-line"
    says = "a line without an answer would count as one that is never short"

    def told(self, found):
        return [one for one in found if one.available is not None]


FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.StockSuite, lambda: Model(shop=fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} == set(found)


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.StockSuite])} == {fault.kills for fault in FAULTS}
