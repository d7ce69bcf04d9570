"""Replacements that cost something, hold something else, go elsewhere, or are money."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from op_corner_shop import CornerShopAdapter, mapping

from animals.reading import Reading
from animals.registry import animal
from op_core.errors import Refused
from op_core.hooks import hookimpl
from op_core.models import LineQuantity, Order, Outcome
from op_core.requests import Effect, ReshipRequest

Body = Mapping[str, Any]


class _Asking(CornerShopAdapter):
    """Asks for replacements in a way of its own."""

    def asked(self, body: Body) -> Body:
        """Return what it asks for."""
        raise NotImplementedError

    def _made(self, name: str, request: Effect, body: Body) -> Outcome:
        return super()._made(name, request, self.asked(body) if name == "replacements" else body)


@animal("reship-costs-the-customer-nothing", "the customer would be billed 20.00 USD for a replacement")
class ReplacementThatBills(_Asking):
    """
    The price is left to the shop, which bills what it billed before.

    https://github.com/saleor/saleor/issues/16667
    """

    def asked(self, body: Body) -> Body:
        """Say no price."""
        return {key: value for key, value in body.items() if key != "price"}


@animal("reship-inherits-no-money", "the customer would get the goods and 60.00 USD")
class ReplacementThatCopiesPayments(_Asking):
    """
    The payments are copied with the order.

    https://github.com/saleor/saleor/pull/6599
    """

    def asked(self, body: Body) -> Body:
        """Leave the payments to the shop."""
        return {key: value for key, value in body.items() if key != "payments"}


@animal("reship-takes-its-stock", "the unit that is sent again would be sold to somebody else, too")
class StockLeftToChance(_Asking):
    """
    Whether the units are taken from stock, nobody can tell.

    https://github.com/saleor/saleor/issues/16667
    """

    def asked(self, body: Body) -> Body:
        """Leave it to the shop."""
        return {key: value for key, value in body.items() if key != "take_stock"}


@animal("reship-goes-where-it-was-asked-to", "the parcel would go to the address that the customer left")
class AddressOfTheOrder(_Asking):
    """
    The address of the decision is not passed on.

    https://docs.orderprotection.com/webhooks/claims/claim-approved
    """

    def asked(self, body: Body) -> Body:
        """Leave the address to the shop."""
        return {key: value for key, value in body.items() if key != "ship_to"}


@animal("reship-has-its-quantities", "the customer would get too many units, or too few")
class OneOfEach(_Asking):
    """
    Each line is sent again once, however many units were lost.

    https://github.com/spree/spree/pull/14678
    """

    def asked(self, body: Body) -> Body:
        """Count to one."""
        return {**body, "lines": [{**line, "quantity": 1} for line in body["lines"]]}


@animal("reship-is-of-its-lines-alone", "the customer would get other goods than were decided")
class WholeOrderAgain(CornerShopAdapter):
    """
    One item cannot be sent again without the others.

    https://github.com/medusajs/medusa/issues/3361
    """

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """Send everything."""
        every = tuple(LineQuantity(line.id, line.quantity) for line in request.order.lines)
        return super().op_create_reship(attrs.evolve(request, lines=every))


@animal("reship-of-a-replacement-works", "refused (this order is a replacement), expected done")
class ReplacedOnlyOnce(CornerShopAdapter):
    """
    What a claim has sent cannot be claimed itself.

    https://github.com/medusajs/admin/issues/426
    """

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """Refuse."""
        if request.order.replaces is not None:
            raise Refused("this order is a replacement")
        return super().op_create_reship(request)


@animal("reship-moves-no-money", "the customer would get money in the place of goods, or both")
class RefundInPlaceOfGoods(CornerShopAdapter):
    """
    What cannot be sent again is refunded instead, unasked.

    https://merchants.help.route.com/hc/en-us/articles/360055934194
    """

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """Give the money back."""
        line = request.order.line(request.lines[0].line_id)
        assert line is not None
        body = {"reference": request.reference, **mapping.amount_of(line.unit_price)}
        made = self.client.post("orders", request.order.id, "refunds", key=request.reference, body=body)
        return Outcome("done", made["refund"]["id"])


@animal("export-knows-a-replacement", "the replacement would be told as a new sale")
class EchoBookedTwice(Reading):
    """
    Our own replacement comes back as an order of the shop.

    https://github.com/magento/magento2/issues/24149
    """

    def seen(self, order: Order) -> Order:
        """Not see what is ours."""
        return attrs.evolve(order, replaces=None, references=frozenset())


@animal("reship-leaves-the-original-alone", "the original order's payments would be changed by a replacement")
class OriginalUndone(CornerShopAdapter):
    """
    A compensation undoes what another run has done.

    https://github.com/medusajs/medusa/pull/15527
    """

    @hookimpl
    def op_create_reship(self, request: ReshipRequest) -> Outcome:
        """Undo the sale that is replaced."""
        body = {**mapping.amount_of(request.order.payments[0].captured), "reference": ""}
        self.client.post("orders", request.order.id, "refunds", key=f"{request.reference}-undo", body=body)
        return super().op_create_reship(request)
