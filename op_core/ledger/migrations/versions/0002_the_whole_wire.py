"""
The whole wire: products, shapes of what comes in, claims that the shop files, what a sweep finds, tokens of an app.

Frozen, as every migration is: it says the tables anew.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _time(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def upgrade() -> None:
    """Make the new tables, the column that keeps a delivery's shape, and who said what of protection, and when."""
    op.add_column("deliveries", _text("shape", nullable=True))
    op.add_column("protections", sa.Column("by_shop", sa.Boolean(), nullable=True))
    op.add_column("protections", _time("told_on_at", nullable=True))
    op.add_column("protections", _time("told_off_at", nullable=True))
    op.add_column("exported_orders", sa.Column("has_premium", sa.Boolean(), nullable=True))
    op.add_column("exported_orders", _time("premium_at", nullable=True))
    op.create_table(
        "shapes",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        _text("store_id"),
        _text("what"),
        _text("shape"),
        _text("paths"),
        _text("news", nullable=True),
        _text("reason", nullable=True),
        _text("body_sha256", nullable=True),
        sa.Column("delivery_id", Id, nullable=True),
        _time("first_at"),
        _time("learned_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shapes")),
        sa.UniqueConstraint("store_id", "what", "shape", name=op.f("uq_shapes_store_id_what_shape")),
    )
    op.create_table(
        "exported_products",
        _text("store_id"),
        _text("product_id"),
        _text("variant_id"),
        _text("state"),
        _text("hash", nullable=True),
        _text("update_hash", nullable=True),
        _text("reason", nullable=True),
        _time("at"),
        sa.PrimaryKeyConstraint("store_id", "product_id", "variant_id", name=op.f("pk_exported_products")),
    )
    op.create_table(
        "filings",
        _text("store_id"),
        _text("key"),
        _text("kind"),
        _text("order_id", nullable=True),
        _text("content_hash"),
        _text("state"),
        _text("known_claims"),
        _text("claim_id", nullable=True),
        _text("reason", nullable=True),
        _time("begun_at"),
        _time("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("store_id", "key", name=op.f("pk_filings")),
    )
    op.create_table(
        "differences",
        _text("store_id"),
        _text("claim_id"),
        _text("what"),
        _text("order_id"),
        _text("ours", nullable=True),
        _text("theirs", nullable=True),
        _time("first_at"),
        _time("seen_at"),
        sa.PrimaryKeyConstraint("store_id", "claim_id", "what", name=op.f("pk_differences")),
    )
    op.create_table(
        "tokens",
        _text("store_id"),
        _text("client_id"),
        _text("access_token", nullable=True),
        _text("refresh_token", nullable=True),
        _text("scopes", nullable=True),
        _time("ends_at", nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        _time("lease_until", nullable=True),
        _text("reason", nullable=True),
        _time("changed_at"),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_tokens")),
    )
    op.create_table(
        "installs",
        _text("store_id"),
        _text("state"),
        _text("verifier"),
        _time("begun_at"),
        sa.PrimaryKeyConstraint("store_id", name=op.f("pk_installs")),
    )


def downgrade() -> None:
    """Refuse: a ledger of money is never taken back."""
    raise NotImplementedError("a ledger is never downgraded: restore a backup, then run `op-core db recovering`")
