"""What schemathesis is told: how times and amounts look, and for a half of all ids, those of things that are there."""

from __future__ import annotations

import json
import os
import zlib
from typing import Any

import schemathesis
from hypothesis import strategies as st

KNOWN: dict[str, str] = json.loads(os.environ["OP_FUZZ_KNOWN"])
MADE = {
    "/v1/orders": "sourceOrderId",
    "/v1/orders/{sourceOrderId}/fulfillments": "sourceFulfillmentId",
    "/v2/products": "productId",
}


def drawn(value: Any) -> int:
    """Return a number that is the same for equal values."""
    return zlib.crc32(json.dumps(value, default=str).encode())


def told(value: Any, but: str = "") -> Any:
    """Put known ids in the place of a half of the made-up ones; not in that of what the call names anew."""
    if isinstance(value, dict):
        known = KNOWN.keys() - {but}
        return {
            name: KNOWN[name] if name in known and isinstance(item, str) and drawn(item) % 2 else told(item, but)
            for name, item in value.items()
        }
    return [told(item, but) for item in value] if isinstance(value, list) else value


def tame(value: Any) -> Any:
    """Make amounts such as a shop has; most floats have more digits than are taken."""
    if isinstance(value, dict):
        return {name: tame(item) for name, item in value.items()}
    if isinstance(value, list):
        return [tame(item) for item in value]
    return round(abs(value) % 1000, 2) if isinstance(value, float) else value


@schemathesis.hook
def map_path_parameters(_: Any, path_parameters: Any) -> Any:
    return told(path_parameters)


@schemathesis.hook
def map_query(_: Any, query: Any) -> Any:
    return told(query)


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    made = MADE.get(context.operation.path, "")
    body = told(body, made)
    if not isinstance(body, dict) or drawn(body) % 4 == 0:
        return body
    return tame(body) | ({made: f"made {drawn(body)}"} if made in body else {})


schemathesis.openapi.format(
    "date-time", st.datetimes().map(lambda time: time.isoformat(timespec="milliseconds")[:19] + KNOWN["ending"])
)
