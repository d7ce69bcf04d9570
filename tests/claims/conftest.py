"""A store whose shop changes protection itself, and tells it by the export."""

import attrs
import pytest

from op_core.ledger import exports, plans
from op_core.money import Money
from op_core.testing import bodies
from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene

PREMIUM = Money("4.25", "USD")


class Telling(Scene):
    """A scene of one order, with short ways to change its protection on either side."""

    def shop_says(self, premium, **more):
        """Let the shop put a premium on its order, or take it off."""
        self.clock.move(hours=1)
        order = attrs.evolve(self.shop.orders["1001"], premium=premium, updated_at=self.clock(), **more)
        self.shop.orders["1001"] = order

    def event(self, name, *, added, **said):
        """Let Order Protection send an event, made now, and do all that follows."""
        dialect = said.pop("dialect", "reference")
        at = f"{said.pop('at', self.clock()):%Y-%m-%dT%H:%M:%SZ}"
        self.deliver(bodies.protection(added=added, event=name, dialect=dialect, at=at, **said))
        self.run()

    def made(self):
        """Return what the shop did, and forget it."""
        done = [effect.verb for effect in self.shop.effects]
        self.shop.effects.clear()
        return done

    def state(self):
        """Return what the ledger knows of the order's protection."""
        return self.ledger.read(plans.protection, "main-1", "1001")

    def said_premiums(self):
        """Return what each update said of the premium."""
        return [update.to_wire().get("premiumPaid", "nothing") for _, update in self.api.put]


@pytest.fixture
def scene(ledger_url):
    """Give a store that bills and gives back by itself, and has exported its one order, which has no premium."""
    scene = Telling.make(
        ModelShop([an_order()]), url=ledger_url, protection={"on_added": "bill", "on_removed": "refund"}
    )
    scene.export()
    yield scene
    scene.ledger.close()


@pytest.fixture
def protected(scene):
    """Give that store with a premium on its order from the start."""
    scene.shop_says(PREMIUM)
    scene.ledger.write(exports.forget, "main-1")
    scene.api.posted.clear()
    scene.export()
    return scene
