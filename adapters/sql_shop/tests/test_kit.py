"""The kit, on the Oscar example: a mapping file over a real Oscar's database."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopAdapter, SqlShopSettings
from oscar_subject import OscarSubject

from op_core.plugins import StoreInfo
from op_core.testing import kit
from op_core.testing.wires import SqlWire

EXAMPLE = Path(__file__).parents[3] / "examples" / "oscar_sql"


def connect(file, clock):
    settings = SqlShopSettings(url=f"sqlite:///{file}", mapping="shop.toml")
    adapter = SqlShopAdapter(settings, StoreInfo("main", "oscar-main", EXAMPLE), clock=clock)
    sa.event.listen(adapter.client.engine, "connect", lambda db, _: db.execute("pragma synchronous = off"))  # sooner
    list(adapter.install())
    return adapter


def wired(adapter, wire):
    if wire is None:
        return SqlWire(adapter.client.engine)
    wire.watch(adapter.client.engine)
    return wire


@pytest.fixture
def adapter(tmp_path):
    """Return the example over an Oscar of this test's own."""
    url = f"sqlite:///{tmp_path}/oscar.sqlite3"
    return OscarSubject(tmp_path / "oscar.sqlite3", connect, wired, {"url": url, "mapping": "shop.toml"}, [url])


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
