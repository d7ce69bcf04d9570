"""
JMESPath over JSON that holds no floats.

The functions beside JMESPath's own are the named converters of a manifest: ``ours(note)`` tells whether a text holds
the reference of the effect that is asked for, ``minor_units(amount, currency)`` writes whole cents.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import attrs
import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions, signature

from op_core.money import decimal_from, exponent

__all__ = ["LEFT_OUT", "Expression", "WrongExpression", "stamp", "texts"]

LEFT_OUT = "where the shop leaves out what is empty, write || `[]` after its name"
"""What to write where a key that is not there means an empty list."""

_NUMBER: Any = {"types": ["number", "string"]}
_TEXT: Any = {"types": ["string", "null"]}
_ANY: Any = {"types": []}


class WrongExpression(ValueError):
    """An expression that cannot be read, or that does not fit what it is asked of. The text holds no value."""


class _Converters(Functions):
    """JMESPath's functions with exact numbers and forgiving of absent lists, and ours."""

    def __init__(self, reference: str = "") -> None:
        self._reference = reference

    def _get_allowed_pytypes(self, types: list[str]) -> tuple[list[str], list[tuple[str, ...]]]:
        allowed, inner = super()._get_allowed_pytypes(types)  # type: ignore[misc]  # its stub leaves it out
        if any(each == "number" for each in types):
            allowed = [*allowed, "Decimal"]
        return allowed, [(*each, "Decimal") if "int" in each else each for each in inner]

    @signature(_ANY)
    def _func_sum(self, numbers: list[Decimal | int | str] | None) -> Decimal:
        if not isinstance(numbers, list | None):
            raise WrongExpression("sum() takes a list of numbers")
        try:
            return sum(map(decimal_from, numbers or ()), Decimal(0))
        except (TypeError, ValueError):
            raise WrongExpression("sum() takes a list of numbers, and one is none") from None

    @signature({"types": ["array", "object", "string", "null"]})
    def _func_length(self, value: Any) -> int:
        return len(value or ())

    @signature(_ANY)
    def _func_to_number(self, value: object) -> Decimal | None:
        try:
            return decimal_from(value)  # type: ignore[arg-type]  # it refuses what it cannot take
        except (TypeError, ValueError):
            return None

    @signature(_ANY)
    def _func_ours(self, value: object) -> bool:
        whole = re.compile(rf"(?<![\w-]){re.escape(self._reference)}(?![\w-])")
        return bool(self._reference) and any(whole.search(text) for text in texts(value))

    @signature(_NUMBER, {"types": ["string"]})
    def _func_minor_units(self, amount: Decimal | int | str, currency: str) -> int:
        return _whole(decimal_from(amount).scaleb(exponent(currency)))

    @signature(_TEXT)
    def _func_upper(self, text: str | None) -> str | None:
        return None if text is None else text.upper()

    @signature(_TEXT)
    def _func_lower(self, text: str | None) -> str | None:
        return None if text is None else text.lower()

    @signature(_TEXT)
    def _func_html(self, text: str | None) -> str | None:
        return None if text is None else html.escape(text)

    @signature(_TEXT)
    def _func_first_name(self, name: str | None) -> str | None:
        return None if name is None else name.strip().rpartition(" ")[0] or name.strip()

    @signature(_TEXT)
    def _func_last_name(self, name: str | None) -> str | None:
        return None if name is None else name.strip().rpartition(" ")[2] if " " in name.strip() else ""

    @signature(_TEXT)
    def _func_unix(self, time: str | None) -> int | None:
        return None if time is None else int(_time(time).timestamp())

    @signature(_TEXT)
    def _func_unix_ms(self, time: str | None) -> int | None:
        return None if time is None else int(_time(time).timestamp()) * 1000 + _time(time).microsecond // 1000


def texts(value: object) -> Iterator[str]:
    """Yield the texts in JSON, however deep they are."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from texts(inner)


def stamp(time: datetime) -> str:
    """Write a time as the manifest's expressions see it: ISO, UTC, milliseconds, rounded down."""
    return f"{time:%Y-%m-%dT%H:%M:%S}.{time.microsecond // 1000:03d}Z"


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _whole(number: Decimal) -> int:
    if number != number.to_integral_value():
        raise WrongExpression("minor_units: the amount has more digits than its currency")
    return int(number)


@attrs.frozen(eq=False)
class Expression:
    """
    One JMESPath expression.

    Raises:
        WrongExpression: It is none.
    """

    text: str
    parsed: Any = attrs.field(init=False, repr=False)  # jmespath has no types of its own

    def __attrs_post_init__(self) -> None:
        """Parse it once."""
        try:
            object.__setattr__(self, "parsed", jmespath.compile(self.text))
        except JMESPathError as error:
            raise WrongExpression(f"not JMESPath: {str(error).splitlines()[0]}") from None
        except RecursionError:
            raise WrongExpression("nested too deep") from None
        except ValueError:  # Python's own limit, 4,300 digits
            raise WrongExpression("not JMESPath: a number of too many digits") from None

    def of(self, value: Any, reference: str = "") -> Any:
        """
        Return what the expression finds in *value*; None where there is nothing.

        Args:
            value: JSON.
            reference: What ``ours`` looks for.

        Raises:
            WrongExpression: A function was given what it does not take, or is none.
        """
        options = jmespath.Options(custom_functions=_Converters(reference))
        try:
            return self.parsed.search(value, options)
        except WrongExpression:
            raise
        except JMESPathError as error:
            function = getattr(error, "function_name", None)
            wanted = " or ".join(getattr(error, "expected_types", ()))
            found = getattr(error, "actual_type", "")
            why = f"{function}() takes {wanted}, found {found}" if function else type(error).__name__
            raise WrongExpression(f"{self.text}: {why}") from None
        except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
            raise WrongExpression(f"{self.text}: {type(error).__name__}") from None

    @property
    def roots(self) -> frozenset[str]:
        """The names that it looks for in what it is given."""
        return frozenset(_roots(self.parsed.parsed))

    @property
    def of_lines(self) -> frozenset[str]:
        """The names that it looks for in each of ``lines``, or in ``line``."""
        return frozenset(_of_lines(self.parsed.parsed))

    def lacks(self, value: Any) -> str | None:
        """
        Return the first key on the way that is not there at all; None where the way is whole, or a list on it is null.

        A shop that leaves out what is empty is told from one that answers something else by what the manifest says:
        after ``||`` nothing is missed.
        """
        return self.text if value is None else _walked(self.parsed.parsed, value)[1]

    def __str__(self) -> str:
        """Return its text."""
        return self.text


def _roots(node: Any) -> set[str]:
    kind, children = node["type"], node.get("children", [])
    if kind == "field":
        return {node["value"]}
    if kind in ("literal", "current", "identity", "index", "slice", "expref"):
        return set()
    if kind in ("function_expression", "or_expression", "and_expression", "not_expression", "comparator"):
        return {name for child in children for name in _roots(child)}
    if kind in ("multi_select_list", "multi_select_dict", "key_val_pair"):
        return {name for child in children for name in _roots(child)}
    return _roots(children[0])  # of a path, a projection or a pipe, only its beginning is looked for here


def _of_lines(node: Any) -> Iterator[str]:
    kind, children = node["type"], node.get("children", [])
    if kind in ("projection", "filter_projection") and _roots(children[0]) == {"lines"}:
        yield from (name for child in children[1:] for name in _roots(child))
    elif kind == "subexpression" and children[0] == {"type": "field", "children": [], "value": "line"}:
        yield from _roots(children[1])
    else:
        yield from (name for child in children for name in _of_lines(child))


_ELSEWHERE: Any = object()  # what is neither a table, a list nor null: the way cannot be followed by its keys alone


def _walked(node: Any, value: Any) -> tuple[Any, str | None]:
    """Return what is at the end of a way, and the first key that is not there."""
    kind, children = node["type"], node.get("children", [])
    if kind in ("subexpression", "index_expression", "pipe"):
        return _walked_along(children, value, tables=kind == "subexpression")
    if kind in ("projection", "value_projection", "filter_projection", "flatten"):
        return _walked_each(node, value)
    if kind == "function_expression":
        lacks = (_walked(child, value)[1] for child in children if child["type"] != "expref")
        return _ELSEWHERE, next((lack for lack in lacks if lack is not None), None)
    if kind == "field" and value is not None and value is not _ELSEWHERE:
        there = isinstance(value, dict) and node["value"] in value
        return (value[node["value"]], None) if there else (None, str(node["value"]))
    return (value, None) if kind in ("identity", "current") else (None if value is None else _ELSEWHERE, None)


def _walked_along(nodes: list[Any], value: Any, *, tables: bool) -> tuple[Any, str | None]:
    for at, node in enumerate(nodes):
        if at and value is None and tables and node["type"] == "field":
            return None, str(node["value"])  # of a table that is null: an empty list would be null itself
        value, lack = _walked(node, value)
        if lack is not None:
            return None, lack
    return value, None


def _walked_each(node: Any, value: Any) -> tuple[Any, str | None]:
    kind, (left, *right) = node["type"], node["children"]
    found, lack = _walked(left, value)
    each = list(found.values()) if isinstance(found, dict) and kind == "value_projection" else found
    if lack is not None or not isinstance(each, list):
        return None, lack
    if kind == "flatten":
        return [one for some in each for one in (some if isinstance(some, list) else [some])], None
    if kind == "filter_projection":  # which of them it takes, its condition knows alone
        return _ELSEWHERE, None
    ends = [_walked(right[0], one) for one in each]
    return [end for end, _ in ends if end is not None], next((lack for _, lack in ends if lack is not None), None)
