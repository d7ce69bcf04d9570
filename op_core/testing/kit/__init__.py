"""
The kit that an adapter is tried with: suites to inherit, with one fixture named ``adapter`` that returns a `Subject`.

    from op_core.testing import kit

    @pytest.fixture
    def adapter():
        return AcmeSubject()

    class TestRefund(kit.RefundSuite): ...

It needs no network and no credentials. Every case is described in docs/reference/conformance.md.
"""

from op_core.testing.kit.capabilities import CapabilitySuite
from op_core.testing.kit.cases import Case, Harm, Suite, Tier, case, cases, wrong
from op_core.testing.kit.concurrency import ConcurrencySuite
from op_core.testing.kit.errors import ErrorSuite
from op_core.testing.kit.export import ExportSuite
from op_core.testing.kit.faults import WireSuite
from op_core.testing.kit.fulfillments import FulfillmentSuite
from op_core.testing.kit.histories import BlindSuite, BorderSuite, HistoriesSuite
from op_core.testing.kit.live import LiveSuite
from op_core.testing.kit.notes import NoteSuite
from op_core.testing.kit.order import OrderSuite
from op_core.testing.kit.products import ProductSuite
from op_core.testing.kit.protection import ProtectionBackSuite, ProtectionSuite
from op_core.testing.kit.refund import RefundSuite
from op_core.testing.kit.reship import ReshipSuite
from op_core.testing.kit.settings import SettingsSuite
from op_core.testing.kit.stock import StockSuite
from op_core.testing.kit.store_credit import StoreCreditSuite
from op_core.testing.subject import CannotHold, Effected, Subject, Wire

__all__ = [
    "SUITES",
    "BlindSuite",
    "BorderSuite",
    "CannotHold",
    "CapabilitySuite",
    "Case",
    "ConcurrencySuite",
    "Effected",
    "ErrorSuite",
    "ExportSuite",
    "FulfillmentSuite",
    "Harm",
    "HistoriesSuite",
    "LiveSuite",
    "NoteSuite",
    "OrderSuite",
    "ProductSuite",
    "ProtectionBackSuite",
    "ProtectionSuite",
    "RefundSuite",
    "ReshipSuite",
    "SettingsSuite",
    "StockSuite",
    "StoreCreditSuite",
    "Subject",
    "Suite",
    "Tier",
    "Wire",
    "WireSuite",
    "case",
    "cases",
    "wrong",
]

SUITES: tuple[type[Suite], ...] = (
    CapabilitySuite,
    SettingsSuite,
    ErrorSuite,
    ExportSuite,
    OrderSuite,
    FulfillmentSuite,
    ProductSuite,
    StockSuite,
    NoteSuite,
    ProtectionSuite,
    ProtectionBackSuite,
    StoreCreditSuite,
    ReshipSuite,
    RefundSuite,
    ConcurrencySuite,
    BorderSuite,
    BlindSuite,
    WireSuite,
    HistoriesSuite,
    LiveSuite,
)
"""Every suite: first what all else rests on, then what reads, then what changes the shop."""
