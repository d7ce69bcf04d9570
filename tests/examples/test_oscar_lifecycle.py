"""A real shop's orders after the sale: moved on, cancelled, protected later, protection removed; and what it told."""

from datetime import timedelta
from decimal import Decimal

import attrs
import pytest

import op_core
from op_core.ledger import actions, deliveries, exports, plans
from op_core.sandbox import Sandbox
from op_core.testing.serving import listening

TOKEN = "not-a-real-token-0000"
SECRET = "not-a-real-secret-0000"
SETTINGS = """
[ledger]
url = "sqlite:///op.db"

[stores.main]
id = "oscar-main"
adapter = "custom_store"
api_url = "{url}"
api_token = "{token}"
webhook_secrets = ["{secret}"]
[stores.main.settings]
backend = "oscar_op:OscarShop"
options = {{ database = "oscar.sqlite3" }}
[stores.main.limits]
hold_above = {{ USD = "500.00" }}
[stores.main.protection]
on_added = "bill"
on_removed = "refund"
"""
CENT = Decimal("0.01")
PREMIUMS = """SELECT order_id, incl_tax paid FROM order_surcharge WHERE code = 'order-protection'
    UNION ALL SELECT order_id, line_price_incl_tax FROM order_line WHERE partner_sku = 'PROTECT-STD'"""
# What happens, to which orders, and to how many of them; an order is chosen once.
EVENTS = {
    "cancelled": (4, """status IN ('Pending', 'Being processed')
        AND id NOT IN (SELECT order_id FROM order_shippingevent)"""),
    "moved": (2, "status = 'Pending'"),
    "arrived": (4, """status <> 'Cancelled'
        AND id IN (SELECT order_id FROM order_shippingevent GROUP BY order_id HAVING count(*) = 1)"""),
    "reinstated": (2, "status = 'Cancelled'"),
    "surcharge removed": (10, """status = 'Complete'
        AND id IN (SELECT order_id FROM order_surcharge WHERE code = 'order-protection')"""),
    "line removed": (10, """status = 'Complete'
        AND id IN (SELECT order_id FROM order_line WHERE partner_sku = 'PROTECT-STD')"""),
    "readdressed": (3, "status = 'Complete'"),
    "protected": (15, f"status = 'Complete' AND id NOT IN (SELECT order_id FROM ({PREMIUMS}))"),  # noqa: S608 - no value is in it
}  # fmt: skip
HELD = f"""
SELECT o.id, o.number, o.currency, o.date_placed, o.total_incl_tax, o.total_excl_tax, o.shipping_incl_tax,
    o.shipping_excl_tax, coalesce(u.email, o.guest_email),
    (SELECT sum(line_price_before_discounts_excl_tax) FROM order_line WHERE order_id = o.id),
    (SELECT sum(line_price_before_discounts_excl_tax - line_price_excl_tax) FROM order_line WHERE order_id = o.id),
    (SELECT sum(paid) FROM ({PREMIUMS}) WHERE order_id = o.id),
    CASE o.status WHEN 'Cancelled' THEN (SELECT max(date_created) FROM order_orderstatuschange
        WHERE order_id = o.id AND new_status = 'Cancelled') END
FROM order_order o LEFT JOIN auth_user u ON u.id = o.user_id"""  # noqa: S608 - no value is in it


@attrs.define
class Life:
    """The shop's staff, what exports the shop, and where it arrives."""

    core: op_core.Core
    sandbox: Sandbox
    staff: object
    chosen: dict = attrs.field(factory=dict)
    counts: object = None

    def there(self):
        """Return what the sandbox holds of each order, by Oscar's id."""
        return {int(order["sourceOrderId"]): order for order in self.sandbox.local.store.all("order")}

    def settle(self):
        """Wait for every webhook, and let op-core do what follows."""
        assert self.sandbox.settle(60)
        self.core.run_once()


@pytest.fixture(scope="module")
def life(tmp_path_factory, oscar_unpacked, oscar_example, staff_of):
    """All 300 orders exported, fifty of them changed in Oscar's own tables, and exported again, with echoes."""
    oscar_example("oscar_op")
    folder = tmp_path_factory.mktemp("lifecycle")
    (folder / "oscar.sqlite3").write_bytes(oscar_unpacked)
    with Sandbox(token=TOKEN) as sandbox:
        (folder / "op.toml").write_text(SETTINGS.format(url=sandbox.url, token=TOKEN, secret=SECRET), encoding="utf-8")
        with op_core.load(folder / "op.toml") as core, listening(core.asgi) as address:
            url = f"{address}/webhooks/main"
            sandbox.local.store.put("webhook", url, {"url": url, "secret": SECRET})
            sandbox.local.switchboard.change({"echo": True, "duplicates": 2})
            assert 300 == core.export("main").created
            life = Life(core, sandbox, staff_of(folder / "oscar.sqlite3"))
            live(life)
            life.counts = core.export("main")
            life.settle()
            yield life


def live(life):
    """Let staff change some orders of each kind."""
    staff = life.staff
    change = {
        "cancelled": lambda order: staff.moves(order, "Cancelled"),
        "moved": lambda order: staff.moves(order, "Being processed"),
        "arrived": staff.arrives,
        "reinstated": lambda order: staff.moves(order, "Pending"),
        "surcharge removed": staff.unprotects,
        "line removed": staff.unprotects,
        "readdressed": staff.readdresses,
        "protected": staff.protects,
    }
    chosen = set()
    for what, (limit, where) in EVENTS.items():
        found = [one for (one,) in life.staff.ask(f"SELECT id FROM order_order WHERE {where} ORDER BY id")]  # noqa: S608 - the test's own words
        life.chosen[what] = [one for one in found if one not in chosen][:limit]
        assert limit == len(life.chosen[what])
        chosen.update(life.chosen[what])
    for what, orders in life.chosen.items():
        for order in orders:
            change[what](order)


def cents(value):
    """Return an amount as Oscar's own reader has it: two places."""
    return Decimal(str(value or 0)).quantize(CENT)


def held_by_oscar(life):
    """Return what Oscar's tables say of each order, field by field, without the example's code."""
    return {
        row[0]: {
            "sourceOrderNumber": row[1],
            "currency": row[2],
            "sourceCreatedAt": wire_time(row[3]),
            "total": cents(row[4]),
            "tax": cents(row[4]) - cents(row[5]),
            "shippingCost": cents(row[7]),
            "shippingCostTax": cents(row[6]) - cents(row[7]),
            "customerEmail": row[8],
            "subtotal": cents(row[9]),
            "discountTotal": cents(row[10]),
            "premiumPaid": cents(row[11]),
            "sourceCancelledAt": wire_time(row[12]) if row[12] else None,
        }
        for row in life.staff.ask(HELD)
    }


def wire_time(text):
    """Return a time of Oscar's as the wire has it."""
    return f"{text[:10]}T{text[11:19]}.{(text[20:] or '000')[:3]}Z"


def held_by_the_sandbox(life, names):
    """Return the same fields of each order as Order Protection ended up with."""
    amounts = {"total", "tax", "shippingCost", "shippingCostTax", "subtotal", "discountTotal", "premiumPaid"}
    return {
        order_id: {name: cents(order.get(name)) if name in amounts else order.get(name) for name in names}
        for order_id, order in life.there().items()
    }


def test_only_what_changed_for_order_protection_is_sent(life):
    """Of fifty changes, those that the wire shows are updates; no order is sent as a new one."""
    assert 50 == sum(map(len, life.chosen.values()))
    assert 4 + 2 + 10 + 10 + 15 == life.counts.updated
    assert 4 == life.counts.fulfillments_updated
    assert 2 + 3 == life.counts.not_sendable
    assert (0, 0, 0) == (life.counts.created, life.counts.refused, life.counts.failed)


def test_the_sandbox_ends_with_what_oscar_holds(life):
    """All 300 orders agree field by field; only a cancellation that was taken back stays, and is listed."""
    oscar = held_by_oscar(life)
    sandbox = held_by_the_sandbox(life, next(iter(oscar.values())))
    differ = {
        (order_id, name)
        for order_id in oscar
        for name, value in oscar[order_id].items()
        if value != sandbox[order_id][name]
    }

    assert set(oscar) == set(sandbox)
    assert {(order_id, "sourceCancelledAt") for order_id in life.chosen["reinstated"]} == differ


def test_what_no_update_carries_is_listed(life):
    """A corrected address, and a cancellation that was taken back, are named; nothing else is listed."""
    listed = {int(row.order_id): row.reason for row in life.core.ledger.read(exports.states, "oscar-main")}
    lost = {"reinstated": "sourceCancelledAt", "readdressed": "address"}

    reasons = {
        order: f"an update cannot carry what changed: {field} (G-15)"
        for what, field in lost.items()
        for order in life.chosen[what]
    }
    assert reasons == listed


def test_the_parcels_end_as_oscar_shows_them(life):
    """What arrived since is DELIVERED there, and no parcel is there twice."""
    arrived = {str(order_id) for order_id in life.chosen["arrived"]}
    statuses = {
        (parcel["sourceOrderId"], parcel["fulfillmentStatus"])
        for parcel in life.sandbox.local.store.all("fulfillment")
        if parcel["sourceOrderId"] in arrived
    }

    assert {(order_id, "DELIVERED") for order_id in arrived} == statuses
    assert life.counts.fulfillments_created == 0


def test_each_change_of_protection_was_told_and_echoed(life):
    """Twenty removals and fifteen additions came back as webhooks, twice each, and not one moved money."""
    came = [(one.topic, one.state) for one in life.core.ledger.read(deliveries.listing, "oscar-main", None, 1000)]

    assert 20 * 2 == came.count(("protection.removed", "duplicate"))
    assert 15 * 2 == came.count(("protection.added", "duplicate"))
    assert 35 * 2 == len(came)
    assert [] == life.core.ledger.read(actions.listing, "oscar-main")
    assert [(0,)] == life.staff.ask("SELECT count(*) FROM payment_transaction WHERE reference LIKE 'OP-%'")


def test_another_export_sends_nothing(life):
    """Nothing is new any more, whether the shop is read from its cursor or from its first order."""
    again = life.core.export("main", full=True)

    assert (0, 0, 300) == (again.created, again.updated, again.unchanged)


def test_a_removal_in_the_dashboard_is_booked_once_and_not_undone(life):
    """Oscar keeps the surcharge of what the dashboard removed; its next update does not bring protection back."""
    kept = life.staff.ask("SELECT order_id FROM order_surcharge WHERE code = 'order-protection' ORDER BY order_id")
    order_id = next(one for (one,) in kept if one not in life.chosen["protected"])
    life.sandbox.local.claims.protect({"source_order_id": str(order_id), "action": "remove"})
    life.settle()
    # An Order Protection that forgets the premium as well would take it for a new one.
    life.sandbox.local.store.put("order", str(order_id), life.there()[order_id] | {"premiumPaid": 0})
    life.staff.at += timedelta(hours=1)
    life.staff.notes(order_id, "gift wrap", 1)
    assert 1 == life.core.export("main").updated
    life.settle()

    known = life.core.ledger.read(plans.protection, "oscar-main", str(order_id))
    booked = life.staff.ask("SELECT amount FROM payment_transaction WHERE reference LIKE 'OP-%'")
    assert ([Decimal("2.45")], False) == ([cents(amount) for (amount,) in booked], known.is_on)
    assert 0 == life.there()[order_id]["premiumPaid"]
    assert ["done"] == [one.state for one in life.core.ledger.read(actions.listing, "oscar-main")]
