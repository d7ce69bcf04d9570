"""
What an adapter can be asked besides its hooks: to prove that it fits its shop, and to make what it needs there.

Both are optional methods of the adapter, asked by ``op-core doctor`` and ``op-core db install``:

    class MyAdapter:
        def prove(self, *, writes: bool) -> Iterable[Proof]:
            yield Proof("columns", "well", "all twelve are there")

        def install(self) -> Iterable[str]:
            yield "made the table op_references"
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol, runtime_checkable

import attrs

__all__ = ["Installs", "Proof", "Proves"]


@attrs.frozen
class Proof:
    """
    One thing that an adapter looked at in its shop.

    Attributes:
        check: What was looked at, in a few words: ``index on the change column``.
        state: ``well``, ``not well``, or ``look`` where nothing is broken and a person should know.
        said: What was found, in words. No secret and no personal data.
        private: What holds personal data: one order as it would be exported. It is shown with ``--reveal`` alone.
    """

    check: str
    state: Literal["well", "look", "not well"] = attrs.field(
        validator=attrs.validators.in_(("well", "look", "not well"))
    )
    said: str
    private: str = attrs.field(default="", repr=False)


@runtime_checkable
class Proves(Protocol):
    """An adapter that can prove itself."""

    def prove(self, *, writes: bool) -> Iterable[Proof]:
        """
        Yield what was looked at, one by one, so that a long look shows how far it is.

        Nothing is changed. With *writes* each effect is made and taken back in one transaction, so that it is seen
        whether it can be made; what cannot be taken back is not tried, and said.

        Raises:
            NotSupported: With *writes*: this adapter cannot take back what it would make. Nothing was made.
        """


@runtime_checkable
class Installs(Protocol):
    """An adapter that needs something of its own in the shop, and can make it."""

    def install(self) -> Iterable[str]:
        """Make what is needed and not there, and yield a line for each thing made; a second time makes nothing."""
