"""Each case of the product suite is killed by its own fault, with what would have happened in a shop."""

import inspect

import attrs
import pytest

from op_core import hookimpl
from op_core.models import ProductPage
from op_core.money import Money
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class _Broken(ModelShop):
    """
    A shop with one fault: it tells each product as `told` makes it.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()

    def told(self, product):
        return product

    @hookimpl
    def op_export_products(self, request):
        page = ModelShop.op_export_products(self, request)
        return attrs.evolve(page, products=tuple(self.told(one) for one in page.products))


class _Parents(_Broken):
    """It leaves out the second variant of a product."""

    kills = "products-all-come"
    says = "a product that is left out of a whole run is taken as gone"
    also = ("products-have-their-price", "products-have-their-stock", "products-keep-their-ids")

    @hookimpl
    def op_export_products(self, request):
        page = ModelShop.op_export_products(self, request)
        return attrs.evolve(page, products=tuple(one for one in page.products if one.variant_id != "32"))


class _NeverDone(_Broken):
    """It takes an empty page for one that has others after it."""

    kills = "products-may-be-none"
    says = "a new shop could never finish an export"

    @hookimpl
    def op_export_products(self, request):
        page = ModelShop.op_export_products(self, request)
        return page if page.products else attrs.evolve(page, done=False)


class _WholeCatalogue(_Broken):
    """It gives all at once."""

    kills = "products-respect-the-limit"
    says = "a page of a large catalogue would be of any size"

    @hookimpl
    def op_export_products(self, request):
        first = int(request.cursor or 0)
        many = max(request.limit, 3)
        return ProductPage(self.products[first : first + many], str(first + many), first + many >= len(self.products))


class _InMemory(_Broken):
    """It keeps its place in itself."""

    kills = "products-resume-in-a-fresh-process"
    says = "a product that is left out of a whole run is taken as gone"

    def __copy__(self):
        other = type(self)()
        object.__setattr__(other, "products", self.products)
        return other

    @hookimpl
    def op_export_products(self, request):
        first = 0 if request.cursor is None else vars(self).get("place", 0)
        vars(self)["place"] = first + request.limit
        return ModelShop.op_export_products(self, attrs.evolve(request, cursor=str(first)))


class _Whole(_Broken):
    """It cuts the cents off."""

    kills = "products-have-their-price"
    says = "Order Protection would offer replacements by a wrong price"

    def told(self, product):
        return attrs.evolve(product, price=Money(int(product.price.amount), product.price.currency))


class _Uncounted(_Broken):
    """It takes 0 for nothing known."""

    kills = "products-have-their-stock"
    says = "Order Protection would offer replacements by a wrong quantity"

    def told(self, product):
        return attrs.evolve(product, quantity=product.quantity or None)


class _AllActive(_Broken):
    """It tells everything as for sale."""

    kills = "products-tell-what-is-not-for-sale"
    says = "a replacement would be offered of what is not for sale"

    def told(self, product):
        return attrs.evolve(product, status="ACTIVE")


class _NoVariants(_Broken):
    """It tells a variant by the id of its product alone."""

    kills = "products-keep-their-ids"
    says = "a product would be told as new on each run, or two as one"

    def told(self, product):
        return attrs.evolve(product, variant_id="")


FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.ProductSuite, lambda: Model(shop=fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} == set(found)


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.ProductSuite])} == {fault.kills for fault in FAULTS}
