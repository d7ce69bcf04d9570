"""Replacements."""

from __future__ import annotations

from typing import ClassVar

from op_core.models import Address, LineQuantity, Order
from op_core.requests import ReshipRequest
from op_core.storefront import Storefront
from op_core.testing import bodies
from op_core.testing.kit.asked import a_reship
from op_core.testing.kit.cases import case, wrong
from op_core.testing.kit.effects import EffectSuite, Tried
from op_core.testing.kit.played import Played
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Effected, Subject

__all__ = ["ReshipSuite"]

_STOCK = 3
_ELSEWHERE = Address(
    first_name="Customer",
    last_name="Moved",
    street_address_1="2 Example Road",
    city="Otherville",
    country_area="CA",
    postal_code="90001",
    country="US",
)


class ReshipSuite(EffectSuite):
    """What was lost is sent again, once, and costs the customer nothing."""

    name: ClassVar[str] = "reship"
    verb: ClassVar[str] = "reship"
    words = {"what": "reship", "make": "op_create_reship", "find": "op_find_reship"}  # noqa: RUF012 - never changed

    def ask(self, order: Order, *, n: int = 1) -> ReshipRequest:
        """One unit of the first line."""
        return a_reship(order, (LineQuantity(order.lines[0].id, 1),), n=n)

    @case("the customer would be billed for a replacement", "op_create_reship")
    def test_costs_the_customer_nothing(self, adapter: Subject, tried: Tried) -> None:
        """The customer owes nothing for a replacement: no price, no tax, no shipping."""
        made = _made(tried, self.ask(adapter.put(an_order())))
        if made.owed is None or made.owed:
            wrong(f"the customer would be billed {made.owed} for a replacement", f"{made}, expected nothing owed")

    @case("a replacement could be refunded: the customer gets goods and money", "op_create_reship")
    def test_inherits_no_money(self, adapter: Subject, tried: Tried) -> None:
        """A replacement has no payments of the original order: the shop thinks that nothing was paid for it."""
        made = _made(tried, self.ask(adapter.put(an_order())))
        if made.paid is None or made.paid:
            wrong(
                f"a replacement could be refunded: the customer would get the goods and {made.paid}",
                f"{made}, expected nothing paid",
            )

    @case("a refund of a replacement would give the original's money away a second time", "op_create_reship", core=True)
    def test_gives_no_money_back(self, adapter: Subject, store: Storefront) -> None:
        """A refund that is decided for a replacement gives nothing: it is held or refused."""
        order = adapter.put(an_order())
        played = Played.by(adapter, store)
        line = order.lines[0].id
        played.hear(bodies.approved(bodies.resolution("RESHIP", bodies.item(line)), order=order.id))
        for new in [one.shop_id for one in adapter.effects()]:
            played.hear(
                bodies.approved(bodies.resolution("REFUND", bodies.item(line)), order=new, claim="C2", event="evt-2")
            )
        given = [one for one in adapter.effects() if one.amount is not None and one.amount.amount]
        if given:
            wrong(f"the customer would get goods and money: {given[0].amount} for a replacement", f"{given}")

    @case("the whole order would be sent again, or the wrong goods", "op_create_reship")
    def test_is_of_its_lines_alone(self, adapter: Subject, tried: Tried) -> None:
        """A replacement holds the units that were asked for, of the lines that were asked for, and no others."""
        order = adapter.put(an_order())
        request = a_reship(order, (LineQuantity(order.lines[1].id, 1),))
        made = _made(tried, request)
        if made.lines != request.lines:
            wrong("the customer would get other goods than were decided", f"{made.lines}, expected {request.lines}")

    @case("a second unit would be missing, or one too many be sent", "op_create_reship")
    def test_has_its_quantities(self, adapter: Subject, tried: Tried) -> None:
        """Two units of one line and one of another are three units: two and one."""
        order = adapter.put(an_order())
        request = a_reship(order, tuple(LineQuantity(one.id, one.quantity) for one in order.lines))
        made = _made(tried, request)
        if sorted(made.lines, key=_key) != sorted(request.lines, key=_key):
            wrong("the customer would get too many units, or too few", f"{made.lines}, expected {request.lines}")

    @case("the replacement would go where the customer no longer lives", "op_create_reship", "op_get_order")
    def test_goes_where_it_was_asked_to(self, adapter: Subject, tried: Tried) -> None:
        """
        It goes to the request's address, not to the order's, where the two differ. A shop that sends replacements to
        their order's address alone refuses another one, and makes nothing.
        """
        order = adapter.put(an_order())
        request = a_reship(order, (LineQuantity(order.lines[0].id, 1),), address=_ELSEWHERE)
        outcome = tried.attempt(request)
        if outcome.state == "refused" and not adapter.effects():
            return
        if outcome.state == "pending":
            adapter.settle(request.reference)
        to = tried.store.get_order(tried.only(request).shop_id).shipping_address
        for name in ("street_address_1", "city", "postal_code", "country"):
            if to is None or getattr(to, name) != getattr(_ELSEWHERE, name):
                wrong("the parcel would go to the address that the customer left", f"another {name} than the request's")

    @case("the shop's own replacement would be exported as a sale, and a second one be insured", "op_create_reship",
          "op_get_order")  # fmt: skip
    def test_is_known_as_ours(self, adapter: Subject, tried: Tried) -> None:
        """An order that replaces another one says so when it is read: by our reference, or by the order it replaces."""
        order = adapter.put(an_order())
        request = self.ask(order)
        outcome = tried.settled(request)
        if outcome.order_id is None:  # it is no order of its own: nothing comes back as one
            return
        new = tried.store.get_order(outcome.order_id)
        if request.reference not in new.references or new.replaces != order.id:
            wrong(
                "the replacement would be exported as a new sale, and be insured again",
                f"references {sorted(new.references)}, replaces {new.replaces}; expected {request.reference} and "
                f"{order.id}",
            )

    @case("the original order would lose its money, or be changed after the fact", "op_create_reship", "op_get_order")
    def test_leaves_the_original_alone(self, adapter: Subject, tried: Tried) -> None:
        """The original order keeps its lines, its total and its payments."""
        order = adapter.put(an_order())
        before = tried.store.get_order(order.id)
        tried.settled(self.ask(order))
        after = tried.store.get_order(order.id)
        for name in ("lines", "total", "payments"):
            if getattr(before, name) != getattr(after, name):
                wrong(f"the original order's {name} would be changed by a replacement", f"other {name} than before")

    @case("a unit that is sent again would be sold to somebody else, too", "op_create_reship", "op_check_stock")
    def test_takes_its_stock(self, adapter: Subject, tried: Tried) -> None:
        """The units of a replacement are taken from stock, as those of a sale, where the request says so."""
        if (left := _left_of_three(adapter, tried)) != _STOCK - 1:
            wrong("the unit that is sent again would be sold to somebody else, too", f"{left} left of 3, expected 2")

    @case("a parcel that is lost a second time could not be claimed", "op_create_reship", "op_get_order")
    def test_of_a_replacement_works(self, adapter: Subject, tried: Tried) -> None:
        """A replacement that was lost too can be replaced in its turn."""
        first = tried.settled(self.ask(adapter.put(an_order())))
        if first.order_id is None:  # it is no order of its own: there is no claim on it
            return
        new = tried.store.get_order(first.order_id)
        request = a_reship(new, (LineQuantity(new.lines[0].id, 1),), n=2)
        tried.make(request)
        if len(tried.there(request)) != 1:
            wrong("a customer whose replacement is lost too would get nothing", "no replacement of the replacement")

    @case("the customer would get the goods twice", "op_create_reship", core=True)
    def test_is_one_for_one_decision(self, adapter: Subject, store: Storefront) -> None:
        """One decision that comes three times, under three event ids, is one replacement at most."""
        order = adapter.put(an_order())
        asked = bodies.resolution("RESHIP", bodies.item(order.lines[0].id))
        Played.by(adapter, store).hear(*(bodies.approved(asked, order=order.id, event=f"evt-{n}") for n in range(3)))
        made = adapter.effects()
        if len(made) > 1:
            wrong(f"the customer would get {len(made)} replacements", f"{made}, expected one at most")

    @case("goods and money would be given for one unit", "op_create_reship", core=True)
    def test_moves_no_money(self, adapter: Subject, store: Storefront) -> None:
        """A reship is a reship: where the shop cannot make it, it is held, and no refund takes its place."""
        order = adapter.put(an_order())
        asked = bodies.resolution("RESHIP", bodies.item(order.lines[0].id))
        Played.by(adapter, store).hear(bodies.approved(asked, order=order.id))
        given = [one for one in adapter.effects() if one.verb != "reship" or (one.amount and one.amount.amount)]
        if given:
            wrong("the customer would get money in the place of goods, or both", f"{given}, expected goods alone")


def _left_of_three(adapter: Subject, tried: Tried) -> int | None:
    """Leave three units of a line, have one sent again, and return how many the shop says are left."""
    order = adapter.put(an_order())
    one = (LineQuantity(order.lines[0].id, 1),)
    adapter.stock(order, order.lines[0].id, _STOCK)
    tried.settled(a_reship(order, one))
    (stock,) = tried.store.check_stock(order, one)
    return stock.available


def _made(tried: Tried, request: ReshipRequest) -> Effected:
    tried.settled(request)
    return tried.only(request)


def _key(line: LineQuantity) -> tuple[str, int]:
    return line.line_id, line.quantity
