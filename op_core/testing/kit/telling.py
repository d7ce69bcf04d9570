"""What an order on a page says: each fact as the shop holds it, and what belongs to whom."""

from __future__ import annotations

import pytest

from op_core.models import LineQuantity, Order
from op_core.storefront import Storefront
from op_core.testing.kit.asked import a_reship
from op_core.testing.kit.cases import Suite, case, wrong
from op_core.testing.kit.facts import same
from op_core.testing.kit.given import ODD, held, line, plain, several
from op_core.testing.kit.walking import as_on_a_page, ids, orders, told, walk
from op_core.testing.subject import CannotHold, Subject

__all__ = ["TellingSuite"]

EXPORT = "op_export_orders"
WRONG = "Order Protection would decide claims on wrong figures"


class TellingSuite(Suite):
    """The cases of an export that are about one order. `ExportSuite` inherits them."""

    @case(WRONG, EXPORT)
    def test_tells_the_total(self, adapter: Subject, store: Storefront) -> None:
        """Total and currency are the shop's, to the last digit."""
        order, found = told(adapter, store, plain())
        same(f"{WRONG}: of a total of {found.total} in place of {order.total}", found, order, "total", "currency")

    @case("a line's claim would be for the wrong thing", EXPORT)
    def test_tells_the_lines(self, adapter: Subject, store: Storefront) -> None:
        """Each line has its id, SKU and quantity."""
        order, found = told(adapter, store, plain())
        same(
            "a customer could claim for more than was bought, or less", found, order, "number of", ": sku", ": quantity"
        )

    @case(WRONG, EXPORT)
    def test_tells_the_prices(self, adapter: Subject, store: Storefront) -> None:
        """Each line has the price of one unit, and its discount and tax of all units."""
        lines = (line(1, "10.00", 3, discount="1.00", tax="1.13"), line(2, "0.29", 2))
        order, found = told(adapter, store, plain(lines=lines))
        same(f"{WRONG}: the refund for a line would be too high or too low", found, order, ": unit", ": disc", ": tax")

    @case(WRONG, EXPORT)
    def test_tells_the_sums(self, adapter: Subject, store: Storefront) -> None:
        """Shipping, tax, discount and subtotal are the shop's."""
        tax = ODD["with tax on lines and shipping"](1)
        order, found = told(adapter, store, tax)
        same(f"{WRONG}: a refund with shipping would be of another amount", found, order, "sum")

    @case("a replacement would be sent to the wrong place", EXPORT)
    def test_tells_the_addresses(self, adapter: Subject, store: Storefront) -> None:
        """Both addresses are the order's, each in its place; a postal code keeps its first 0."""
        order, found = told(adapter, store, plain())
        same("a replacement would be sent to the wrong place", found, order, "address")

    @case("Order Protection could not tell whose order it is", EXPORT)
    def test_tells_the_customer(self, adapter: Subject, store: Storefront) -> None:
        """The customer's e-mail is the order's."""
        order, found = told(adapter, store, plain())
        same("the customer could not claim: nobody would know the order by this e-mail", found, order, "customer")

    @case("a refund would be taken from the wrong payment, or held", EXPORT)
    def test_tells_the_payments(self, adapter: Subject, store: Storefront) -> None:
        """A page may leave payments out. Each that it has, has its id, what was captured and what was given back."""
        order, found = told(adapter, store, plain())
        if not found.payments:
            raise CannotHold("a page of orders has no payments here; op_get_order has")
        same("more than was paid could be given back, or nothing at all", found, order, "payment")

    @pytest.mark.parametrize("kind", ODD)
    @case("the customers of such orders could not claim, or would get wrong amounts", EXPORT)
    def test_tells_odd_orders(self, adapter: Subject, store: Storefront, kind: str) -> None:
        """An order that is unusual, and that a shop has every week, comes as the shop holds it."""
        order, found = told(adapter, store, ODD[kind](1))
        same(f"an order {kind} would be told wrong, and its claim be decided on that", found, order)

    @case("a claim could not be joined to its order", EXPORT, "op_get_order")
    def test_tells_what_get_order_tells(self, adapter: Subject, store: Storefront) -> None:
        """An order on a page is the one that `op_get_order` returns."""
        _, found = told(adapter, store, plain())
        same(
            "what Order Protection decides on would not be what the refund is checked against, so that it is held",
            found,
            as_on_a_page(found, store.get_order(found.id)),
        )

    @case("an order would be sent twice at one moment, and one of both be refused", EXPORT)
    def test_tells_it_once_on_a_page(self, adapter: Subject, store: Storefront) -> None:
        """No page has an order twice: not even one of several lines, payments and parcels."""
        several(adapter, 2)
        found = ids([store.export_orders(None, None, 50)])
        if len(found) > len(set(found)):
            wrong("an order would be sent twice at one moment, and one of both be refused", f"{found} on one page")

    @case("a claim could no longer be joined to its order", EXPORT)
    def test_keeps_its_ids(self, adapter: Subject, store: Storefront) -> None:
        """Ids of order, lines and payments are the same for ever, also after a change."""
        _, before = told(adapter, store, plain())
        adapter.change(before.id)
        after = next((one for one in orders(walk(store)) if one.id == before.id), None)
        kept = None if after is None else _ids(after)
        if kept != _ids(before):
            wrong(
                "every claim for it would be held: it could not be joined to the order",
                f"ids of order, lines and payments were {_ids(before)}, and are {kept} after a change",
            )

    @case("the replacement would be exported as a sale", EXPORT, "op_create_reship")
    def test_knows_a_replacement(self, adapter: Subject, store: Storefront) -> None:
        """A replacement that is an order of its own says which order it replaces, and carries our reference."""
        order = held(adapter, plain())
        request = a_reship(order, [LineQuantity(order.lines[0].id, 1)])
        made = store.act("reship", request).order_id
        new = next((one for one in orders(walk(store)) if one.id == made), None)
        if made is None:
            raise CannotHold("a replacement is no order of its own here")
        if new is None or new.replaces != order.id or request.reference not in new.references:
            shown = new and (new.replaces, sorted(new.references))
            wrong(
                "the replacement would be told as a new sale, and the customer could claim for both",
                f"replaces and references of {made}: {shown}, expected ({order.id!r}, [{request.reference!r}])",
            )


def _ids(order: Order) -> tuple[str, list[str], list[str]]:
    return order.id, [one.id for one in order.lines], [one.id for one in order.payments]
