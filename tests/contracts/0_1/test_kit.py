"""The kit of op-core: every suite, and nothing of ours in it."""

from op_core.testing import kit


class TestCapability(kit.CapabilitySuite):
    """A merchant is told beforehand what a shop can do, and it does that."""


class TestSettings(kit.SettingsSuite):
    """What stands in ``[stores.x.settings]`` is checked, and stays there."""


class TestError(kit.ErrorSuite):
    """What the shop did not say is never taken for an answer of the shop."""


class TestExport(kit.ExportSuite):
    """Every order reaches Order Protection, once it has changed and as the shop holds it."""


class TestOrder(kit.OrderSuite):
    """A claim is planned and paid on what `op_get_order` says."""


class TestFulfillment(kit.FulfillmentSuite):
    """Order Protection decides by the parcels whether something is lost, late or not yet sent."""


class TestProduct(kit.ProductSuite):
    """Every product and variant reaches Order Protection on each run, with its stock."""


class TestStock(kit.StockSuite):
    """A replacement that cannot be sent waits for a person, and one that can does not."""


class TestNote(kit.NoteSuite):
    """Staff read what was written, and nothing happens because of it."""


class TestProtection(kit.ProtectionSuite):
    """The premium is billed once, exactly."""


class TestProtectionBack(kit.ProtectionBackSuite):
    """The premium is given back once, exactly, and never taken for its charge."""


class TestStoreCredit(kit.StoreCreditSuite):
    """The customer gets credit once, of exactly what was decided, and no money beside it."""


class TestReship(kit.ReshipSuite):
    """What was lost is sent again, once, and costs the customer nothing."""


class TestRefund(kit.RefundSuite):
    """Money goes back once, exactly, from the payment that was named."""


class TestConcurrency(kit.ConcurrencySuite):
    """op-core calls a shop from several threads at once."""


class TestBorder(kit.BorderSuite):
    """What a hook answers is lost, late, or no answer at all; or it was never sent. The shop is then asked."""


class TestBlind(kit.BlindSuite):
    """The shop cannot be asked: what nobody knows is held for a person, and nothing is done twice."""


class TestWire(kit.WireSuite):
    """Whatever becomes of one call, nothing is done twice, and nobody is told what is not so."""


class TestHistories(kit.HistoriesSuite):
    """The shop can be asked: whatever happens, one effect, and every claim comes to its end or to a person."""


class TestLive(kit.LiveSuite):
    """The kit leaves nothing behind. ``adapters check --live`` runs it last, and it decides on platinum."""
