"""The model shop passes every case of the kit."""

from op_core.testing import kit


class TestNote(kit.NoteSuite):
    """Notes."""


class TestProtection(kit.ProtectionSuite):
    """The premium, billed."""


class TestProtectionBack(kit.ProtectionBackSuite):
    """The premium, given back."""


class TestRefund(kit.RefundSuite):
    """Refunds."""


class TestReship(kit.ReshipSuite):
    """Replacements."""


class TestStoreCredit(kit.StoreCreditSuite):
    """Store credit."""
