"""The kit, on the Oscar example: a backend in Python over a real Oscar's database."""

from pathlib import Path

import attrs
import pytest
from op_custom_store import CustomStoreAdapter, CustomStoreSettings
from oscar_subject import OscarSubject

from op_core.plugins import StoreInfo
from op_core.testing import kit
from op_core.testing.wires import CallWire

EXAMPLE = Path(__file__).parents[3] / "examples" / "oscar_custom"


def connect(file, clock):
    settings = CustomStoreSettings(backend="oscar_op:OscarShop", options={"database": str(file), "clock": clock})
    return CustomStoreAdapter(settings, StoreInfo("main", "oscar-main", EXAMPLE))


class Wire(CallWire):
    """What goes wrong with a call of the backend. None is no fault: it is a backend's word for no such order."""

    kinds = tuple(kind for kind in CallWire.kinds if kind != "None")


def wired(adapter, wire):
    wire = wire or Wire()
    adapter.client = attrs.evolve(adapter.client, backend=wire.far(adapter.client.backend))
    return wire


@pytest.fixture
def adapter(tmp_path):
    """Return the example over an Oscar of this test's own."""
    file = tmp_path / "oscar.sqlite3"
    settings = {"backend": "oscar_op:OscarShop", "options": {"database": str(file)}}
    return OscarSubject(file, connect, wired, settings)


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
