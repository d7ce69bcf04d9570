"""Whether a store's shop is away: until when it is left alone, and what shows that it is back."""

from __future__ import annotations

import time
from collections.abc import Callable

import attrs

from op_core.errors import ShopAway

__all__ = ["Absence"]

_FIRST = 1.0  # seconds that a shop is left alone when it is found to be away
_LONGEST = 60.0  # as much at most, however often it still was; and how long the others must go well without one's word
_ASKED = 3600.0  # as much at most where the shop itself says how long: a date in its header may be years off


@attrs.frozen
class _Away:
    """It is away since. *hooks*: those that said so and did not answer since."""

    reason: str
    hooks: frozenset[str]
    until: float
    pause: float


@attrs.define(eq=False)
class Absence:
    """
    What the hooks of one store said of their shop, by `ShopAway`.

    Nobody asks a shop that is away until a pause is over: a second, then twice as long each time. It is back once each
    hook that said so has answered: where a user may only read, the reads go well, and the shop is no better for it. A
    hook that is not called any more is not waited for longer than a minute. A shop that says for how long is left alone
    for that long, an hour at most.

    There is no lock: whoever loses a race loses one word, and the next call says it again.

    Args:
        clock: Gives seconds that never go back.
    """

    clock: Callable[[], float] = attrs.field(default=time.monotonic, repr=False)
    _away: _Away | None = attrs.field(init=False, default=None)
    _times: int = attrs.field(init=False, default=0)

    @property
    def reason(self) -> str | None:
        """Why the shop is away, in its adapter's words; None: it is not known to be."""
        away = self._away
        return None if away is None else away.reason

    @property
    def wait(self) -> float:
        """The seconds until it may be asked again; 0: now."""
        away = self._away
        return 0.0 if away is None else max(away.until - self.clock(), 0.0)

    def check(self) -> int:
        """
        Return a mark for `answered`.

        Raises:
            ShopAway: It is not to be asked now.
        """
        away = self._away
        if away is not None and self.clock() < away.until:
            raise ShopAway(away.reason)
        return self._times

    def begin(self, hook: str, reason: str, asked: float | None = None) -> None:
        """
        Take the word of *hook* that the shop is away; of several that were under way, the first sets the pause.

        Args:
            hook: Which said so.
            reason: Why.
            asked: Seconds for which the shop asks to be left alone. The longest word counts.
        """
        away, now = self._away, self.clock()
        self._times += 1
        if away is None:
            self._away = _Away(reason, frozenset({hook}), now + _FIRST, _FIRST)
        elif now < away.until:
            self._away = attrs.evolve(away, hooks=away.hooks | {hook})
        else:
            pause = min(2 * away.pause, _LONGEST)
            self._away = _Away(reason, away.hooks | {hook}, now + pause, pause)
        until = now + min(asked or 0.0, _ASKED)
        if until > self._away.until:
            self._away = attrs.evolve(self._away, until=until)

    def answered(self, hook: str, mark: int) -> None:
        """Take an answer of *hook*, unless the shop was found to be away since *mark*, when that call began."""
        away = self._away
        if away is None or mark != self._times:
            return
        left = away.hooks - {hook}
        over = not left or self.clock() >= away.until + _LONGEST
        self._away = None if over else attrs.evolve(away, hooks=left)
