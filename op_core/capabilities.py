"""What an adapter can do, said with a reason: it is declared, never guessed from which methods exist."""

from __future__ import annotations

import enum
from typing import Literal

import attrs

__all__ = ["Capability", "Support"]


class Support(enum.StrEnum):
    """How far a hook is supported."""

    SUPPORTED = "supported"
    PARTIAL = "partial"
    UNSUPPORTED = "unsupported"
    NOT_YET = "not yet"
    UNKNOWN = "unknown"


@attrs.frozen
class Capability:
    """
    One hook's support. Everything short of ``supported`` needs a reason.

    Attributes:
        money: How the money of this hook's effect moves, said in advance: ``moved`` (a gateway moves it at once),
            ``queued`` (the shop's own job does, later) or ``booked`` (a row is written; it moves elsewhere). It is a
            promise: an outcome that says otherwise is not believed. None: each outcome says it, or no money is meant.

    Raises:
        ValueError: Where the reason is missing, or *money* is none of these words.
    """

    support: Support = attrs.field(converter=Support)
    reason: str = ""
    money: Literal["moved", "queued", "booked"] | None = attrs.field(
        default=None, validator=attrs.validators.in_(("moved", "queued", "booked", None))
    )

    def __attrs_post_init__(self) -> None:
        """Refuse a gap without its reason."""
        if self.support is not Support.SUPPORTED and not self.reason:
            raise ValueError(f"a capability that is {self.support.value!r} needs a reason")

    @property
    def usable(self) -> bool:
        """Tell whether the hook may be called at all."""
        return self.support in (Support.SUPPORTED, Support.PARTIAL)
