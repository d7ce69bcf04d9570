"""
The kit that an adapter is tried with: suites to inherit, with one fixture named ``adapter`` that returns a `Subject`.

    from op_core.testing import kit

    @pytest.fixture
    def adapter():
        return AcmeSubject()

    class TestRefund(kit.RefundSuite): ...

It needs no network and no credentials. Every case is described in docs/reference/conformance.md.
"""

from op_core.testing.kit.cases import Case, Harm, Suite, Tier, case, cases, wrong
from op_core.testing.kit.notes import NoteSuite
from op_core.testing.kit.protection import ProtectionBackSuite, ProtectionSuite
from op_core.testing.kit.refund import RefundSuite
from op_core.testing.kit.reship import ReshipSuite
from op_core.testing.kit.store_credit import StoreCreditSuite
from op_core.testing.subject import CannotHold, Effected, Subject, Wire

__all__ = [
    "SUITES",
    "CannotHold",
    "Case",
    "Effected",
    "Harm",
    "NoteSuite",
    "ProtectionBackSuite",
    "ProtectionSuite",
    "RefundSuite",
    "ReshipSuite",
    "StoreCreditSuite",
    "Subject",
    "Suite",
    "Tier",
    "Wire",
    "case",
    "cases",
    "wrong",
]

SUITES: tuple[type[Suite], ...] = (
    NoteSuite,
    ProtectionSuite,
    ProtectionBackSuite,
    StoreCreditSuite,
    ReshipSuite,
    RefundSuite,
)
"""Every suite, in the order in which a failure matters least to most."""
