"""A function of the shop's own that pays through its gateway, and the one that asks the gateway whether it paid."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from op_core.errors import NotSent, NotSupported, Refused
from op_core.faults import where
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.named import function
from op_core.requests import Effect, FindRequest

__all__ = ["Door"]


@attrs.frozen
class Door:
    """
    The way to a gateway.

    Attributes:
        name: What the mapping calls the function that pays.
        pay: It.
        finder: What asks the gateway; None: nothing does.
    """

    name: str
    pay: Callable[[Any], Any] = attrs.field(repr=False)
    finder: Callable[[Any], Any] | None = attrs.field(repr=False)

    @classmethod
    def open(cls, money: str, find_money: str | None, directory: Path, place: str) -> Door:
        """
        Find the functions.

        Args:
            money: ``module:function``.
            find_money: The same, or None.
            directory: The folder of op.toml, where the module may lie.
            place: The table, such as ``shop.toml: refund``.

        Raises:
            SettingsError: They cannot be found, or cannot be called with one request.
        """
        finder = function(f"{place}.find_money", find_money, directory) if find_money is not None else None
        return cls(money, function(f"{place}.money", money, directory), finder)

    def call(self, request: Effect) -> Outcome:
        """
        Have it paid. What cannot be believed is ``unknown``, since it may have paid.

        Raises:
            NotSent, Refused, NotSupported: The function says that surely nothing was paid.
        """
        try:
            said = self.pay(request)
        except (NotSent, Refused, NotSupported):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it was, it may have paid
            return Outcome("unknown", reason=f"{self.name} failed: {where(error)}")
        if not isinstance(said, Outcome):
            _forget(said)
            return Outcome("unknown", reason=f"{self.name} answered {type(said).__name__}; expected Outcome")
        if said.state == "refused":
            raise Refused(said.reason or f"{self.name} says no")
        return self._read(said)

    def ask(self, request: FindRequest) -> Found | NotFound | CannotTell:
        """Ask the gateway; whatever the function raises goes on. Only where there is a *finder*."""
        assert self.finder is not None
        said = self.finder(request)
        if isinstance(said, Found):
            found = Found(self._read(said.outcome), tuple(self._read(one) for one in said.others))
            return CannotTell(str(found.outcome.reason)) if found.outcome.state == "unknown" else found
        if not isinstance(said, NotFound | CannotTell):
            _forget(said)
            return CannotTell(f"{self.name}: its find_money answered {type(said).__name__}")
        return said

    def _read(self, said: Outcome) -> Outcome:
        if said.money in (None, "moved"):
            return attrs.evolve(said, money="moved" if said.state == "done" else None)
        reason = f"{self.name} says that the money is {said.money}; a function that pays moves it"
        return Outcome("unknown", shop_id=said.shop_id, reason=reason)


def _forget(said: Any) -> None:
    if inspect.iscoroutine(said):
        said.close()  # it was never begun
