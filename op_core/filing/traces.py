"""What became of a filing, by what Order Protection shows: which claims of an order are new, and whose."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol, TypeVar

import attrs

from op_core.errors import NotFoundThere
from op_core.ledger import Ledger, filings
from op_core.ledger.filings import Filing
from op_core.order_protection.answers import ReadClaim
from op_core.order_protection.messages import Call

__all__ = ["Api", "New", "claim_ids", "new_claims"]

T = TypeVar("T")
_LATE = timedelta(hours=1)  # what may have been filed and has not shown since that long was not filed


class Api(Protocol):
    """What filing asks of Order Protection; `op_core.order_protection.client.Client` is one."""

    def call(self, call: Call[T]) -> T:
        """Make a call, and return what it answers."""

    def claims_of_order(self, order_id: str) -> list[ReadClaim]:
        """Return the claims of an order."""


@attrs.frozen
class New:
    """
    The claims of an order that were not there before a filing began.

    Attributes:
        count: Without those that other filings of ours made.
        claim_id: The filing's own; None where there is none, or it might be another's.
    """

    count: int
    claim_id: str | None


def claim_ids(api: Api, order_id: str) -> tuple[str, ...]:
    """Return the ids of an order's claims; of an order that the API does not know, none."""
    return tuple(one.id for one in _claims(api, order_id) if one.id)


def new_claims(ledger: Ledger, api: Api, filing: Filing, order_id: str, email: str | None) -> New:
    """
    Look for the claim that a filing made.

    Args:
        email: The claimant's, if the claim has one: a new claim of somebody else is not ours.
    """
    others = [one for one in ledger.read(filings.of_order, filing.store_id, order_id) if one.key != filing.key]
    gone = {*filing.known_claims, *(one.claim_id for one in others)}
    new = [one for one in _claims(api, order_id) if one.id is None or one.id not in gone]
    rivals = [one for one in others if _may_have_made_one(one, filing)]
    sole = new[0] if len(new) == 1 and not rivals else None
    return New(len(new), sole.id if sole is not None and _is_by(sole, email) else None)


def _may_have_made_one(other: Filing, filing: Filing) -> bool:
    """Tell whether another filing of ours has a claim that was not seen yet, or may have."""
    if other.claim_id is not None or other.state == "refused":
        return False
    return other.state == "filed" or (other.settled_at or other.begun_at) >= filing.begun_at - _LATE


def _is_by(claim: ReadClaim, email: str | None) -> bool:
    author = claim.author_email
    return author is None or email is None or author.strip().casefold() == email.strip().casefold()


def _claims(api: Api, order_id: str) -> list[ReadClaim]:
    try:
        return api.claims_of_order(order_id)
    except NotFoundThere:
        return []
