"""Changes of protection that may be repeats: a person is asked about each of them, and about none twice."""

from op_core.ledger import exports
from op_core.money import Money

PREMIUM = Money("4.25", "USD")


def to_and_fro(scene):
    """Let the shop cancel and add again, both told at once, so that a removal of that time may be an echo."""
    scene.shop_says(None)
    scene.export()
    cancelled_at = scene.clock()
    scene.shop_says(PREMIUM)
    scene.export()
    return cancelled_at


def test_each_doubtful_change_is_asked_about_once(protected):
    """Another amount is another question, however many wait already; a copy of either is none."""
    at = to_and_fro(protected)
    for number, amount in enumerate(("4.25", "3.00", "4.25", "3.00")):
        protected.event(f"e{number}", added=False, at=at, amount=amount)

    assert ["planned", "planned", "duplicate", "duplicate"] == [one.state for one in protected.deliveries()]
    assert [("held", "4.25"), ("held", "3.00")] == [(one.state, one.amount) for one in protected.actions()]
    assert [] == protected.made()


def test_a_doubtful_change_that_was_declined_is_asked_about_anew(protected):
    """What a person said of one event is not said of a later one."""
    at = to_and_fro(protected)
    protected.event("first", added=False, at=at)
    protected.decline(protected.action())
    protected.event("second", added=False, at=at)

    assert ["declined", "held"] == protected.states()


def test_what_protection_asks_for_says_where_it_came_from(scene):
    """Delivery and order are kept with it; there is no claim."""
    scene.event("added", added=True)
    (delivery,) = scene.deliveries()
    action = scene.action()

    assert (delivery.id, "1001", None) == (action.delivery_id, action.order_id, action.claim_id)


def test_what_the_shop_did_is_known_though_its_exports_were_forgotten(protected):
    """All orders are about to be sent anew: that the shop put the premium on by itself still keeps it from a bill."""
    protected.shop_says(None)
    protected.export()
    protected.ledger.write(exports.forget, "main-1")
    protected.shop_says(PREMIUM)
    protected.event("added", added=True)

    assert ([], [["amended"]]) == (protected.made(), protected.holds())
