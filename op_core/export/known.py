"""How something is made known to Order Protection once, and which answers are about what was sent."""

from __future__ import annotations

from collections.abc import Callable

from op_core.errors import (
    AlreadyThere,
    Answered,
    BadRequest,
    MayHaveLanded,
    NotSendable,
    ServerFailed,
    Unprocessable,
    UnreadableAnswer,
    WireError,
)

__all__ = ["Unclear", "is_refusal", "make_known"]

_TOO_LARGE = 413
_PERHAPS = (MayHaveLanded, ServerFailed, UnreadableAnswer)  # a POST that ended so may have been taken


class Unclear(WireError):
    """The API says of one id both that it is there and that it is not."""


def is_refusal(error: WireError) -> bool:
    """Tell whether an error is about what was sent, so that the next order may fare better."""
    if isinstance(error, Answered) and error.status == _TOO_LARGE:
        return True
    return isinstance(error, BadRequest | Unprocessable | NotSendable | AlreadyThere | Unclear)


def make_known(post: Callable[[], None], is_there: Callable[[], bool], put: Callable[[], None]) -> str:
    """
    POST; where it is there already, PUT; where nobody knows, look before either. Return ``created`` or ``updated``.

    Raises:
        WireError: The second POST of unknown outcome, or anything else that a call raises.
    """
    for is_last in (False, True):
        try:
            post()
            return "created"
        except AlreadyThere:
            put()
            return "updated"
        except _PERHAPS:
            if is_last:
                raise
            if is_there():
                put()
                return "created"
    raise AssertionError("the last try returns or raises")
