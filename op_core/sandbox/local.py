"""A whole Order Protection on this machine: its records, its switches, its webhooks. No HTTP of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from op_core.sandbox.behaviour import Switchboard
from op_core.sandbox.claims import Claims
from op_core.sandbox.filing import Filing
from op_core.sandbox.oauth import Clock, OAuth, utc_now
from op_core.sandbox.orders import Orders
from op_core.sandbox.products import Products
from op_core.sandbox.quotes import Quotes
from op_core.sandbox.sender import BACKOFF, Post, Sender, post
from op_core.sandbox.sessions import Sessions
from op_core.sandbox.store import Store

__all__ = ["LocalOrderProtection"]


class LocalOrderProtection:
    """
    What stands behind the routes. Its methods may be called from any thread.

    Args:
        db: A file that outlives the process, or None for memory.
        backoff: Seconds before the second and each further attempt to deliver a webhook.
        post: Sends one webhook.
        clock: Says when tokens end.

    Attributes:
        store: All documents.
        switchboard: How it behaves now.
        sender: Webhooks on their way.
        orders: Orders and fulfillments.
        claims: Claims, protection and reports.
        filing: Claims that come by REST.
        products: Products and their stock.
        quotes: Pricing rules.
        oauth: Apps and their tokens.
        sessions: Session tokens of embedded apps.
    """

    def __init__(
        self,
        *,
        db: str | Path | None = None,
        backoff: Sequence[float] = BACKOFF,
        post: Post = post,
        clock: Clock = utc_now,
    ) -> None:
        """Open the store, and go on with the webhooks that an earlier process left."""
        self.store = Store(db)
        self.switchboard = Switchboard()
        self.sender = Sender(self.store, self.switchboard, post=post, backoff=backoff)
        self.orders = Orders(self.store, self.switchboard)
        self.claims = Claims(self.store, self.orders, self.sender, self.switchboard)
        self.filing = Filing(self.store, self.orders, self.claims, self.switchboard)
        self.products = Products(self.store, self.switchboard)
        self.quotes = Quotes(self.store)
        self.oauth = OAuth(self.store, self.switchboard, clock)
        self.sessions = Sessions(self.store, self.oauth, self.switchboard, clock)
        self.sender.resume()

    def close(self) -> None:
        """Stop sending, then close the store."""
        self.sender.close()
        self.store.close()
