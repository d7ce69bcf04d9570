"""The kit of op-core: every suite, and nothing of ours in it."""

from op_core.testing import kit


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
