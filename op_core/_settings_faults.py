"""
What is wrong with settings, in words: the key, what was found by kind, what was expected, the nearest known key.

No text holds a value from the file or the environment: it may be a secret. pydantic's own texts are used only where
they cannot repeat a value.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, time
from typing import Any, TypeAlias, get_args

import attrs
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

__all__ = ["Fault", "Loc", "describe", "expected", "faults_of", "kind", "nearest", "told"]

Loc: TypeAlias = tuple[str | int, ...]

_EXPECTED = "op_expected"
_SILENT = {"default_factory_not_called"}  # follows from another fault that is told
_KINDS: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (type(None), "nothing"),
    (bool, "true or false"),  # before int, which it is to Python
    (int, "a whole number"),
    (float, "a number with a point"),
    (str, "text"),
    (Mapping, "a table"),
    ((list, tuple), "a list"),
    ((date, time), "a date or time"),
)
_IN_OUR_WORDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "list_type": "a list",
    "tuple_type": "a list",
}
_NO_VALUE_INSIDE = {
    "literal_error",
    "enum",
    "greater_than",
    "greater_than_equal",
    "less_than",
    "less_than_equal",
    "too_short",
    "too_long",
}


@attrs.frozen
class Fault:
    """One fault: where it is, below some prefix, and what it is."""

    loc: Loc
    text: str


def expected(what: str) -> PydanticCustomError:
    """
    Return the error that a validator raises to say what it expects. *what* is shown as it is: put no value in it.

    Any other error's text is shown too, but with every word left out that also stands in the value.
    """
    return PydanticCustomError(_EXPECTED, "{what}", {"what": what})


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ``nearest known: 'x'``, or all that are known where none is near."""
    names = sorted(known)
    small = {one.lower(): one for one in names}
    near = difflib.get_close_matches(name.lower(), small, n=1, cutoff=0.6)
    if near:
        return f"nearest known: {small[near[0]]!r}"
    return f"known: {', '.join(names)}" if names else "none is known here"


def kind(value: object) -> str:
    """Say what *value* is without showing it."""
    if isinstance(value, str) and not value.strip():
        return "empty text"
    return next((word for sorts, word in _KINDS if isinstance(value, sorts)), type(value).__name__)


def told(faults: Iterable[Fault], prefix: str) -> str:
    """Return one text for all *faults*, each with its whole key."""
    return "; ".join(f"{_key(prefix, fault.loc)}: {fault.text}" for fault in faults)


def describe(error: ValidationError, prefix: str, model: type[BaseModel]) -> str:
    """
    Say what pydantic found wrong, without any value.

    Args:
        error: What ``model.model_validate`` raised.
        prefix: The key above, such as ``stores.main.settings``.
        model: The model, for the names that it knows.
    """
    return told(faults_of(error, model), prefix)


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Return each fault of *error* once; see `describe`."""
    return [_fault(details, model) for details in error.errors(include_url=False) if details["type"] not in _SILENT]


def _fault(details: ErrorDetails, model: type[BaseModel]) -> Fault:
    loc, sort = details["loc"], details["type"]
    if sort == "missing":
        return Fault(loc, "missing, expected a value")
    if sort == "extra_forbidden":
        return Fault(loc, f"unknown key, {nearest(str(loc[-1]), _known(model, loc[:-1]))}")
    if loc[-1:] == ("[key]",):
        return Fault(loc[:-1], f"unknown key, {_wanted(details)}")
    return Fault(loc, f"found {kind(details['input'])}, {_wanted(details)}")


def _wanted(details: ErrorDetails) -> str:
    sort, message = details["type"], details["msg"]
    if sort in _IN_OUR_WORDS:
        return f"expected {_IN_OUR_WORDS[sort]}"
    if sort == _EXPECTED:
        return f"expected {message}"
    if sort not in _NO_VALUE_INSIDE:
        message = _masked(message.removeprefix("Value error, "), list(_texts(details["input"])))
    said = re.sub(r"^Input should be ", "expected ", message)
    if sort == "literal_error" and isinstance(details["input"], str):
        choices = re.findall(r"'([^']*)'", message)
        near = difflib.get_close_matches(details["input"].lower(), choices, n=1, cutoff=0.6)
        return f"{said}; nearest: {near[0]!r}" if near else said
    return said if said != message else f"it is not accepted: {message}"


def _masked(message: str, texts: list[str]) -> str:
    """Leave out each word, and each quoted run of words, that stands in one of *texts* or shares a word with it."""
    for text in sorted(texts, key=len, reverse=True):
        message = message.replace(text, "…") if text else message

    def mask(match: re.Match[str]) -> str:
        quoted = match[0][:1] in "'\""
        words = [match[0].strip("'\"")] if quoted else []
        words += re.findall(r"\w{3,}", match[0])
        return "…" if any(word and word in text for word in words for text in texts) else match[0]

    return re.sub(r"'[^']*'|\"[^\"]*\"|[^\s'\"]+", mask, message)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, int | float):
        yield str(value)
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def _known(model: type[BaseModel], loc: Loc) -> set[str]:
    models = [model]
    for part in loc:
        inner = [found for each in models if part in each.model_fields for found in _models(each, str(part))]
        models = inner or models  # the key of a dict or the index of a list: still the same models
    return {field.alias or name for each in models for name, field in each.model_fields.items()}


def _models(model: type[BaseModel], field: str) -> Iterator[type[BaseModel]]:
    waiting: list[Any] = [model.model_fields[field].annotation]
    for annotation in waiting:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
        waiting.extend(get_args(annotation))


def _key(prefix: str, loc: Loc) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc]
    return (prefix + "".join(parts)).removeprefix(".")
