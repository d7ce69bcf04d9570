"""The model shop passes every case of the kit."""

from op_core.testing import kit


class TestRefund(kit.RefundSuite):
    """Refunds."""
