"""Whoever wants to see each answer as it came, and what a caller is told of one that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from op_core.errors import Answered, UnreadableAnswer
from op_core.faults import where
from op_core.order_protection.messages import Call, Request, Response

__all__ = ["OnAnswer", "heard", "nobody", "read_aloud", "unreadable"]

T = TypeVar("T")
# Given the request, the answer, and why it could not be read (None: it could). Returns the number under which it is
# kept, if it is. It never raises.
OnAnswer = Callable[[Request, Response, str | None], int | None]


def nobody(request: Request, response: Response, reason: str | None = None) -> None:
    """Do not listen."""


def read_aloud(call: Call[T], response: Response, on_answer: OnAnswer) -> T:
    """
    Read the answer to a call, and let *on_answer* see it.

    Raises:
        UnreadableAnswer: It is in a form that nobody knows; the text says which call, what was expected, and where the
            answer is kept.
    """
    try:
        value = call.read(response)
    except UnreadableAnswer as error:
        raise unreadable(call.request, response, error, on_answer) from None
    except Exception as error:  # noqa: BLE001 - whatever an answer does to a reader, the caller gets an error of ours
        reason = f"the API answered {response.status} in a form that could not be read ({where(error)})"
        raise unreadable(call.request, response, UnreadableAnswer(reason), on_answer) from None
    on_answer(call.request, response, None)
    return value


def unreadable(request: Request, response: Response, error: UnreadableAnswer, on_answer: OnAnswer) -> UnreadableAnswer:
    """Let *on_answer* see an answer that cannot be read, and return the error with what it was the answer to."""
    reason = str(error).removeprefix(f"{request.name}: ")
    number = on_answer(request, response, reason)
    page = f" (page {request.page})" if request.page else ""
    kept = f"; the answer is kept: op-core wire show {number}" if number is not None else ""
    return UnreadableAnswer(f"{request.name}: {reason}{page}{kept}", error.body)


@contextmanager
def heard(request: Request, on_answer: OnAnswer) -> Iterator[None]:
    """Let *on_answer* see what is no success, or too long, while a request is sent in here."""
    try:
        yield
    except Answered as error:
        on_answer(request, Response(status=error.status, body=error.body), None)
        raise
    except UnreadableAnswer as error:  # a success: everything else is `Answered`
        raise unreadable(request, Response(status=200, body=error.body), error, on_answer) from None
