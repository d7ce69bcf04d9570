"""Every documented call, for tests that state a rule of all of them."""

from __future__ import annotations

import inspect
from typing import Any

from op_core.order_protection import endpoints
from op_core.order_protection.messages import Call

__all__ = ["every_call"]


class _Body:
    """A body of any kind that holds nothing."""

    def to_wire(self) -> dict[str, Any]:
        """Return what is sent."""
        return {}


_GIVEN: dict[str, Any] = {"size": 10}  # by the name of an argument; every other one is a body or text


def every_call() -> list[Call[Any]]:
    """Return one call of each function in `op_core.order_protection.endpoints` that makes one."""
    return [_made(function) for name in endpoints.__all__ if _makes_call(function := getattr(endpoints, name))]


def _makes_call(function: Any) -> bool:
    return inspect.isfunction(function) and str(function.__annotations__.get("return")).startswith("Call[")


def _made(function: Any) -> Call[Any]:
    needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
    given = {one.name: _GIVEN.get(one.name, "1" if one.annotation == "str" else _Body()) for one in needed}
    call: Call[Any] = function(**given)
    return call
