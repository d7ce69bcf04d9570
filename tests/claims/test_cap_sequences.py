"""Promise 4, caps: whatever is decided, fails, is approved or done by hand, no money and no unit is given twice."""

from collections import Counter
from contextlib import suppress

import attrs
from hypothesis import example, given, settings
from hypothesis import strategies as st

from op_core.errors import PersonError
from op_core.hooks import hookimpl
from op_core.models import Line, Payment
from op_core.money import Money, total
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

UNITS = {"1": 2, "2": 1}


@attrs.define(eq=False)
class Noting(ModelShop):
    """
    A shop that notes on a line which of its units were refunded.

    Attributes:
        by_hand: Units of each line that its own staff refunded.
        notes: Without, its own figures never hold what we gave back.
    """

    by_hand: Counter[str] = attrs.field(factory=Counter)
    notes: bool = True

    @hookimpl
    def op_get_order(self, request):
        """Return the order with what was refunded of each line."""
        order = super().op_get_order(request)
        if not self.notes:
            none = Money(0, order.currency)
            return attrs.evolve(order, payments=tuple(attrs.evolve(one, refunded=none) for one in order.payments))
        noted = self.by_hand + self.given("refund")
        lines = tuple(attrs.evolve(line, refunded_quantity=noted[line.id]) for line in order.lines)
        return attrs.evolve(order, lines=lines)

    def given(self, *verbs):
        """Count the units of effects; parts of one refund are one."""
        claims = {request.reference: request.claim_id for request in self.requests if hasattr(request, "claim_id")}
        units = Counter()
        once = {}
        for effect in self.effects:
            if effect.verb in verbs:
                once[claims[effect.reference], effect.verb] = effect.lines
        for lines in once.values():
            units.update({line.line_id: line.quantity for line in lines})
        return units


def a_scene(currency, paid, *, notes):
    """Return a store whose order of two units of line 1 and one of line 2 was paid in several payments."""
    order = an_order(
        currency=currency,
        lines=tuple(Line(name, "A thing", units, Money(20, currency)) for name, units in UNITS.items()),
        payments=tuple(
            Payment(f"pay-{n}", Money(captured, currency), Money(0, currency)) for n, captured in enumerate(paid)
        ),
    )
    acts = {"store_credit": "act", "flat_rate": "act"}
    return Scene.make(Noting([order], notes=notes), resolutions=acts, limits={"hold_above": {currency: "1000"}})


FAULTS = st.sampled_from(["ok", "ok", "ok", "refuse", "lost", "pending", "raise", "not_sent"])
DECIDED = st.tuples(
    st.sampled_from(["REFUND", "STORE_CREDIT", "FLAT_RATE", "RESHIP"]),
    st.sampled_from([("1", 1), ("1", 2), ("2", 1)]),
    st.sampled_from([1, 2, 3, 6]),
    FAULTS,
)
PERSON = st.tuples(st.sampled_from(["approve", "retry", "decline", "record"]), st.integers(0, 5))
BY_HAND = st.tuples(st.just("by hand"), st.integers(0, 2), st.sampled_from(["1", "2"]))
STEPS = st.lists(
    st.one_of(DECIDED, DECIDED, DECIDED, PERSON, BY_HAND, BY_HAND, st.just(("wait",))), min_size=3, max_size=9
)


@settings(max_examples=40, deadline=None)
@given(
    steps=STEPS,
    currency=st.sampled_from(["USD", "JPY", "KWD"]),
    paid=st.sampled_from([("60",), ("20", "25", "15"), ("19.99967", "40.00011"), ("59.9999967",)]),
    notes=st.booleans(),
)
@example(
    steps=[("REFUND", ("1", 1), 6, "ok"), ("REFUND", ("2", 1), 1, "ok")], currency="USD", paid=("60",), notes=False
)
@example(steps=[("by hand", 0, "1"), ("STORE_CREDIT", ("2", 1), 6, "ok")], currency="JPY", paid=("60",), notes=True)
@example(steps=[("by hand", 0, "2"), ("RESHIP", ("2", 1), 1, "ok")], currency="KWD", paid=("60",), notes=True)
def test_no_sequence_gives_more_than_there_is(steps, currency, paid, notes):
    """After every step: no payment below nothing, no more back than was paid, no unit of a line twice."""
    scene = a_scene(currency, paid, notes=notes)
    shop = scene.shop
    faults = []
    shop.faults = lambda verb, _: "ok" if verb.startswith("find") or not faults else faults.pop()
    for n, step in enumerate(steps):
        if len(step) == 4:
            kind, (line, quantity), sixths, fault = step
            faults[:] = [fault]
            amount = str(Money(60, currency).amount * sixths / 6)
            flat = {"resolution_flat_amount": amount} if kind == "FLAT_RATE" else {}
            said = bodies.resolution(kind, bodies.item(line, quantity, amount, **flat), total=amount, currency=currency)
            scene.deliver(bodies.approved(said, claim=f"C{n}", event=f"e{n}"))
        elif step[0] == "wait":
            scene.wait(minutes=10)
        elif step[0] == "by hand":
            if notes:
                give_by_hand(shop, *step[1:])
        else:
            decide(scene, *step)
        scene.run()
        look(shop, currency)
    scene.ledger.close()


def decide(scene, word, which):
    """Let a person decide about some action, as far as the rules let them; who records tells the truth."""
    known = scene.actions()
    if not known:
        return
    action = known[which % len(known)]
    made = [one.shop_id for one in scene.shop.effects if one.reference == action.reference]
    with suppress(PersonError):
        if word == "record":
            scene.record(action, done=made[0] if made else None)
        else:
            getattr(scene, word)(action)


def waiting(shop):
    """Return the refunds that the shop took and has not done."""
    return [one.amount for one in shop.effects if one.verb == "refund" and not one.settled]


def back(shop, currency):
    """Return all that was given back, refunds that are pending and store credit included."""
    credit = [one.amount for one in shop.effects if one.verb == "store_credit"]
    refunded = [one.refunded for one in shop.orders["1001"].payments]
    return total([*refunded, *waiting(shop), *credit], currency)


def give_by_hand(shop, payment, line):
    """Give a sixth of what was paid back in the shop, and note a unit as refunded, as far as there is one left."""
    order = shop.orders["1001"]
    step = Money(10, order.currency)
    taken = total(waiting(shop), order.currency) + step
    chosen = order.payments[payment % len(order.payments)]
    if back(shop, order.currency) + step <= order.paid and taken <= chosen.refundable:
        less = attrs.evolve(chosen, refunded=chosen.refunded + step)
        paid = tuple(less if one is chosen else one for one in order.payments)
        shop.orders["1001"] = attrs.evolve(order, payments=paid)
    if (shop.by_hand + shop.given("refund", "store_credit", "reship"))[line] < UNITS[line]:
        shop.by_hand[line] += 1


def look(shop, currency):
    """See that the caps hold."""
    order = shop.orders["1001"]
    assert not shop.notes or all(payment.refundable.amount >= 0 for payment in order.payments), "below nothing"
    assert back(shop, currency) <= order.paid.rounded(), "more than was paid"
    used = shop.by_hand + shop.given("refund", "store_credit", "reship")
    assert all(used[line] <= units for line, units in UNITS.items()), "more than was ordered"
    assert {} == shop.doubled()
