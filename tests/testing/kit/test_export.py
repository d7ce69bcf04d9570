"""Each case of the export suite is killed by its own fault, with what would have happened in a shop."""

import inspect
from datetime import timedelta

import attrs
import pytest

from op_core import hookimpl
from op_core.models import OrderPage
from op_core.money import Money
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class _Broken(ModelShop):
    """
    A shop with one fault: it gives each order, or page, as `told` and `page` make it.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()

    def told(self, order):
        return order

    @hookimpl
    def op_export_orders(self, request):
        page = ModelShop.op_export_orders(self, request)
        return attrs.evolve(page, orders=tuple(self.told(one) for one in page.orders))


class _Offset(_Broken):
    """It pages by a number of rows."""

    kills = "export-skips-none-when-one-moves"
    says = "1 of 5 orders would never be exported"
    also = ("export-skips-none-when-the-last-one-moves",)

    @hookimpl
    def op_export_orders(self, request):
        first = int(request.cursor or 0)
        found = ModelShop.op_export_orders(self, attrs.evolve(request, cursor=None, limit=9999))
        after = first + request.limit
        return OrderPage(found.orders[first:after], str(after), after >= len(found.orders), found.unreadable)


class _ByTimeAlone(_Broken):
    """Its cursor is a time of change, and a page begins after it."""

    kills = "export-skips-none-that-changed-at-one-time"
    says = "of 5 orders would never be exported"

    @hookimpl
    def op_export_orders(self, request):
        found = ModelShop.op_export_orders(self, attrs.evolve(request, cursor=None, limit=9999))
        left = [one for one in found.orders if not request.cursor or one.updated_at.isoformat() > request.cursor]
        page = tuple(left[: request.limit])
        cursor = page[-1].updated_at.isoformat() if page else request.cursor
        return OrderPage(page, cursor, len(left) <= request.limit, found.unreadable)


class _PlaceOfAnOrder(_Broken):
    """Its cursor is an order, and a page begins after where that is now."""

    kills = "export-skips-none-when-the-last-one-moves"
    says = "3 of 5 orders would never be exported"

    @hookimpl
    def op_export_orders(self, request):
        last = request.cursor and self.orders[request.cursor]
        cursor = last and f"{last.updated_at.isoformat(timespec='microseconds')} {last.id}"
        page = ModelShop.op_export_orders(self, attrs.evolve(request, cursor=cursor))
        return attrs.evolve(page, cursor=page.cursor and page.cursor.rpartition(" ")[2])


class _UpToTheStart(_Broken):
    """It gives what is not changed since the first page, and forgets the rest."""

    kills = "export-skips-none-that-moves"
    says = "1 of 5 orders would never be exported"

    @hookimpl
    def op_export_orders(self, request):
        latest = max((one.updated_at for one in self.orders.values()), default=None)
        until, _, cursor = (request.cursor or f"{latest} ").partition("|")
        asked = attrs.evolve(request, cursor=cursor or None)
        page = ModelShop.op_export_orders(self, asked)
        kept = tuple(one for one in page.orders if str(one.updated_at) <= until.strip() or not request.cursor)
        return attrs.evolve(page, orders=kept, cursor=f"{until.strip()}|{page.cursor}")


class _LastPageOnly(_Broken):
    """It says that it is done one order too early."""

    kills = "export-gives-every-order"
    says = "1 of 5 orders would never be exported"
    also = (
        "export-goes-on-past-a-broken-order",
        "export-skips-none-that-changed-at-one-time",
        "export-skips-none-that-moves",
    )

    @hookimpl
    def op_export_orders(self, request):
        page = ModelShop.op_export_orders(self, request)
        last = len(page.orders) == 1 and page.done and request.cursor is not None and len(self.orders) == 5
        return attrs.evolve(page, orders=()) if last else page


class _NeverDone(_Broken):
    """It takes an empty page for one that has others after it."""

    kills = "export-is-done-with-an-empty-shop"
    says = "a new shop could never finish an export"

    @hookimpl
    def op_export_orders(self, request):
        page = ModelShop.op_export_orders(self, request)
        return page if page.orders or request.cursor else attrs.evolve(page, done=False, cursor="1")


class _NoLimit(_Broken):
    """It gives two at least."""

    kills = "export-respects-the-limit"
    says = "a page of a large shop would be of any size"

    @hookimpl
    def op_export_orders(self, request):
        return ModelShop.op_export_orders(self, attrs.evolve(request, limit=max(2, request.limit)))


class _ById(_Broken):
    """It sorts by id."""

    kills = "export-gives-the-oldest-change-first"
    says = "would take its newest time for its place"

    @hookimpl
    def op_export_orders(self, request):
        found = sorted(self.orders.values(), key=lambda one: one.id)
        left = [one for one in found if request.since is None or request.since <= one.updated_at]
        left = [one for one in left if request.cursor is None or one.id > request.cursor]
        page = tuple(left[: request.limit])
        return OrderPage(page, page[-1].id if page else request.cursor, len(left) <= request.limit)


class _NumberAsCursor(_Broken):
    """Its cursor is a number."""

    kills = "export-has-a-new-cursor-on-each-page"
    says = "op-core goes on from a cursor that is new text alone"

    @hookimpl
    def op_export_orders(self, request):
        asked = attrs.evolve(request, cursor=None if request.cursor is None else self.places[request.cursor])
        page = ModelShop.op_export_orders(self, asked)
        self.places[len(self.places)] = page.cursor
        return attrs.evolve(page, cursor=len(self.places) - 1)

    places = {}  # noqa: RUF012 - one of all, so that a fresh one knows it too


class _Remembers(_Broken):
    """It goes on after what it gave last, whatever the cursor says."""

    kills = "export-resumes-from-any-cursor"
    says = "after a restart"
    also = ("export-resumes-in-a-fresh-process",)

    @hookimpl
    def op_export_orders(self, request):
        place = None if request.cursor is None else self.place[0]
        page = ModelShop.op_export_orders(self, attrs.evolve(request, cursor=place))
        self.place[0] = page.cursor
        return attrs.evolve(page, cursor=f"{len(self.place)}-{page.cursor}")

    place = [None]  # noqa: RUF012 - one of all


class _InMemory(_Broken):
    """Its cursors are known to this process alone."""

    kills = "export-resumes-in-a-fresh-process"
    says = "3 orders would be skipped"

    def __copy__(self):
        other = type(self)()
        object.__setattr__(other, "orders", self.orders)
        return other

    @hookimpl
    def op_export_orders(self, request):
        known = vars(self).setdefault("known", {None: None})
        if request.cursor not in known:
            return OrderPage((), request.cursor, done=True)
        page = ModelShop.op_export_orders(self, attrs.evolve(request, cursor=known[request.cursor]))
        known[f"page {page.cursor}"] = page.cursor
        return attrs.evolve(page, cursor=f"page {page.cursor}")


class _Created(_Broken):
    """It looks at the time when an order was made, not when it was changed."""

    kills = "export-gives-a-changed-order-again"
    says = "a change of address, lines or payment would never be told"

    @hookimpl
    def op_export_orders(self, request):
        since = request.since
        if since is None:
            return ModelShop.op_export_orders(self, request)
        page = ModelShop.op_export_orders(self, request)
        return attrs.evolve(page, orders=tuple(one for one in page.orders if "seen" not in one.tags))


class _After(_Broken):
    """It takes `since` for after."""

    kills = "export-includes-the-boundary"
    says = "an order would never be exported"
    also = ("export-leaves-out-what-is-older",)

    @hookimpl
    def op_export_orders(self, request):
        page = ModelShop.op_export_orders(self, request)
        kept = tuple(one for one in page.orders if request.since is None or one.updated_at > request.since)
        return attrs.evolve(page, orders=kept)


class _Always(_Broken):
    """It does not look at `since`."""

    kills = "export-leaves-out-what-is-older"
    says = "each run would read the whole shop again"

    @hookimpl
    def op_export_orders(self, request):
        return ModelShop.op_export_orders(self, attrs.evolve(request, since=None))


class _Touches(_Broken):
    """It marks what it has given, in the order."""

    kills = "export-changes-nothing"
    says = "find the whole shop changed"

    @hookimpl
    def op_export_orders(self, request):
        page = ModelShop.op_export_orders(self, request)
        for one in page.orders:
            if len(self.orders) == 3:
                self.orders[one.id] = attrs.evolve(one, updated_at=one.updated_at + timedelta(microseconds=1))
        return page


class _AllOrNothing(_Broken):
    """A page with a broken order is read no further than to that."""

    kills = "export-goes-on-past-a-broken-order"
    says = "one broken order would stop the export of others"

    @hookimpl
    def op_export_orders(self, request):
        page = ModelShop.op_export_orders(self, request)
        at = [one.id for one in page.unreadable]
        return page if not at else attrs.evolve(page, orders=tuple(one for one in page.orders if one.id < at[0]))


class _LeavesOut(_Broken):
    """It leaves out what it cannot read."""

    kills = "export-names-a-broken-order"
    says = "nobody would know why"

    @hookimpl
    def op_export_orders(self, request):
        return attrs.evolve(ModelShop.op_export_orders(self, request), unreadable=())


class _Total(_Broken):
    """It cuts the cents off."""

    kills = "export-tells-the-total"
    says = "of a total of 45.00 USD in place of 45.48 USD"
    also = ("export-tells-odd-orders", "export-tells-what-get-order-tells")

    def told(self, order):
        return attrs.evolve(order, total=Money(int(order.total.amount), order.currency))


class _Swallows(_Broken):
    """It keeps lines by their SKU."""

    kills = "export-tells-odd-orders"
    says = "an order with one SKU in two lines would be told wrong"

    def told(self, order):
        return attrs.evolve(order, lines=tuple({one.sku: one for one in order.lines}.values()))


class _FirstUnit(_Broken):
    """It tells a line of several units as one unit."""

    kills = "export-tells-the-lines"
    says = "a customer could claim for more than was bought, or less"
    also = ("export-tells-odd-orders", "export-tells-what-get-order-tells")

    def told(self, order):
        return attrs.evolve(order, lines=tuple(attrs.evolve(one, quantity=1) for one in order.lines))


class _Joined(_Broken):
    """It tells each line once for each payment."""

    kills = "export-tells-the-lines"
    says = "number of lines of order 2001 is 4, expected 2"
    also = ("export-tells-odd-orders", "export-tells-what-get-order-tells")

    def told(self, order):
        return attrs.evolve(order, lines=order.lines * 2)


class _Twice(_Broken):
    """It tells each order once for each address."""

    kills = "export-tells-it-once-on-a-page"
    says = "an order would be sent twice at one moment"

    @hookimpl
    def op_export_orders(self, request):
        page = ModelShop.op_export_orders(self, request)
        return page if request.limit < 50 else attrs.evolve(page, orders=page.orders * 2)


class _PerUnit(_Broken):
    """It tells the discount of one unit as that of the line."""

    kills = "export-tells-the-prices"
    says = "the refund for a line would be too high or too low"

    def told(self, order):
        lines = [attrs.evolve(one, discount=each(one)) for one in order.lines]
        return attrs.evolve(order, lines=tuple(lines))


class _NoShippingTax(_Broken):
    """It leaves out the tax of shipping."""

    kills = "export-tells-the-sums"
    says = "a refund with shipping would be of another amount"

    def told(self, order):
        return attrs.evolve(order, shipping_tax=None)


class _NumberAsZip(_Broken):
    """It takes a postal code for a number."""

    kills = "export-tells-the-addresses"
    says = "a replacement would be sent to the wrong place"
    also = ("export-tells-odd-orders", "export-tells-what-get-order-tells")

    def told(self, order):
        to = order.shipping_address
        return attrs.evolve(order, shipping_address=to and attrs.evolve(to, postal_code=to.postal_code.lstrip("0")))


class _NoEmail(_Broken):
    """It masks e-mails."""

    kills = "export-tells-the-customer"
    says = "the customer could not claim"
    also = ("export-tells-odd-orders", "export-tells-what-get-order-tells")

    def told(self, order):
        return attrs.evolve(order, customer=attrs.evolve(order.customer, email="x@example.com"))


class _FirstPayment(_Broken):
    """It names its payments by their place."""

    kills = "export-tells-the-payments"
    says = "more than was paid could be given back"
    also = ("export-tells-odd-orders", "export-tells-what-get-order-tells")

    def told(self, order):
        payments = [attrs.evolve(one, id=str(n)) for n, one in enumerate(order.payments)]
        return attrs.evolve(order, payments=tuple(payments))


class _Other(_Broken):
    """Its lists name an order by its number."""

    kills = "export-tells-what-get-order-tells"
    says = "would not be what the refund is checked against"
    also = ("export-tells-odd-orders",)

    def told(self, order):
        return attrs.evolve(order, number=f"No {order.number}") if len(self.orders) == 3 else order


class _NewIds(_Broken):
    """Its lines are rows that a change writes anew."""

    kills = "export-keeps-its-ids"
    says = "every claim for it would be held"

    def told(self, order):
        if "seen" not in order.tags:
            return order
        return attrs.evolve(order, lines=tuple(attrs.evolve(one, id=f"new-{one.id}") for one in order.lines))


class _Sale(_Broken):
    """It tells a replacement as any other order."""

    kills = "export-knows-a-replacement"
    says = "the replacement would be told as a new sale"

    def told(self, order):
        return attrs.evolve(order, replaces=None)


def each(line):
    return line.discount and Money(line.discount.amount / line.quantity, line.discount.currency).rounded()


FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.kills)
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.ExportSuite, lambda: Model(shop=fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} == set(found)


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.ExportSuite])} == {fault.kills for fault in FAULTS}
