"""Reports of outcomes: the calls that no page documents (G-1), made from what a store's settings say."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Protocol

from op_core.errors import NotSendable, SettingsError
from op_core.order_protection.endpoints.paths import segment
from op_core.order_protection.messages import Request

__all__ = ["PLACEHOLDERS", "Route", "report"]

PLACEHOLDERS = (
    "claim_id",
    "order_id",
    "op_order_id",
    "shop_id",
    "verb",
    "amount",
    "currency",
    "reference",
    "outcome",
    "money",
)
_HOLE = re.compile(r"\{([^{}]*)\}")


class Route(Protocol):
    """A configured report route: ``POST``, ``/v1/…/{claim_id}``, and a body with placeholders in its texts."""

    @property
    def method(self) -> str:
        """The HTTP method."""

    @property
    def path(self) -> str:
        """The path after the host; what fills its placeholders is percent-encoded."""

    @property
    def body(self) -> Any:
        """What becomes JSON, or None."""


def report(route: Route, facts: Mapping[str, Any]) -> Request:
    """
    Fill a configured route with the facts of an outcome.

    A text that is one placeholder and no more becomes the fact itself: a number for ``{amount}``, null where there
    is none. It is never repeated blindly, for nobody knows what the route does.

    Args:
        route: Anything with a method, a path and a body.
        facts: Values by the names in `PLACEHOLDERS`; amounts are Decimals in major units.

    Raises:
        SettingsError: For a placeholder that nobody knows.
        NotSendable: Where a path or a longer text needs a fact that this outcome has not.
    """
    path = _HOLE.sub(lambda hole: segment(_said(facts, hole[1]), hole[1]), route.path)
    return Request(method=route.method.upper(), path=path, body=_filled(route.body, facts))


def _filled(template: Any, facts: Mapping[str, Any]) -> Any:
    match template:
        case str():
            whole = _HOLE.fullmatch(template)
            if whole:
                return _fact(facts, whole[1])
            return _HOLE.sub(lambda hole: _said(facts, hole[1]), template)
        case Mapping():
            return {key: _filled(value, facts) for key, value in template.items()}
        case list() | tuple():
            return [_filled(value, facts) for value in template]
        case _:
            return template


def _fact(facts: Mapping[str, Any], name: str) -> Any:
    if name not in PLACEHOLDERS:
        near = difflib.get_close_matches(name, PLACEHOLDERS, n=1)
        nearest = f"; the nearest is {{{near[0]}}}" if near else f"; there are {', '.join(PLACEHOLDERS)}"
        raise SettingsError(f"report: {{{name}}} is no placeholder{nearest}")
    return facts.get(name)


def _said(facts: Mapping[str, Any], name: str) -> str:
    value = _fact(facts, name)
    if value is None:
        raise NotSendable(f"report: the route needs {{{name}}}, and this outcome has none")
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
