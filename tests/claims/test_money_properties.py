"""Promise 4, exact money, over drawn decisions: reckoned anew here in fractions, from the bytes to the parts."""

from decimal import Decimal
from fractions import Fraction
from itertools import product

from hypothesis import assume, given
from hypothesis import strategies as st

from op_core.capabilities import Capability, Support
from op_core.claims.content import of_resolution
from op_core.claims.plan import Situation, plan_claim
from op_core.claims.readings import readings
from op_core.models import Line, Payment
from op_core.money import Money, exponent, total
from op_core.order_protection import dialects
from op_core.testing import bodies
from op_core.testing.model_shop import an_order
from op_core.testing.scene import settings_of

CURRENCIES = st.sampled_from(["USD", "JPY", "BHD", "KWD"])
UNITS, EXTRAS, PLACES = ("unit", "line"), (0, 1, 2), ("line", "sum")
WAYS = list(product(UNITS, EXTRAS, PLACES))
STORE = settings_of(limits={"hold_above": dict.fromkeys(("USD", "JPY", "BHD", "KWD"), "1000000")})


def amounts(digits, most=500):
    """Draw amounts of so many digits after the point."""
    return st.decimals("0", str(most), places=digits)


@st.composite
def asked(draw, currency, *, flat=False):
    """Draw the items of a decision, each of an order's line of its own, and what it says of shipping."""
    digits = exponent(currency)
    items = [
        bodies.item(
            str(n),
            draw(st.integers(1, 5)),
            draw(amounts(digits)),
            discount=draw(amounts(digits, 40)),
            tax=draw(amounts(draw(st.sampled_from([digits, digits + 1])), 60)),
            **({"resolution_flat_amount": draw(amounts(digits, 90))} if flat else {}),
            **draw(st.sampled_from([{}, {"resolution_percentage": "33.3"}, {"resolution_percentage": "50"}])),
        )
        for n in range(1, draw(st.integers(1, 4)) + 1)
    ]
    return items, draw(amounts(digits, 30)), draw(amounts(digits, 9))


def in_steps(amount, currency):
    """Round half-up, as an invoice does, to whole cents, yen or fils; return how many of them."""
    steps = abs(amount) * 10 ** exponent(currency) + Fraction(1, 2)
    return steps.__floor__() * (-1 if amount < 0 else 1)


def by_hand(wanted, way, currency, *, flat=False):
    """Reckon one reading in fractions; return how many cents, yen or fils it comes to."""
    (items, shipping, tax), (unit, extra, place) = wanted, way
    shares = []
    for item in items:
        alone = Fraction(item["price"]) - Fraction(item["discount"]) + Fraction(item["tax"])
        share = (
            Fraction(item["resolution_flat_amount"])
            if flat
            else alone * Fraction(item.get("resolution_percentage", 100)) / 100
        )
        shares.append(share * (item["quantity"] if unit == "unit" else 1))
    more = [0, Fraction(shipping), Fraction(shipping) + Fraction(tax)][extra]
    if place == "line":
        return in_steps(
            sum(Fraction(in_steps(one, currency), 10 ** exponent(currency)) for one in shares) + more, currency
        )
    return in_steps(sum(shares) + more, currency)


def money(steps, currency):
    """Return so many cents, yen or fils."""
    return Money(f"{steps}e-{exponent(currency)}", currency)


def decided(wanted, owed, kind="REFUND"):
    """Return the decision as it is read from the bytes of a webhook."""
    items, shipping, tax = wanted
    said = bodies.resolution(
        kind, *items, total=str(owed.amount), currency=owed.currency, shipping_amount=shipping, shipping_amount_tax=tax
    )
    return [of_resolution(one) for one in dialects.read(bodies.approved(said)).resolutions]


def situation(currency, *paid, taken=()):
    """Return an order of four lines of five units, paid by *paid*: pairs of what was taken and given back."""
    order = an_order(
        currency=currency,
        lines=tuple(Line(str(n), "A thing", 5, Money(1, currency)) for n in range(1, 5)),
        payments=tuple(
            Payment(f"pay-{n}", Money(captured, currency), Money(refunded, currency))
            for n, (captured, refunded) in enumerate(paid, 1)
        ),
    )
    return Situation(STORE, order, taken, lambda _: Capability(Support.SUPPORTED))


def one_item(amount):
    """Return a decision about one unit that costs *amount*, and no shipping."""
    return [bodies.item(price=amount.amount, discount="0", tax="0")], "0", "0"


def holds(drafts):
    """Return the codes of all holds."""
    return {found["code"] for draft in drafts for found in draft.holds}


@given(data=st.data(), currency=CURRENCIES, flat=st.booleans())
def test_each_reading_is_what_is_reckoned_by_hand(data, currency, flat):
    """All twelve, of percentages and flat amounts, with discount, tax and shipping, in 0, 2 and 3 digits."""
    wanted = data.draw(asked(currency, flat=flat))
    (content,) = decided(wanted, Money(1, currency), "FLAT_RATE" if flat else "REFUND")

    assert [money(by_hand(wanted, way, currency, flat=flat), currency) for way in WAYS] == [
        reading.amount for reading in readings(content, currency)
    ]


@given(data=st.data(), currency=CURRENCIES)
def test_a_total_of_some_reading_acts_and_any_other_is_held(data, currency):
    """What equals a reading is owed and needs nobody; one cent, yen or fils beside every reading is held."""
    wanted = data.draw(asked(currency))
    steps = {by_hand(wanted, way, currency) for way in WAYS}
    said = data.draw(st.sampled_from(sorted(steps))) + data.draw(st.sampled_from([0, 1, -1]))
    assume(said > 0)
    owed = money(said, currency)
    drafts = plan_claim(decided(wanted, owed), situation(currency, ("900000", "0")))

    assert (set() if said in steps else {"no_reading"}) == holds(drafts)
    assert [owed] == [draft.amount for draft in drafts]


@st.composite
def paid(draw, currency):
    """Draw one to four payments, partly given back; some with digits that the currency does not have."""
    digits = exponent(currency) + draw(st.sampled_from([0, 0, 2]))
    captured = draw(st.lists(amounts(digits, 300), min_size=1, max_size=4))
    return [(one, draw(st.one_of(st.just("0"), st.just(one), amounts(digits, 100)))) for one in captured]


@given(data=st.data(), currency=CURRENCIES)
def test_the_parts_are_what_is_owed(data, currency):
    """Over any payments: exactly what is owed, or all that is left where that rounds to it; never more than one has."""
    ways = data.draw(paid(currency))
    around = situation(currency, *ways)
    left = around.order.refundable
    whole = data.draw(st.one_of(st.just(left.rounded()), st.integers(1, 40000).map(lambda n: money(n, currency))))
    assume(whole.amount > 0)
    drafts = plan_claim(decided(one_item(whole), whole), around)

    free = [one.refundable for one in around.order.payments if one.refundable.amount > 0]
    if whole > left.rounded() or whole > around.order.paid.rounded():
        assert {"above_paid"} == holds(drafts)
        assert [None] == [draft.payment_id for draft in drafts]
        return
    assert set() == holds(drafts)
    if drafts[0].payment_id is None:  # no whole cents cover it: the engine finds no payment, and holds it
        assert whole > total((one.cut() for one in free), currency)
        return
    all_of_it = total(free, currency)
    assert (all_of_it if all_of_it.rounded() == whole else whole) == total((one.amount for one in drafts), currency)
    assert all_of_it.rounded() == whole or all(draft.amount.is_exact for draft in drafts)
    have = {one.id: one.refundable for one in around.order.payments}
    assert all(draft.amount.amount > 0 and draft.amount <= have[draft.payment_id] for draft in drafts)
    assert len(drafts) == len({draft.payment_id for draft in drafts})


@given(data=st.data(), currency=CURRENCIES)
def test_what_equals_the_rest_once_rounded_is_exactly_the_rest(data, currency):
    """After any part was given back, the rest of one payment, rounded, is issued as the rest, to its last digit."""
    digits = exponent(currency)
    captured = Money(data.draw(st.decimals("2", "300", places=digits + data.draw(st.integers(1, 3)))), currency)
    part = money(data.draw(st.integers(1, int(captured.amount) * 10**digits - 1)), currency)
    rest = captured - part
    assume(rest.rounded().amount > 0)
    (draft,) = plan_claim(
        decided(one_item(rest.rounded()), rest.rounded()), situation(currency, (captured.amount, part.amount))
    )

    assert (rest, ()) == (draft.amount, draft.holds)
    over = rest.rounded() + money(1, currency)
    assert {"above_paid"} == holds(
        plan_claim(decided(one_item(over), over), situation(currency, (captured.amount, part.amount)))
    )


@given(data=st.data(), currency=CURRENCIES, more=st.integers(1, 6))
def test_more_digits_than_the_currency_has_never_act(data, currency, more):
    """Not rounded, not cut, in no reading and from no payment: held, and no approval passes it."""
    digits = exponent(currency) + more
    owed = Money(data.draw(amounts(digits).filter(lambda one: one % 10)), currency)
    assume(not owed.is_exact)
    (draft,) = plan_claim(decided(one_item(owed), owed), situation(currency, (owed.amount, "0"), ("900", "0")))

    assert "digits" in holds([draft])
    assert {False} == {found["approvable"] for found in draft.holds if found["code"] == "digits"}
    assert (owed, None) == (draft.amount, draft.payment_id)


def spelled(amount):
    """Return spellings of one amount that a body may have: with a zero at its end, with an exponent, as text."""
    plain = f"{amount:f}"
    return [plain, plain + ("0" if "." in plain else ".00"), f"{amount:e}", f'"{plain}"']


@given(steps=st.integers(1, 10**30 - 1), places=st.integers(18, 19))
def test_no_digit_is_lost_on_the_way_from_the_bytes(steps, places):
    """However an amount is spelled, and far beyond what a float holds, it arrives as it was sent."""
    amount = Decimal(f"{steps}e-{places}")
    for text in spelled(amount):
        body = bodies.approved(bodies.resolution("REFUND", bodies.item(price="7"), total="8"))
        for said in (b'"price":7', b'"total_refund_amount":8'):
            assert 1 == body.count(said)
            body = body.replace(said, said[:-1] + text.encode())
        (content,) = map(of_resolution, dialects.read(body).resolutions)

        assert [amount, amount] == [Decimal(content["total"]), Decimal(content["lines"][0]["price"])]
