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


def outcome(verb: str, hook: str, said: Any, declared: str | None = None) -> Outcome:
    """
    Trust an answer only if it is all that the hook promises: anything else may have happened.

    *declared* is how the adapter said in advance that the money of this effect moves. An outcome that says otherwise is
    not believed, in neither direction. Taken at its word, ``moved`` where ``booked`` was declared would be told as paid
    where perhaps nobody pays; ``booked`` where ``moved`` was declared has a person pay what a gateway may have paid. So
    it is unknown, with the shop's id: the shop is asked, what it says is held against the same declaration, and if it
    contradicts it too, a person looks. It is never called again unless the shop says that it holds nothing.
    """
    if not isinstance(said, Outcome):
        return Outcome("unknown", reason=f"{hook} answered {type(said).__name__}, expected Outcome")
    if _silent_on_money(verb, said):
        return Outcome("unknown", reason=f"{hook} does not say how the money moved: moved, queued or booked")
    if (wrong := _breaks(declared, said)) is not None:
        return Outcome("unknown", shop_id=said.shop_id, order_id=said.order_id, reason=f"{hook} {wrong}")
    return said


def found(verb: str, hook: str, said: Found | NotFound | CannotTell, declared: str | None = None) -> None:
    """Refuse an effect that is found, and not whole or not as *declared*; see `outcome`. Raises `ContractBroken`."""
    if not isinstance(said, Found):
        return
    all_are(hook, "what was found", (said.outcome,), Outcome)
    all_are(hook, "the others that were found", said.others, Outcome)
    if any(_silent_on_money(verb, one) for one in (said.outcome, *said.others)):
        raise ContractBroken(f"{hook} does not say how the money moved: moved, queued or booked")
    for one in (said.outcome, *said.others):
        if (wrong := _breaks(declared, one)) is not None:
            raise ContractBroken(f"{hook} {wrong}")


def _silent_on_money(verb: str, said: Outcome) -> bool:
    return said.state == "done" and said.money is None and verb in _SAYS_HOW_MONEY_MOVED


def _breaks(declared: str | None, said: Outcome) -> str | None:
    """Say how an outcome breaks what was declared of its money; what was queued has moved once it is done."""
    expected = "moved" if declared == "queued" and said.state == "done" else declared
    if declared is None or said.money in (None, expected) or said.state not in ("done", "pending"):
        return None
    made = f" {said.shop_id}" if said.shop_id is not None else ""
    return f"says that the money of{made or ' the effect'} is {said.money}; the adapter declared {declared}"
