"""Each case of the error suite is killed by its own fault, with what would have happened in a shop."""

import inspect
import logging

import attrs
import pytest

from op_core import hookimpl
from op_core.errors import NotSent, OrderNotFound, Refused, ShopAway
from op_core.models import OrderPage, ProductPage, Stock, UnreadableOrder
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop
from op_core.testing.wires import Counting

log = logging.getLogger("broken")


class _Line(Counting):
    """A wire that every call passes, and that can be cut before the shop."""

    kinds = ("before", "away")

    def call(self):
        if kind := self.count():
            raise {"before": ConnectionError, "away": ShopAway}[kind]("the line is cut")


class _Broken(ModelShop):
    """
    A shop at the end of a line, with one fault.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()

    def _reached(self):
        self.line.call()


class _Remote(Model):
    """Its model is at the end of a line."""

    def __init__(self, shop):
        super().__init__()
        self.adapter = shop([])
        self.adapter.line = self.wire = _Line()


CUT = (ConnectionError, ShopAway)


class _EmptyPage(_Broken):
    """It takes a shop that does not answer for one without orders."""

    kills = "errors-are-no-empty-page"
    says = "orders that could not be read would be skipped for ever"

    @hookimpl
    def op_export_orders(self, request):
        try:
            return ModelShop.op_export_orders(self, request)
        except CUT:
            return OrderPage((), request.cursor, done=True)


class _Gone(_Broken):
    """It takes every failure for an order that is not there."""

    kills = "errors-are-no-missing-order"
    says = "a claim would be held as one for an order that is gone"

    @hookimpl
    def op_get_order(self, request):
        try:
            return ModelShop.op_get_order(self, request)
        except CUT:
            raise OrderNotFound from None


class _NoParcels(_Broken):
    """It takes a shop that does not answer for one that has sent nothing."""

    kills = "errors-are-no-missing-parcel"
    says = "what was sent would be told as never sent"

    @hookimpl
    def op_lookup_fulfillments(self, request):
        try:
            return ModelShop.op_lookup_fulfillments(self, request)
        except CUT:
            return {}


class _SoldOut(_Broken):
    """It takes a shop that does not answer for one that has nothing left."""

    kills = "errors-are-no-stock"
    says = "a replacement would be promised or held by a stock that nobody knows"

    @hookimpl
    def op_check_stock(self, request):
        try:
            return ModelShop.op_check_stock(self, request)
        except CUT:
            return tuple(Stock(line.line_id, 0) for line in request.lines)


class _NoProducts(_Broken):
    """It takes a shop that does not answer for one that offers nothing."""

    kills = "errors-are-no-empty-catalogue"
    says = "products that could not be read would be told as gone"

    @hookimpl
    def op_export_products(self, request):
        try:
            return ModelShop.op_export_products(self, request)
        except CUT:
            return ProductPage((), request.cursor, done=True)


class _Poisoned(_Broken):
    """It goes on with a connection that has failed."""

    kills = "errors-are-over-once-the-shop-is-back"
    says = "every claim would wait until somebody restarts op-core"

    @hookimpl
    def op_get_order(self, request):
        if vars(self).get("failed"):
            raise NotSent("this transaction is aborted")
        try:
            return ModelShop.op_get_order(self, request)
        except CUT:
            vars(self)["failed"] = True
            raise


class _Reason(_Broken):
    """It says of whom it speaks."""

    kills = "errors-hold-no-personal-data"
    says = "'zaphod-4711' of the order in an answer of op_issue_refund"

    @hookimpl
    def op_issue_refund(self, request):
        if request.amount > request.order.refundable:
            raise Refused(f"nothing is left for {request.order.customer.email}")
        return ModelShop.op_issue_refund(self, request)


class _Logs(_Broken):
    """It logs what it does, whole."""

    kills = "errors-hold-no-personal-data"
    says = "'Zaphod-4711' of the order in the log of broken"

    @hookimpl
    def op_create_reship(self, request):
        log.debug("sending again: %s", attrs.asdict(request.order, recurse=True))
        return ModelShop.op_create_reship(self, request)


class _Whom(_Broken):
    """When the shop is away, it says for whom it is."""

    kills = "errors-hold-no-personal-data"
    says = "'Zaphod-4711' of the order in an answer of op_check_stock"

    @hookimpl
    def op_check_stock(self, request):
        try:
            return ModelShop.op_check_stock(self, request)
        except CUT:
            raise NotSent(f"no stock for the order of {request.order.customer.name}") from None


class _Quotes(_Broken):
    """It says of a broken order what is in it."""

    kills = "errors-hold-no-personal-data"
    says = "'Zaphod-4711' of the order in what is said of an order that is broken"

    @hookimpl
    def op_export_orders(self, request):
        page = ModelShop.op_export_orders(self, request)
        why = [UnreadableOrder(one.id, f"odd: {self.orders[one.id].customer.name}") for one in page.unreadable]
        return attrs.evolve(page, unreadable=tuple(why))


class _Deep(_Broken):
    """Its log has a traceback with a name in it."""

    kills = "errors-hold-no-personal-data"
    says = "'Zaphod-4711' of the order in the log of broken"

    @hookimpl
    def op_add_note(self, request):
        try:
            return {}[request.order.customer.name]
        except KeyError:
            log.exception("no note")
            raise


FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.ErrorSuite, lambda: _Remote(fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} == set(found)


def test_a_shop_that_tells_its_failures_passes(failures):
    """An error that is let out, or said to be an absence, is well."""
    assert {} == failures(kit.ErrorSuite, lambda: _Remote(_Broken))


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.ErrorSuite])} == {fault.kills for fault in FAULTS}
