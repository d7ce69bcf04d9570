"""The kit, on the Medusa example: a manifest over a double of Medusa's admin API, made of what a live one answered."""

from pathlib import Path

import pytest
import stamina
from medusa_subject import MedusaSubject
from op_rest_shop import RestShopAdapter, RestShopSettings

from op_core.plugins import StoreInfo
from op_core.testing import kit

EXAMPLE = Path(__file__).parents[3] / "examples" / "medusa"
SETTINGS = {
    "manifest": "shop.toml",
    "url": "http://shop.example",
    "env": {"SHOP_KEY": "not-a-real-key-0000", "SHOP_RESHIP_OPTION": "so_01M89A9S7X4Y5WK6FGA1MMFT2W"},
}


def connect(transport):
    settings = RestShopSettings.model_validate(SETTINGS)
    return RestShopAdapter(settings, StoreInfo("main", "medusa-main", EXAMPLE), transport=transport)


@pytest.fixture(autouse=True)
def no_pauses():
    """Let nothing wait between two tries of a question."""
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


@pytest.fixture
def adapter():
    """Return the example over a Medusa of this test's own."""
    return MedusaSubject(connect, SETTINGS, [SETTINGS["url"], *SETTINGS["env"].values()])


class TestCapabilities(kit.CapabilitySuite):
    """Capabilities."""


class TestConcurrency(kit.ConcurrencySuite):
    """Several calls at once."""


class TestErrors(kit.ErrorSuite):
    """A shop that is away."""


class TestExport(kit.ExportSuite):
    """Pages of orders."""


class TestFulfillments(kit.FulfillmentSuite):
    """Parcels."""


class TestNote(kit.NoteSuite):
    """Notes."""


class TestOrder(kit.OrderSuite):
    """One order."""


class TestProducts(kit.ProductSuite):
    """The catalogue."""


class TestProtection(kit.ProtectionSuite):
    """The premium, billed."""


class TestProtectionBack(kit.ProtectionBackSuite):
    """The premium, given back."""


class TestRefund(kit.RefundSuite):
    """Refunds."""


class TestLive(kit.LiveSuite):
    """What is left."""


class TestReship(kit.ReshipSuite):
    """Replacements."""


class TestSettings(kit.SettingsSuite):
    """Settings."""


class TestStock(kit.StockSuite):
    """Stock."""


class TestStoreCredit(kit.StoreCreditSuite):
    """Store credit."""


class TestBorder(kit.BorderSuite):
    """Answers of hooks that are lost."""


class TestBlind(kit.BlindSuite):
    """Histories of a shop that cannot be asked."""


class TestWire(kit.WireSuite):
    """Calls that go wrong."""


class TestHistories(kit.HistoriesSuite):
    """Histories of a shop that can be asked."""
