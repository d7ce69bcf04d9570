"""
The description of what the sandbox serves, as OpenAPI 3.1: made from what checks the requests.

It is about the sandbox in its present spelling, and no description of Order Protection's own API, which has one that
nobody here has read (G-20).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from http import HTTPStatus
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from op_core.order_protection.dialects.described import respell
from op_core.order_protection.dialects.sending import spelled
from op_core.order_protection.dialects.switches import Dialect
from op_core.order_protection.schema import Sent
from op_core.sandbox.examples import EXAMPLES
from op_core.sandbox.replies import Refused
from op_core.sandbox.served import Served

__all__ = ["description"]

_REFS = "#/components/schemas/{model}"
_WHY = {
    400: "not what its page takes; the field at fault is named",
    401: "no token, or one that is not let in",
    403: "the token lacks a scope",
    404: "no such thing",
    409: "it is there already",
    429: "too many calls",
}


class _Exactly(GenerateJsonSchema):
    """Amounts are JSON numbers here, in both directions; pydantic by itself would write text."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Return the schema of an amount."""
        limits = {"ge": "minimum", "le": "maximum"}
        return {"type": "number"} | {limits[name]: int(schema[name]) for name in limits if name in schema}  # type: ignore[literal-required]  # the names above

    def encode_default(self, dft: Any) -> Any:
        """Return a default as JSON has it; amounts are whole ones here."""
        return int(dft) if isinstance(dft, Decimal) else super().encode_default(dft)


def description(served: Iterable[Served], dialect: Dialect, *, guarded: bool) -> dict[str, Any]:
    """
    Return the OpenAPI document.

    Args:
        served: All calls.
        dialect: How bodies of the API are spelled at this moment.
        guarded: Whether the sandbox's own calls ask for a token too.
    """
    calls = list(served)
    schemas: dict[str, Any] = {}
    paths: dict[str, Any] = {}
    for call in calls:
        paths.setdefault(call.path, {})[call.method.lower()] = _operation(
            call, calls, schemas, dialect, guarded=guarded
        )
    for call in calls:
        if call.body and issubclass(call.body, Sent):
            respell(call.body.page, schemas[call.body.__name__], schemas, dialect)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "op-core sandbox",
            "version": version("op-core"),
            "description": "A local stand-in for Order Protection, not the real one.",
        },
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _operation(
    call: Served, calls: list[Served], schemas: dict[str, Any], dialect: Dialect, *, guarded: bool
) -> dict[str, Any]:
    asks = not call.open and (guarded or call.kind != "own")
    operation: dict[str, Any] = {
        "operationId": _operation_id(call),
        "summary": call.does,
        "tags": [call.kind],
        "security": [{"token": []}] if asks else [],
        "parameters": [*_parameters(call, schemas)],
        "responses": {str(status): _response(call, status, calls, schemas) for status in sorted(call.statuses)},
    }
    if call.page:
        operation["externalDocs"] = {"description": call.page, "url": "https://docs.orderprotection.com"}
    if call.body:
        said: dict[str, Any] = {"schema": _schema(call.body, "validation", schemas)}
        if call.body in EXAMPLES and issubclass(call.body, Sent):
            said["example"] = spelled(call.body.page, EXAMPLES[call.body], dialect)
        operation["requestBody"] = {"required": call.kind != "own", "content": {"application/json": said}}
    return operation


def _operation_id(call: Served) -> str:
    words = re.findall(r"[A-Za-z0-9]+", call.path)
    return call.method.lower() + "".join(word[0].upper() + word[1:] for word in words)


def _parameters(call: Served, schemas: dict[str, Any]) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", call.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    for place, model in (("query", call.query), ("header", call.headers)):
        if model is None:
            continue
        found = _inline(model, schemas)
        for name, schema in found["properties"].items():
            yield {"name": name, "in": place, "required": name in found.get("required", ()), "schema": schema}


def _response(call: Served, status: int, calls: list[Served], schemas: dict[str, Any]) -> dict[str, Any]:
    kind = call.answers.get(status, Refused)
    said: dict[str, Any] = {
        "description": HTTPStatus(status).phrase if status in call.answers else _WHY[status],
        "content": {"application/json": {"schema": _schema(kind, "serialization", schemas)}},
    }
    links = _links(call.makes, calls) if status in call.answers else {}
    return said | ({"links": links} if links else {})


def _links(makes: Mapping[str, str], calls: list[Served]) -> dict[str, Any]:
    """Return the calls that take what this one made."""
    return {
        _operation_id(other): {"operationId": _operation_id(other), "parameters": {name: expression}}
        for name, expression in makes.items()
        for other in calls
        if f"{{{name}}}" in other.path
    }


def _schema(kind: Any, mode: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return a reference to the schema of *kind*, or the schema where it has no name, and keep what it refers to."""
    schema = TypeAdapter(kind).json_schema(by_alias=True, mode=mode, ref_template=_REFS, schema_generator=_Exactly)
    schemas |= schema.pop("$defs", {})
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        schemas[kind.__name__] = schema
        return {"$ref": _REFS.format(model=kind.__name__)}
    return schema


def _inline(model: type[BaseModel], schemas: dict[str, Any]) -> dict[str, Any]:
    schema = model.model_json_schema(mode="validation", ref_template=_REFS, schema_generator=_Exactly)
    schemas |= schema.pop("$defs", {})
    return schema
