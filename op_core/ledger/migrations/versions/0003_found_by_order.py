"""
Webhooks are found by their order and by their claim: whoever forgets a customer needs not read all of them.

Frozen, as every migration is.
"""

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make two indexes."""
    op.create_index("ix_deliveries_order", "deliveries", ["store_id", "order_id"], unique=False)
    op.create_index("ix_deliveries_claim", "deliveries", ["store_id", "claim_id"], unique=False)


def downgrade() -> None:
    """Refuse: a ledger of money is never taken back."""
    raise NotImplementedError("a ledger is never downgraded: restore a backup, then run `op-core db recovering`")
