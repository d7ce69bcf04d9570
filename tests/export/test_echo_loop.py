"""The whole loop over real HTTP: the shop or the dashboard changes protection, and Order Protection echoes updates."""

from datetime import UTC, datetime

import attrs
import pytest

from op_core.http import Manners
from op_core.ledger import plans
from op_core.money import Money
from op_core.order_protection.client import Client
from op_core.sandbox import Sandbox
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import SECRET, Scene
from op_core.testing.serving import listening
from op_core.webhooks.asgi import asgi_app

PREMIUM = Money("4.25", "USD")
COPIES = 3


class Hasty(Client):
    """A client whose updates are answered only after their webhooks came, and all that follows from them is done."""

    meanwhile = None

    def update_order(self, order_id, changes):
        """Update, then let the echo overtake the answer."""
        super().update_order(order_id, changes)
        self.meanwhile()


@attrs.define(eq=False)
class Loop:
    """A store, its shop, and an Order Protection that echoes."""

    sandbox: Sandbox
    scene: Scene

    def shop_says(self, premium):
        """Let the shop put a premium on its order or take it off, and export it."""
        order = self.scene.shop.orders["1001"]
        self.scene.shop.orders["1001"] = attrs.evolve(order, premium=premium, updated_at=datetime.now(UTC))
        self.scene.export()
        self.settle()

    def dashboard(self, action):
        """Let somebody click in the dashboard."""
        self.sandbox.local.claims.protect(
            {"source_order_id": "1001", "action": action, "amount": PREMIUM.amount, "currency": "USD"}
        )
        self.settle()

    def settle(self):
        """Wait for all webhooks, and do what follows from them."""
        assert self.sandbox.settle()
        self.scene.run()

    def webhooks(self):
        """Return how many webhooks came by topic and what became of them."""
        return [(one.topic, one.state) for one in self.scene.deliveries()]

    def made(self):
        """Return what the shop did."""
        return [effect.verb for effect in self.scene.shop.effects]


@pytest.fixture(params=["reference", "slash", "camel"])
def loop(request, ledger_url):
    """Give a maker of loops, once for each spelling of webhooks; the order has that premium from the start."""
    opened = []

    def make(premium):
        order = an_order(premium=premium)
        scene = Scene.make(ModelShop([order]), url=ledger_url, protection={"on_added": "bill", "on_removed": "refund"})
        scene.clock = scene.ledger.clock = lambda: datetime.now(UTC)
        scene.api = client = Hasty(sandbox.url, "not-a-real-token", manners=Manners(attempts=1))
        scene.restart()
        address = listening(asgi_app(scene.receiver))
        url = f"{address.__enter__()}/webhooks/main"
        opened.append((scene, client, address))
        sandbox.local.store.put("webhook", url, {"url": url, "secret": SECRET})
        made = Loop(sandbox, scene)
        client.meanwhile = made.settle
        scene.export()
        return made

    with Sandbox() as sandbox:
        sandbox.local.switchboard.change({"echo": True, "dialect": request.param, "duplicates": COPIES})
        yield make
        for scene, client, address in opened:
            address.__exit__(None, None, None)
            client.close()
            scene.ledger.close()


def test_the_shop_cancels(loop):
    """Told, echoed three times before the answer is there: no action; what the dashboard then adds is billed."""
    loop = loop(PREMIUM)
    loop.shop_says(None)

    assert [("protection.removed", "duplicate")] * COPIES == loop.webhooks()
    assert ([], []) == (loop.scene.actions(), loop.made())
    loop.dashboard("add")
    assert ["charge_protection"] == loop.made()


def test_the_shop_adds(loop):
    """Told, echoed three times before the answer is there: nothing billed; what the dashboard removes goes back."""
    loop = loop(None)
    loop.shop_says(PREMIUM)

    assert [("protection.added", "duplicate")] * COPIES == loop.webhooks()
    assert ([], []) == (loop.scene.actions(), loop.made())
    loop.dashboard("remove")
    assert ["refund_protection"] == loop.made()


def test_the_dashboard_removes(loop):
    """Given back once, whatever copies and echoes come."""
    loop = loop(PREMIUM)
    loop.dashboard("remove")
    loop.shop_says(None)

    planned, *others = loop.webhooks()
    assert ("protection.removed", "planned") == planned
    assert [("protection.removed", "duplicate")] * (2 * COPIES - 1) == others
    assert (["refund_protection"], ["done"]) == (loop.made(), loop.scene.states())


def test_the_dashboard_adds(loop):
    """Billed once, whatever copies and echoes come."""
    loop = loop(None)
    loop.dashboard("add")
    loop.shop_says(PREMIUM)

    planned, *others = loop.webhooks()
    assert ("protection.added", "planned") == planned
    assert [("protection.added", "duplicate")] * (2 * COPIES - 1) == others
    assert (["charge_protection"], ["done"]) == (loop.made(), loop.scene.states())


@pytest.mark.parametrize("seed", [1, 2])
def test_echoes_come_late_and_in_any_order(loop, seed):
    """The shop cancels and adds again before any echo is there: no money moves, in whatever order they then come."""
    loop = loop(PREMIUM)
    loop.sandbox.local.switchboard.change({"shuffle": seed})
    loop.shop_says(None)
    loop.shop_says(PREMIUM)
    loop.sandbox.local.sender.flush()
    loop.settle()

    known = loop.scene.ledger.read(plans.protection, "main-1", "1001")
    assert 2 * COPIES == len(loop.webhooks())
    assert ([], [["flip"]]) == (loop.made(), loop.scene.holds())
    assert (True, True, PREMIUM) == (known.is_on, known.by_shop, known.paid)
