"""
What the backend answers, made into what a hook answers.

A wrong answer is never taken for a good one: it raises `ContractBroken`, which a money hook's caller counts as unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from op_core.errors import ContractBroken, NotSupported, OrderNotFound
from op_core.models import (
    CannotTell,
    Found,
    Fulfillment,
    Fulfillments,
    NotFound,
    Order,
    OrderPage,
    Outcome,
    ProductPage,
    Stock,
)
from op_core.requests import CheckStockRequest, Effect, FindRequest, LookupFulfillmentsRequest
from op_core.stubs import GrantedRefund, OrderNote, ProtectionChange, ReplacementOrder, StoreCredit

__all__ = ["Made", "cannot_tell", "findings", "fulfillments", "order", "outcome", "page", "stock"]

T = TypeVar("T")
Page = TypeVar("Page", OrderPage, ProductPage)
Made = GrantedRefund | ReplacementOrder | StoreCredit | ProtectionChange | OrderNote


def _is(kind: type[T], answer: object, method: str) -> T:
    if not isinstance(answer, kind):
        found = "None" if answer is None else f"a {type(answer).__name__}"
        raise ContractBroken(f"{method} answered {found}; expected a {kind.__name__}")
    return answer


def _all(kind: type[T], answers: object, method: str) -> tuple[T, ...]:
    if not isinstance(answers, Sequence) or isinstance(answers, str | bytes):
        found = "None" if answers is None else f"a {type(answers).__name__}"
        raise ContractBroken(f"{method} answered {found}; expected a list of {kind.__name__}, empty if there is none")
    return tuple(_is(kind, answer, method) for answer in answers)


def page(kind: type[Page], answer: object, method: str) -> Page:
    """Return the page; one that is not the last must have a cursor, or reading would never end."""
    read = _is(kind, answer, method)
    if not read.done and read.cursor is None:
        raise ContractBroken(f"{method} answered a page that is not done and has no cursor")
    return read


def order(answer: object, order_id: str) -> Order:
    """Return the order that was asked for; None raises `OrderNotFound`."""
    if answer is None:
        raise OrderNotFound(f"the shop has no order {order_id!r}")
    read = _is(Order, answer, "order")
    if read.id != order_id:
        raise ContractBroken(f"order answered order {read.id!r}; asked for was {order_id!r}")
    return read


def fulfillments(answers: object, request: LookupFulfillmentsRequest) -> Fulfillments:
    """Return the fulfillments by order id, in the order they came."""
    result: dict[str, tuple[Fulfillment, ...]] = {}
    for one in _all(Fulfillment, answers, "fulfillments"):
        if one.order_id not in request.order_ids:
            raise ContractBroken(f"fulfillments answered one of order {one.order_id!r}, which was not asked for")
        result[one.order_id] = (*result.get(one.order_id, ()), one)
    return result


def stock(answers: object, request: CheckStockRequest) -> tuple[Stock, ...]:
    """Return the stock of every line that was asked for."""
    read = _all(Stock, answers, "stock")
    missing = sorted({line.line_id for line in request.lines} - {one.line_id for one in read})
    if missing:
        raise ContractBroken(f"stock says nothing of line {missing[0]!r}; None is for what the shop does not count")
    return read


def outcome(kind: type[Made], answer: object, request: Effect, method: str) -> Outcome:
    """Return the outcome of a call that made something; a made thing that is not what was asked for is no success."""
    made = _is(kind, answer, method)
    differs = _difference(made, request)
    if differs:
        raise ContractBroken(f"{method} answered {differs}")
    return _outcome(made, request, method)


def findings(kind: type[Made], answers: object, request: FindRequest, method: str) -> Found | NotFound | CannotTell:
    """
    Return what the shop holds under the reference.

    A single effect of another amount is nothing that one may call done: a person looks.
    """
    made = _all(kind, answers, method)
    if not made:
        return NotFound()
    outcomes = tuple(_outcome(one, request, method) for one in made)
    differs = _difference(made[0], request)
    if differs and len(made) == 1:
        return CannotTell(f"the shop holds {differs}")
    return Found(outcomes[0], outcomes[1:])


def cannot_tell(error: NotSupported) -> Found | NotFound | CannotTell:
    """Return the reason why the shop cannot be asked."""
    return CannotTell(error.reason)


def _difference(made: Made, request: Effect | FindRequest) -> str:
    if isinstance(made, ReplacementOrder) and made.original_id != request.order.id:
        return f"a replacement of order {made.original_id!r}; expected one of {request.order.id!r}"
    amount = getattr(made, "amount", None)
    expected = getattr(request, "amount", None)
    # A shop may hold unrounded sums, so amounts are the same if they are so in the currency's own digits.
    if amount is not None and expected is not None and amount.rounded() != expected.rounded():
        return f"{amount} under {request.reference}; expected {expected}"
    return ""


def _outcome(made: Made, request: Effect | FindRequest, method: str) -> Outcome:
    if made.reference != request.reference:
        raise ContractBroken(f"{method} answered one of reference {made.reference!r}; expected {request.reference!r}")
    if isinstance(made, ReplacementOrder):
        return Outcome("done", shop_id=made.id, order_id=made.id)
    if isinstance(made, OrderNote):
        return Outcome("done", shop_id=made.id)
    if made.money == "queued":
        return Outcome("pending", shop_id=made.id, money="queued")
    if made.money not in ("moved", "booked"):
        raise ContractBroken(f"{method} answered money {made.money!r}; expected 'moved', 'queued' or 'booked'")
    return Outcome("done", shop_id=made.id, money=made.money)
