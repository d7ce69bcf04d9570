"""
A store's rules, fetched and remembered. Safe to share between threads: whoever comes first asks, once for all.

A checkout must not hang. The call is brief; while one thread asks, the others use what is known if it may still be
used; after a failure nobody asks again for a while.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import attrs

from op_core.errors import (
    MayHaveLanded,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    SettingsError,
    UnreadableAnswer,
    WireError,
)
from op_core.order_protection.answers import ReadQuote
from op_core.pricing.cart import Cart
from op_core.pricing.premium import Premium, premium_for
from op_core.pricing.rules import Borders
from op_core.settings import QuoteSettings

__all__ = ["Prices"]

log = logging.getLogger("op_core")
_PAUSE = timedelta(seconds=15)  # after a failure
_PATIENCE = 10.0  # seconds to wait for another thread's answer where nothing is known; longer than a call takes
# What says nothing about the store's rules: they may be what they were. Any other answer, such as 404, does.
_AWAY = (MayHaveLanded, RateLimited, RequestNotSent, ServerFailed, UnreadableAnswer)


@attrs.frozen
class _Held:
    quote: ReadQuote
    at: datetime


@attrs.define(eq=False)
class Prices:
    """
    The prices of one store.

    Args:
        store: The store's name in the settings.
        settings: Its table ``quote``.
        borders: How its rules are read.
        ask: Fetches the rules; given the host, an application and its variant.
        clock: Gives the time of this machine, UTC.
    """

    store: str
    settings: QuoteSettings
    borders: Borders
    ask: Callable[[str, str | None, str | None], ReadQuote]
    clock: Callable[[], datetime]
    _held: _Held | None = attrs.field(default=None, init=False, repr=False)
    _failed: tuple[datetime, WireError] | None = attrs.field(default=None, init=False, repr=False)
    _asking: threading.Lock = attrs.field(factory=threading.Lock, init=False, repr=False)

    def quote(self, subtotal: Decimal | int | str, currency: str, rate: Decimal | int | str | None = None) -> Premium:
        """
        Return what protection costs for a cart.

        Args:
            subtotal: Of the goods, before shipping and add-ons; major units of *currency*.
            currency: Of the cart.
            rate: Units of *currency* for 1 USD; may be left out for USD.

        Raises:
            WrongArgument: One of the three cannot be; the text says which.
            SettingsError: ``quote.store_url`` is not set.
            WireError: The rules could not be read, and none are known that may still be used.
        """
        cart = Cart.of(subtotal, currency, rate)
        held = self._rules()
        age = max(self.clock() - held.at, timedelta(0))
        stale = age > self.settings.max_age
        return premium_for(held.quote, cart, self.borders, fetched_at=held.at, age=age, stale=stale)

    def _rules(self) -> _Held:
        """Return rules that may be used, fetched if need be."""
        usable = self._usable()
        if usable is not None and self._fresh(usable):
            return usable
        mine = self._asking.acquire(blocking=usable is None, timeout=_PATIENCE if usable is None else -1)
        try:
            if not mine and usable is not None:
                return usable  # somebody asks already
            return self._fetched()
        finally:
            if mine:
                self._asking.release()

    def _fetched(self) -> _Held:
        usable = self._usable()
        if usable is not None and self._fresh(usable):  # somebody asked meanwhile
            return usable
        if self._failed is not None and timedelta(0) <= self.clock() - self._failed[0] < _PAUSE:
            return self._rather(usable, self._failed[1])
        try:
            quote = self.ask(self._host(), self.settings.partner_app_id, self.settings.partner_variant)
        except WireError as error:
            self._failed = (self.clock(), error)
            if isinstance(error, _AWAY) and usable is not None:
                log.warning("store %s: prices of %s are used: %s", self.store, usable.at.isoformat(), error)
            elif not isinstance(error, _AWAY):
                self._held = None
            return self._rather(usable, error)
        self._held, self._failed = _Held(quote, self.clock()), None
        return self._held

    def _rather(self, usable: _Held | None, error: WireError) -> _Held:
        """Return older rules in the place of an error, where it says nothing about them."""
        if usable is None or not isinstance(error, _AWAY):
            raise error.with_traceback(None)
        return usable

    def _usable(self) -> _Held | None:
        held = self._held
        # An answer from the future says that the clock was put back: nobody knows how old it is.
        return held if held and timedelta(0) <= self.clock() - held.at <= self.settings.stale_for else None

    def _fresh(self, held: _Held) -> bool:
        return self.clock() - held.at <= self.settings.max_age

    def _host(self) -> str:
        if self.settings.store_url is None:
            raise SettingsError(
                f'stores.{self.store}.quote.store_url: missing; expected the shop\'s host, such as "shop.example": '
                "Order Protection's prices are asked by it (page QUOTE)"
            )
        return self.settings.store_url
