"""The kit of op-core: every suite, and nothing of ours in it."""

from op_core.testing import kit


class TestRefund(kit.RefundSuite):
    """Refunds."""
