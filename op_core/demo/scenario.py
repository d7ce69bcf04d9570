"""What happens in the demo: which claims are filed, how they are decided, and what the shop owes because of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

import attrs

__all__ = ["CASES", "MESSAGES", "PROTECTIONS", "WAVES", "Case", "Owed"]

Wave = Literal["reference", "slash", "camel"]
WAVES: tuple[Wave, ...] = ("reference", "slash", "camel")


@attrs.frozen
class Owed:
    """One effect that must be in the shop's own tables: its kind there, and its amount (None: no money)."""

    kind: str
    amount: Decimal | None = None


@attrs.frozen
class Case:
    """
    One claim.

    Attributes:
        order: Number of the demo order, such as 1001.
        resolutions: As ``claim.approved`` says them; empty: the claim is denied.
        owed: What must be in the shop at the end.
        held: How many actions must wait for a person at the end.
        amended: What is decided instead, once the first decision was acted upon.
        wave: In which spelling its webhooks come.
    """

    order: int
    resolutions: tuple[dict[str, Any], ...]
    owed: tuple[Owed, ...] = ()
    held: int = 0
    amended: tuple[dict[str, Any], ...] = ()
    wave: Wave = "reference"

    @property
    def order_id(self) -> str:
        """The shop's id of the order."""
        return f"order-{self.order}"


def _decided(
    kind: str, order: int, *items: tuple[int, int], percentage: int = 100, flat: str | None = None
) -> dict[str, Any]:
    said = [
        {
            "sourceItemId": f"line-{order}-{line}",
            "quantity": quantity,
            "percentage": percentage,
            **({} if flat is None else {"flat_amount": Decimal(flat)}),
        }
        for line, quantity in items
    ]
    return {"type": kind, "details": {"items": said}}


def _reship(order: int, *items: tuple[int, int]) -> dict[str, Any]:
    return _decided("RESHIP", order, *items)


def _refund(order: int, *items: tuple[int, int], percentage: int = 100) -> dict[str, Any]:
    return _decided("REFUND", order, *items, percentage=percentage)


def _money(amount: str) -> Owed:
    return Owed("refund", Decimal(amount))


_SENT = Owed("replacement")

CASES = (
    # sent again
    Case(1001, (_reship(1001, (1, 1)),), (_SENT,)),
    Case(1002, (_reship(1002, (1, 1)),), (_SENT,)),
    Case(1004, (_reship(1004, (1, 2)),), (_SENT,)),
    Case(1006, (_reship(1006, (2, 1)),), (_SENT,)),
    Case(1016, (_reship(1016, (1, 1)),), (_SENT,), wave="slash"),
    Case(1040, (_reship(1040, (1, 1)),), (_SENT,), wave="camel"),
    # refunded: one unit; a card and a gift card; euros, yen, dinars
    Case(1007, (_refund(1007, (1, 1)),), (_money("23.95"),)),
    Case(1010, (_refund(1010, (1, 3), (2, 3)),), (_money("176.70"),)),
    Case(1012, (_refund(1012, (1, 1)),), (_money("88.95"),), wave="slash"),
    Case(1015, (_refund(1015, (3, 3)),), (_money("7185"),)),
    Case(1009, (_refund(1009, (2, 1)),), (_money("23.995"),)),
    # both in one claim
    Case(1011, (_refund(1011, (1, 1)), _reship(1011, (2, 1))), (_money("11.95"), _SENT)),
    Case(1018, (_refund(1018, (2, 1)), _reship(1018, (3, 1))), (_money("6.95"), _SENT), wave="slash"),
    # store credit, flat amounts, percentages
    Case(1014, (_decided("STORE_CREDIT", 1014, (1, 1)),), (Owed("store_credit", Decimal("23.95")),)),
    Case(1022, (_decided("STORE_CREDIT", 1022, (1, 1)),), (Owed("store_credit", Decimal("11.95")),), wave="slash"),
    Case(1017, (_decided("FLAT_RATE", 1017, (1, 1), flat="5.00"),), (_money("5.00"),)),
    Case(1019, (_decided("FLAT_RATE", 1019, (1, 1), flat="10.500"),), (_money("10.500"),)),
    Case(1021, (_refund(1021, (1, 1), percentage=50),), (_money("29.48"),)),
    Case(1024, (_refund(1024, (1, 1), percentage=30),), (_money("10.49"),)),
    # denied
    Case(1008, ()),
    Case(1020, (), wave="slash"),
    # decided again, after the first decision was acted upon: the difference waits for a person
    Case(1027, (_refund(1027, (1, 1), percentage=50),), (_money("11.98"),), 1, (_refund(1027, (1, 1)),)),
    Case(1028, (_reship(1028, (1, 1)),), (_SENT,), 1, (_refund(1028, (1, 1)),)),
    # what a person should see first: above the store's limit; out of stock
    Case(1023, (_refund(1023, (1, 3)),), held=1),
    Case(1003, (_reship(1003, (3, 1)),), held=1),
)

# Orders whose protection is changed by hand in the dashboard: action, amount, and what the shop owes.
PROTECTIONS = (
    (1032, "add", Decimal("3.95"), Owed("protection_charge", Decimal("3.95"))),
    (1038, "add", Decimal("2.95"), Owed("protection_charge", Decimal("2.95"))),
    (1031, "remove", None, Owed("protection_refund", Decimal("2.95"))),
    (1033, "remove", None, Owed("protection_refund", Decimal("2.95"))),
)

# Orders of cases above whose claim gets a message.
MESSAGES = (1001, 1007, 1012)
