"""What an update says of protection, in which field, and that the ledger knows of it before it is said."""

import attrs
import pytest

from op_core.errors import MayHaveLanded
from op_core.export import Exported
from op_core.http import Manners
from op_core.ledger import plans
from op_core.money import Money
from op_core.order_protection.client import Client
from op_core.testing.crash import SimulatedCrash, armed
from op_core.testing.model_shop import an_order
from op_core.testing.transport import Answer, Fault, Scripted

PREMIUM = Money("1.50", "USD")
OK = {"status": "ok"}


@attrs.define
class Wire:
    """An API behind a real client: it notes what the ledger says at the very moment when an update arrives."""

    store: object
    puts: list = attrs.field(factory=list)
    known: list = attrs.field(factory=list)
    answers: list = attrs.field(factory=list)

    def __call__(self, sent):
        if sent.method == "POST":
            return Answer(201, OK)
        self.puts.append(sent.body)
        self.known.append(self.store.ledger.read(plans.protection, "main-1", "1001"))
        return self.answers.pop(0) if self.answers else Answer(200, OK)

    def last(self, *names):
        """Return what the last update said of these fields; "left out" where it did not."""
        return tuple(self.puts[-1].get(name, "left out") for name in names)


def wired(store, premium=None, **wire):
    """Let a store export its one order to such an API, with or without a premium."""
    store.settings = store.settings.model_copy(update={"wire": store.settings.wire.model_copy(update=wire)})
    double = Wire(store)
    store.api = Client("https://api.example", "t", transport=Scripted(then=double), manners=Manners(attempts=1))
    store.put(an_order(premium=premium))
    assert Exported(seen=1, created=1) == store.exporter.run()
    return double


@pytest.mark.parametrize("premium", [None, PREMIUM], ids=["added", "cancelled"])
def test_the_ledger_knows_when_the_update_arrives(any_store, premium):
    """When the PUT is there, an echo would find the state that it tells: whether it is on, and what was paid."""
    wire = wired(any_store, PREMIUM if premium is None else None)
    any_store.change("1001", premium=premium)
    any_store.exporter.run()

    (known,) = wire.known
    assert (bool(premium), premium, True) == (known.is_on, known.paid, known.by_shop)


def test_an_order_without_any_premium_costs_no_row(any_store):
    """Orders that never had protection leave no trace in the ledger's states."""
    wire = wired(any_store)
    any_store.change("1001", total=Money("61.00", "USD"))
    any_store.exporter.run()

    assert [None] == wire.known


def test_a_crash_between_the_state_and_the_call(any_store):
    """Killed after the state was written: the next run makes the call, once."""
    wire = wired(any_store, PREMIUM)
    any_store.change("1001", premium=None)

    def die(point):
        if point == "premium:noted":
            raise SimulatedCrash(point)

    with armed(die), pytest.raises(SimulatedCrash):
        any_store.exporter.run()
    assert (False, []) == (any_store.ledger.read(plans.protection, "main-1", "1001").is_on, wire.puts)
    any_store.exporter.run()
    any_store.exporter.run(full=True)

    assert [0] == [put["premiumPaid"] for put in wire.puts]


def test_a_lost_answer_is_told_again(any_store):
    """An update whose answer was lost is sent again by the next run, and says the same."""
    wire = wired(any_store, PREMIUM)
    wire.answers.append(Fault("drop after"))
    any_store.change("1001", premium=None)
    with pytest.raises(MayHaveLanded):
        any_store.exporter.run()
    any_store.exporter.run()

    assert [0, 0] == [put["premiumPaid"] for put in wire.puts]


@pytest.mark.parametrize(
    ("cancels", "ended", "held"),
    [
        ("premiumPaid", (0, "left out"), (1.5, "left out")),
        ("policyCancelledAt", ("left out", "2025-06-01T12:00:02.000Z"), (1.5, None)),
        ("both", (0, "2025-06-01T12:00:02.000Z"), (1.5, None)),
    ],
)
def test_the_switch_says_which_field_ends_protection(store, cancels, ended, held):
    """Protection taken away and brought back, in the fields of ``wire.cancels_protection``, at the order's time."""
    wire = wired(store, PREMIUM, cancels_protection=cancels)
    store.change("1001", premium=None)
    store.exporter.run()
    assert ended == wire.last("premiumPaid", "policyCancelledAt")
    store.change("1001", premium=PREMIUM)
    store.exporter.run()
    assert held == wire.last("premiumPaid", "policyCancelledAt")


@pytest.mark.parametrize("cancels", ["policyCancelledAt", "both"])
def test_only_the_update_that_changes_protection_carries_the_field(store, cancels):
    """Told once: a touch sends nothing, and another change of the order does not say it again."""
    wire = wired(store, PREMIUM, cancels_protection=cancels)
    store.change("1001", total=Money("61.00", "USD"))
    store.exporter.run()
    assert ("left out",) == wire.last("policyCancelledAt")
    store.change("1001", premium=None)
    store.exporter.run()
    store.change("1001", status="touched")
    assert Exported(seen=1, unchanged=1) == store.exporter.run()
    assert Exported(seen=1, unchanged=1) == store.exporter.run(full=True)
    store.change("1001", total=Money("62.00", "USD"))
    store.exporter.run()

    assert 3 == len(wire.puts)
    assert ("left out", "left out") == wire.last("premiumPaid", "policyCancelledAt")
