"""The model shop passes every case of the kit."""

from op_core.testing import kit


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
