"""The tables, the same on SQLite and PostgreSQL. Amounts and contents are text: Decimals keep every digit."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

__all__ = [
    "UtcTime",
    "actions",
    "attempts",
    "bodies",
    "changes",
    "claims",
    "cursors",
    "decisions",
    "deliveries",
    "differences",
    "exported_fulfillments",
    "exported_orders",
    "exported_products",
    "facts",
    "filings",
    "installs",
    "metadata",
    "plans",
    "protections",
    "reports",
    "shapes",
    "stores",
    "tokens",
]


class UtcTime(sa.TypeDecorator[datetime]):
    """An aware time in UTC. SQLite keeps it without a zone, PostgreSQL with one; Python always sees UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times: they would be somebody's local time."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError("a naive time cannot enter the ledger")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - SQLAlchemy's signature
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite counts by itself only in an INTEGER key


def _key() -> sa.Column[int]:
    return sa.Column("id", Id, primary_key=True, autoincrement=True)


def _store() -> sa.Column[str]:
    return sa.Column("store_id", sa.Text, nullable=False)


facts = sa.Table("facts", metadata, sa.Column("name", sa.Text, primary_key=True), sa.Column("value", sa.Text))

stores = sa.Table(
    "stores",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("first_used_at", UtcTime, nullable=False),
)

# --- Asked -------------------------------------------------------------------------------------------------------

bodies = sa.Table(
    "bodies",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

deliveries = sa.Table(
    "deliveries",
    metadata,
    _key(),
    _store(),
    sa.Column("received_at", UtcTime, nullable=False),
    sa.Column("body_sha256", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # received, planned, duplicate, conflict, quarantined, erased
    sa.Column("reason", sa.Text),
    sa.Column("topic", sa.Text),
    sa.Column("dialect", sa.Text),
    sa.Column("event_id", sa.Text),
    sa.Column("content_hash", sa.Text),
    sa.Column("claim_id", sa.Text),
    sa.Column("order_id", sa.Text),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("not_before", UtcTime),
    sa.Column("settled_at", UtcTime),
    sa.Column("shape", sa.Text),  # hash of its keys and types; None until it was taken up
    sa.Index("ix_deliveries_waiting", "store_id", "id", sqlite_where=sa.text("state = 'received'"),
             postgresql_where=sa.text("state = 'received'")),
    sa.Index("ix_deliveries_event", "store_id", "event_id"),
    sa.Index("ix_deliveries_content", "store_id", "content_hash"),
    sa.Index("ix_deliveries_body", "store_id", "body_sha256"),
    sa.Index("ix_deliveries_order", "store_id", "order_id"),
    sa.Index("ix_deliveries_claim", "store_id", "claim_id"),
)  # fmt: skip

shapes = sa.Table(
    "shapes",
    metadata,
    _key(),
    _store(),
    sa.Column("what", sa.Text, nullable=False),  # topic of a delivery, or page and route of an answer
    sa.Column("shape", sa.Text, nullable=False),
    sa.Column("paths", sa.Text, nullable=False),  # keys and types, without a value
    sa.Column("news", sa.Text),  # what is new in it; None: nothing
    sa.Column("reason", sa.Text),  # why an answer could not be read
    sa.Column("body_sha256", sa.Text),  # the first body of this shape, where it is new
    sa.Column("delivery_id", Id),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("learned_at", UtcTime),
    sa.UniqueConstraint("store_id", "what", "shape"),
)

# --- Decided -----------------------------------------------------------------------------------------------------

claims = sa.Table(
    "claims",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("claim_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text),
    sa.Column("op_order_id", sa.Text),
    sa.Column("approved_at", UtcTime),  # by the sender's clock, as is the next
    sa.Column("denied_at", UtcTime),
)

plans = sa.Table(
    "plans",
    metadata,
    _key(),
    _store(),
    sa.Column("claim_id", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),  # the resolutions as they were said, normalised
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("delivery_id", Id, nullable=False),
    sa.Column("planned_at", UtcTime, nullable=False),
    sa.UniqueConstraint("store_id", "claim_id", "content_hash"),
)

protections = sa.Table(
    "protections",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("amount", sa.Text),
    sa.Column("currency", sa.Text),
    sa.Column("changed_at", UtcTime, nullable=False),
    sa.Column("by_shop", sa.Boolean),  # the shop itself said so; else Order Protection, by a webhook
    sa.Column("told_on_at", UtcTime),  # when the export last told that the shop's order has a premium
    sa.Column("told_off_at", UtcTime),  # or has none any more: an echo of it may come at any time after
)

# --- Done --------------------------------------------------------------------------------------------------------

actions = sa.Table(
    "actions",
    metadata,
    _key(),
    _store(),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("verb", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("claim_id", sa.Text),
    sa.Column("order_id", sa.Text),
    sa.Column("payment_id", sa.Text),
    sa.Column("amount", sa.Text),
    sa.Column("currency", sa.Text),
    sa.Column("content", sa.Text, nullable=False),  # lines, address, text and how the amount came about
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("resolution_hash", sa.Text),
    sa.Column("delivery_id", Id),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("exclusive", sa.Boolean, nullable=False),  # one at a time per order: all but notes
    sa.Column("holds", sa.Text, nullable=False, default="[]"),  # why a person is asked, whatever the state
    sa.Column("rivals", sa.Text, nullable=False, default="[]"),  # actions of which only one may act
    sa.Column("approved_hash", sa.Text),
    sa.Column("passed", sa.Text, nullable=False, default="[]"),  # codes of the holds that a person let pass, once
    sa.Column("fence", sa.Integer, nullable=False, default=0),
    sa.Column("lease_until", UtcTime),
    sa.Column("attempt", sa.Integer, nullable=False, default=0),
    sa.Column("tries", sa.Integer, nullable=False, default=0),  # failures since the last success of any step
    sa.Column("not_before", UtcTime),
    sa.Column("shop_id", sa.Text),
    sa.Column("shop_order_id", sa.Text),
    sa.Column("money", sa.Text),  # moved, queued, booked
    sa.Column("reason", sa.Text),
    sa.Column("planned_at", UtcTime, nullable=False),
    sa.Column("begun_at", UtcTime),
    sa.Column("unsure_since", UtcTime),  # since when the outcome is pending or unknown
    sa.Column("settled_at", UtcTime),
    sa.UniqueConstraint("store_id", "subject", "verb", "n"),
    sa.UniqueConstraint("store_id", "reference"),
    sa.Index("ix_actions_state", "store_id", "state", "not_before"),
    sa.Index("ix_actions_order", "store_id", "order_id"),
)

_UNDER_WAY = sa.text("exclusive AND order_id IS NOT NULL AND state IN ('calling', 'pending', 'unknown')")
sa.Index(
    "ux_actions_one_at_a_time",
    actions.c.store_id,
    actions.c.order_id,
    unique=True,
    sqlite_where=_UNDER_WAY,
    postgresql_where=_UNDER_WAY,
)

attempts = sa.Table(
    "attempts",
    metadata,
    _key(),
    sa.Column("action_id", Id, nullable=False, index=True),
    sa.Column("what", sa.Text, nullable=False),  # call, ask, late
    sa.Column("fence", sa.Integer, nullable=False),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("result", sa.Text),
    sa.Column("reason", sa.Text),
)

decisions = sa.Table(
    "decisions",
    metadata,
    _key(),
    sa.Column("action_id", Id, nullable=False, index=True),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),  # approve, decline, record, retry
    sa.Column("reason", sa.Text),
)

# --- Reported ----------------------------------------------------------------------------------------------------

reports = sa.Table(
    "reports",
    metadata,
    _key(),
    _store(),
    sa.Column("action_id", Id, nullable=False, unique=True),
    sa.Column("state", sa.Text, nullable=False),  # waiting, sent, confirmed, no_route, failed
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("not_before", UtcTime),
    sa.Column("answer", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("made_at", UtcTime, nullable=False),
    sa.Column("sent_at", UtcTime),
    sa.Index("ix_reports_state", "store_id", "state", "not_before"),
)

# --- Exported ----------------------------------------------------------------------------------------------------

exported_orders = sa.Table(
    "exported_orders",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # sent, not_exportable, not_sendable, refused, replacement, forgotten
    sa.Column("order_hash", sa.Text),  # of all that we know of the order
    sa.Column("update_hash", sa.Text),  # of what an update can carry (G-15)
    sa.Column("reason", sa.Text),
    sa.Column("at", UtcTime, nullable=False),
    sa.Column("has_premium", sa.Boolean),  # the shop's order had one when it was last looked at for sending
    sa.Column("premium_at", UtcTime),  # when that was
)

exported_fulfillments = sa.Table(
    "exported_fulfillments",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("fulfillment_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # sent, waiting (for tracking), refused, not_exportable, not_sendable
    sa.Column("hash", sa.Text),
    sa.Column("status", sa.Text),
    sa.Column("reason", sa.Text),
    sa.Column("due_at", UtcTime),
    sa.Column("at", UtcTime, nullable=False),
)

cursors = sa.Table(
    "cursors",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),  # orders, products
    sa.Column("cursor", sa.Text),  # of the page to read next; None between two runs
    sa.Column("since", UtcTime),  # where the running or the next run begins
    sa.Column("newest", UtcTime),  # the latest change seen in the running run
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, primary_key=True),
    sa.Column("marked_at", UtcTime, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False, default=0),
    sa.Column("not_before", UtcTime),
)

exported_products = sa.Table(
    "exported_products",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("product_id", sa.Text, primary_key=True),
    sa.Column("variant_id", sa.Text, primary_key=True),  # empty where the product has no variants
    sa.Column("state", sa.Text, nullable=False),  # sent, gone, refused, not_exportable, not_sendable
    sa.Column("hash", sa.Text),  # of all that the shop said, and of what stays there
    sa.Column("update_hash", sa.Text),  # of what an update can carry (C-20, G-18)
    sa.Column("reason", sa.Text),
    sa.Column("at", UtcTime, nullable=False),
)

# --- Begun by the shop -------------------------------------------------------------------------------------------

filings = sa.Table(
    "filings",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),  # one claim is filed once under it
    sa.Column("kind", sa.Text, nullable=False),  # online, offline
    sa.Column("order_id", sa.Text),  # the shop's, or for an offline claim the one that the API made up
    sa.Column("content_hash", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # begun, filed, refused, unknown
    sa.Column("known_claims", sa.Text, nullable=False),  # claims of the order before it was filed
    sa.Column("claim_id", sa.Text),  # the new one, once it shows
    sa.Column("reason", sa.Text),
    sa.Column("begun_at", UtcTime, nullable=False),
    sa.Column("settled_at", UtcTime),
)

differences = sa.Table(
    "differences",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("claim_id", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("order_id", sa.Text, nullable=False),
    sa.Column("ours", sa.Text),
    sa.Column("theirs", sa.Text),
    sa.Column("first_at", UtcTime, nullable=False),
    sa.Column("seen_at", UtcTime, nullable=False),
)

# --- Credentials of an app: sealed with a key that the ledger does not hold ----------------------------------------

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("client_id", sa.Text, nullable=False),
    sa.Column("access_token", sa.Text),
    sa.Column("refresh_token", sa.Text),
    sa.Column("scopes", sa.Text),
    sa.Column("ends_at", UtcTime),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("lease_until", UtcTime),  # of the one process that fetches the next
    sa.Column("reason", sa.Text),  # why there is none any more
    sa.Column("changed_at", UtcTime, nullable=False),
)

installs = sa.Table(
    "installs",
    metadata,
    sa.Column("store_id", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),  # sealed; what the redirect must bring back
    sa.Column("verifier", sa.Text, nullable=False),  # sealed; the answer to the code challenge (PKCE)
    sa.Column("begun_at", UtcTime, nullable=False),
)
