"""
What is said of an order's premium, and what is written down before it is said.

Order Protection may answer an update that takes protection away, or brings it, with a webhook (G-3), and may do so
before the page of the export is written down. So the state of the ledger changes first; a webhook that repeats it moves
no money. And nothing is ever said against that state: an update that contradicted it could come back as a change that
nobody made.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs
import sqlalchemy as sa

from op_core.claims import protection
from op_core.claims.holds import hold
from op_core.claims.states import NOT_BEGUN
from op_core.claims.write import stop
from op_core.ledger import Ledger, actions, exports, plans
from op_core.ledger.actions import Action
from op_core.ledger.exports import PremiumSeen
from op_core.models import Order
from op_core.testing.crash import crash_point

__all__ = ["Premiums"]


@attrs.frozen(eq=False)
class Premiums:
    """The premiums of one store's orders."""

    ledger: Ledger
    store_id: str

    def may_say(self, order: Order, row: sa.Row[Any] | None, *, told: bool) -> bool:
        """
        Tell whether what the shop says of the premium may be sent; the ledger knows of it by then.

        False means that Order Protection changed protection since, by a webhook, and that the shop's order only shows
        what came of an earlier change, or does not show what came of this one.

        Args:
            order: As the shop holds it now.
            row: What was exported of it.
            told: Order Protection was told of a premium.
        """
        seen = None if row is None or row.premium_at is None else PremiumSeen(row.has_premium, row.premium_at)
        found = self.ledger.read(self._look, order, seen)
        if not found.is_news(told=told):
            return found.may_be_said
        said = self.ledger.write(self._note, order, seen, told=told)
        crash_point("premium:noted")
        return said

    def _look(self, connection: sa.Connection, order: Order, seen: PremiumSeen | None) -> _Found:
        known = plans.protection(connection, self.store_id, order.id)
        ours = actions.of_subject(connection, self.store_id, f"protection:{order.id}")
        known = protection.current(known, ours)
        return _Found(order, seen, known, ours, protection.shop_changed(order, seen, known, ours))

    def _note(self, connection: sa.Connection, order: Order, seen: PremiumSeen | None, *, told: bool) -> bool:
        """Look again, now that nobody else writes, and write down what the shop says."""
        found, now = self._look(connection, order, seen), self.ledger.now(connection)
        has_premium = bool(order.premium_paid)
        if seen is not None and seen.has_premium is not has_premium:
            exports.see_premium(connection, self.store_id, order.id, has_premium=has_premium, at=now)
        if found.by_shop or found.is_dearer:
            paid = order.premium_paid or None
            plans.set_protection(
                connection, self.store_id, order.id, is_on=has_premium, paid=paid, now=now, by_shop=True
            )
        if found.by_shop:
            _set_aside(connection, found.ours, now, has_premium=has_premium)
        if found.may_be_said and told is not has_premium:
            plans.set_told(connection, self.store_id, order.id, is_on=has_premium, now=now)
        return found.may_be_said


@attrs.frozen
class _Found:
    """What the ledger knows of one order's protection, beside what the shop says now."""

    order: Order
    seen: PremiumSeen | None
    known: plans.Protection | None
    ours: list[Action]
    by_shop: bool

    @property
    def may_be_said(self) -> bool:
        return self.known is None or self.by_shop or self.known.is_on is bool(self.order.premium_paid)

    @property
    def is_dearer(self) -> bool:
        """The shop itself changed the premium of an order that it protected."""
        known = self.known
        return known is not None and known.by_shop and known.is_on and known.paid != self.order.premium_paid

    def is_news(self, *, told: bool) -> bool:
        has_premium = bool(self.order.premium_paid)
        is_seen = self.seen is None or self.seen.has_premium is has_premium
        return self.by_shop or self.is_dearer or not is_seen or (self.known is not None and told is not has_premium)


def _set_aside(connection: sa.Connection, ours: list[Action], now: datetime, *, has_premium: bool) -> None:
    """Hold what was asked for before and nobody has done: the shop may have done it, or undone its reason."""
    did = "put a premium on the order" if has_premium else "took the premium off the order"
    reason = hold("amended", f"the shop itself {did} before this was done")
    for action in ours:
        if action.state in NOT_BEGUN and reason not in action.holds:
            stop(connection, action, reason, now)
