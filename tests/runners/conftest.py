"""A store whose claims are read back."""

import pytest

from op_core.testing.model_shop import ModelShop, an_order
from op_core.testing.scene import Scene


@pytest.fixture
def scene(ledger_url):
    """Give a store of six orders that changed within the last days, asked for one by one, two to a page."""
    clock = Scene.make().clock()
    shop = ModelShop([an_order(id=str(1001 + n), updated_at=clock) for n in range(6)])
    scene = Scene.make(shop, url=ledger_url, export={"page_size": 2, "in_flight": 1})
    yield scene
    scene.ledger.close()


@pytest.fixture
def asked(scene):
    """Give the ids of the orders that were asked for, in turn."""
    return scene.api.asked
