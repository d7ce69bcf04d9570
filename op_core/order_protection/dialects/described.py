"""The JSON schema of what we send, in the spelling that a store's switches ask for: for whoever plays the API."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from op_core.models import FulfillmentStatus
from op_core.order_protection.dialects.places import (
    FULLER_ONLY,
    KEYS,
    STATUSES,
    UPDATED_AMOUNTS,
    Body,
    Place,
    status_said,
)
from op_core.order_protection.dialects.switches import Dialect

__all__ = ["respell"]

_AMOUNT_AS_TEXT = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,9})(\.[0-9]{1,4})?$"}
_WHOLE_AS_TEXT = {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,9})$"}


def respell(page: str, schema: Body, definitions: Body, dialect: Dialect) -> None:
    """
    Change the schema of a page's body to what `canonical` takes. Doing it twice does no more than doing it once.

    Args:
        page: Short name of the page.
        schema: What the model says of itself, with the names of the wire; it is changed in place.
        definitions: What its references name, by their last part; changed too.
        dialect: The switches.
    """
    statuses = sorted({status_said(status, dialect) for status in FulfillmentStatus})
    for at, key in STATUSES.get(page, ()):
        for part in _at(schema, at, definitions):
            _replace(part, key, {"type": "string", "enum": statuses})
    for at, key, switch in KEYS.get(page, ()):
        for part in _at(schema, at, definitions):
            _rename(part, key, getattr(dialect, switch))
    if page == "CLM-C":
        _claim_form(schema, definitions, dialect)
    if page == "ORD-U":
        _update(schema, dialect)
    if page in ("PRD-C", "PRD-U"):
        if dialect.inventory_quantity == "text":
            _replace(schema, "inventoryQuantity", _WHOLE_AS_TEXT)
        _replace(schema, "productType", {"type": "string", "enum": ["SIMPLE", dialect.bundles]})


def _update(schema: Body, dialect: Dialect) -> None:
    if dialect.cancels_protection == "premiumPaid":
        schema["properties"].pop("policyCancelledAt", None)
    if dialect.update_amounts == "text":
        for name in UPDATED_AMOUNTS:
            _replace(schema, name, _AMOUNT_AS_TEXT)


def _claim_form(schema: Body, definitions: Body, dialect: Dialect) -> None:
    older = dialect.claim_form == "older"
    parts = [schema] if older else _at(schema, ("resolution",), definitions)
    for part in parts:
        for name in FULLER_ONLY if older else ("updatedShippingAddress",):
            part["properties"].pop(name, None)


def _at(schema: Body, place: Place, definitions: Body) -> Iterator[Body]:
    """Yield every schema of an object at a place."""
    for one in _meant(schema, definitions):
        if not place:
            if "properties" in one:
                yield one
        elif place[0] == "[]":
            if "items" in one:
                yield from _at(one["items"], place[1:], definitions)
        elif place[0] in one.get("properties", {}):
            yield from _at(one["properties"][place[0]], place[1:], definitions)


def _meant(schema: Body, definitions: Body) -> Iterator[Body]:
    """Yield the schemas that a reference or a choice stands for."""
    if "$ref" in schema:
        yield from _meant(definitions[schema["$ref"].rpartition("/")[2]], definitions)
    elif "anyOf" in schema:
        for choice in schema["anyOf"]:
            yield from _meant(choice, definitions)
    else:
        yield schema


def _replace(part: Body, name: str, said: Body) -> None:
    """Give a field another form, and leave it nothing (null) where it may say nothing."""
    field: Any = part["properties"].get(name)
    if field is not None:
        nothing = [one for one in field.get("anyOf", ()) if one.get("type") == "null"]
        part["properties"][name] = {"anyOf": [said, *nothing]} if nothing else dict(said)


def _rename(part: Body, key: str, name: str) -> None:
    if name != key and key in part["properties"]:
        part["properties"] = {name if one == key else one: field for one, field in part["properties"].items()}
        if "required" in part:
            part["required"] = [name if one == key else one for one in part["required"]]
