"""An adapter whose shop cannot be asked: the same one, with each question answered by `CannotTell`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from op_core.hooks import PROJECT, QUESTIONS, hookimpl
from op_core.models import CannotTell, Fulfillment, Order
from op_core.requests import FindRequest
from op_core.testing.subject import Effected, Subject

__all__ = ["Around", "Blind"]


class _Unasked:
    """The adapter, but for its finds."""

    def __init__(self, adapter: Any) -> None:
        self._adapter = adapter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._adapter, name)


def _unasked(adapter: object) -> object:
    """Make a class of it, with each hook of the adapter: pluggy looks at a class for them, not at an instance."""
    hooks: dict[str, Any] = {}
    for name in dir(type(adapter)):
        marks = getattr(getattr(type(adapter), name), f"{PROJECT}_impl", None)
        if marks is not None:
            hook = marks.get("specname") or name
            hooks[hook] = hookimpl(_cannot_tell if hook in QUESTIONS.values() else _passed_on(name))
    return type("Unasked", (_Unasked,), hooks)(adapter)


def _passed_on(name: str) -> Callable[[_Unasked, Any], Any]:
    def hook(self: _Unasked, request: Any) -> Any:
        return getattr(self._adapter, name)(request)

    return hook


def _cannot_tell(self: _Unasked, request: FindRequest) -> CannotTell:  # noqa: ARG001 - whatever is asked
    return CannotTell("this shop cannot be asked")


class Around(Subject):
    """Another adapter over the shop of a subject. It is that one in all else."""

    def __init__(self, subject: Subject, adapter: object) -> None:
        """Take the subject that it is in all else."""
        self._subject, self._adapter = subject, adapter
        self.wire, self.secrets, self.lag = subject.wire, subject.secrets, subject.lag

    @property
    def adapter(self) -> object:
        """The other adapter."""
        return self._adapter

    def put(self, order: Order, parcels: Sequence[Fulfillment] = ()) -> Order:
        """As the other one."""
        return self._subject.put(order, parcels)

    def change(self, order_id: str) -> None:
        """As the other one."""
        self._subject.change(order_id)

    def effects(self) -> Sequence[Effected]:
        """As the other one."""
        return self._subject.effects()

    def settle(self, reference: str) -> None:
        """As the other one."""
        self._subject.settle(reference)

    def save(self) -> object:
        """As the other one."""
        return self._subject.save()

    def load(self, saved: object, /) -> None:
        """As the other one."""
        self._subject.load(saved)

    def tick(self, now: datetime, /) -> None:
        """As the other one."""
        self._subject.tick(now)

    def made(self) -> datetime | None:
        """As the other one."""
        return self._subject.made()


class Blind(Around):
    """A subject that cannot be asked what it did."""

    def __init__(self, subject: Subject) -> None:
        """Take the subject that it is in all else."""
        super().__init__(subject, _unasked(subject.adapter))
