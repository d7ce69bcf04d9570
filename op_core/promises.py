"""What a hook promises to answer, down to the parts. A wrong value is named here, before it goes any further."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from op_core.errors import ContractBroken
from op_core.models import CannotTell, Found, Fulfillment, NotFound, Outcome, Stock

__all__ = ["all_are", "answer", "found", "fulfillments", "outcome", "stock"]

_SAYS_HOW_MONEY_MOVED = ("refund", "charge_protection", "refund_protection")


def answer(hook: str, said: object, expected: type[Any] | tuple[type[Any], ...]) -> None:
    """
    Refuse an answer of the wrong type.

    Raises:
        ContractBroken: The text names what was found and what was expected.
    """
    if not isinstance(said, expected):
        kinds = expected if isinstance(expected, tuple) else (expected,)
        names = " or ".join(kind.__name__.lower() if kind is Mapping else kind.__name__ for kind in kinds)
        raise ContractBroken(f"{hook} answered {type(said).__name__}, expected {names}")


def all_are(hook: str, what: str, parts: object, kind: type[Any]) -> None:
    """Refuse *parts* that are no tuple or list of *kind* alone. Raises `ContractBroken`."""
    if not isinstance(parts, (tuple, list)):
        raise ContractBroken(f"{hook} answered {type(parts).__name__} as {what}, expected a tuple of {kind.__name__}")
    for part in parts:
        if not isinstance(part, kind):
            raise ContractBroken(
                f"{hook} answered {type(part).__name__} among {what}, expected nothing but {kind.__name__}"
            )


def stock(hook: str, said: tuple[Stock, ...]) -> None:
    """Refuse what is no stock, or counts in anything but whole units. Raises `ContractBroken`."""
    all_are(hook, "the stock", said, Stock)
    for one in said:
        available: object = one.available
        if available is not None and (isinstance(available, bool) or not isinstance(available, int)):
            raise ContractBroken(
                f"{hook} answered {type(available).__name__} as available units, expected int, or None for not counted"
            )


def fulfillments(hook: str, said: Mapping[str, tuple[Fulfillment, ...]]) -> None:
    """Refuse keys that are no ids, and parcels that are none, or of another order. Raises `ContractBroken`."""
    for order_id, parcels in said.items():
        key: object = order_id
        if not isinstance(key, str):
            raise ContractBroken(f"{hook} answered a mapping with {type(key).__name__} as key, expected order ids: str")
        all_are(hook, "the fulfillments of an order", parcels, Fulfillment)
        if any(parcel.order_id != order_id for parcel in parcels):
            raise ContractBroken(f"{hook} answered a fulfillment under the id of another order than its own")


def outcome(verb: str, hook: str, said: Any) -> Outcome:
    """Trust an answer only if it is all that the hook promises: anything else may have happened."""
    if not isinstance(said, Outcome):
        return Outcome("unknown", reason=f"{hook} answered {type(said).__name__}, expected Outcome")
    if _silent_on_money(verb, said):
        return Outcome("unknown", reason=f"{hook} does not say how the money moved: moved, queued or booked")
    return said


def found(verb: str, hook: str, said: Found | NotFound | CannotTell) -> None:
    """Refuse an effect that is found, and not whole. Raises `ContractBroken`."""
    if not isinstance(said, Found):
        return
    all_are(hook, "what was found", (said.outcome,), Outcome)
    all_are(hook, "the others that were found", said.others, Outcome)
    if any(_silent_on_money(verb, one) for one in (said.outcome, *said.others)):
        raise ContractBroken(f"{hook} does not say how the money moved: moved, queued or booked")


def _silent_on_money(verb: str, said: Outcome) -> bool:
    return said.state == "done" and said.money is None and verb in _SAYS_HOW_MONEY_MOVED
