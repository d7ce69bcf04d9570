"""Faults on purpose."""

from __future__ import annotations

import http.client
import time
from decimal import Decimal

import pytest


def fault(call, **fields):
    assert call("PUT", "/sandbox/behaviour", {"faults": [fields]}).status == 200


def test_status(call):
    """The next requests get the status, and the one after them is well."""
    fault(call, kind="status", status=503, times=2)
    assert [503, 503, 200] == [call("GET", "/v1/orders").status for _ in range(3)]


def test_retry_after(call):
    """A rate limit says how many seconds to wait."""
    fault(call, kind="status", status=429, retry_after=7)
    answer = call("GET", "/v1/orders")
    assert (429, "7") == (answer.status, answer.headers["retry-after"])


@pytest.mark.parametrize(("after", "kept"), [(False, 404), (True, 200)])
@pytest.mark.parametrize("kind", ["status", "drop"])
def test_before_or_after_acting(call, order, kind, after, kept):
    """A fault comes before the request takes effect, or after it has."""
    body = order()
    fault(call, kind=kind, after_acting=after)
    if kind == "drop":
        with pytest.raises(http.client.RemoteDisconnected):
            call("POST", "/v1/orders", body)
    else:
        assert call("POST", "/v1/orders", body).status == 500
    assert kept == call("GET", f"/v1/orders/{body['sourceOrderId']}").status


@pytest.mark.parametrize("after", [False, True])
def test_slow(call, order, after):
    """A slow request is answered as ever, later."""
    fault(call, kind="slow", seconds=Decimal("0.05"), after_acting=after)
    start = time.monotonic()
    assert call("POST", "/v1/orders", order()).status == 201
    assert time.monotonic() - start >= 0.05


def test_only_where_it_is_meant(call, placed):
    """A fault may be limited to a method and the beginning of a path; the sandbox's own routes have none."""
    fault(call, kind="status", method="GET", path=f"/v1/orders/{placed}", times=9)
    assert [200, 200, 500, 500] == [
        call("GET", "/v1/orders").status,
        call("PUT", f"/v1/orders/{placed}", {}).status,
        call("GET", f"/v1/orders/{placed}").status,
        call("GET", f"/v1/orders/{placed}/claims").status,
    ]
    assert call("GET", "/sandbox/orders").status == 200


def test_counted_and_shown(call):
    """The switches show what is left of the faults, and can be handed back as they were shown."""
    fault(call, kind="status", times=3)
    call("GET", "/v1/orders")
    shown = call("GET", "/sandbox/behaviour").json
    assert [2] == [one["times"] for one in shown["faults"]]
    assert shown == call("PUT", "/sandbox/behaviour", shown).json


def test_switches_stay(call):
    """A change names what it changes; the rest stays."""
    call("PUT", "/sandbox/behaviour", {"duplicates": 2})
    assert ("camel", 2) == tuple(
        call("PUT", "/sandbox/behaviour", {"dialect": "camel"}).json[name] for name in ("dialect", "duplicates")
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"dialect": "latin"}, "dialect"),
        ({"duplicates": 0}, "duplicates"),
        ({"speed": 1}, "speed"),
        ({"faults": [{"kind": "status"}, {"kind": "fire"}]}, "faults[1].kind"),
        ({"faults": [{"kind": "drop", "path": "/sandbox"}]}, "faults[0].path"),
    ],
)
def test_switches_are_strict(call, body, field):
    """An unknown switch or value is refused with its place, and changes nothing."""
    before = call("GET", "/sandbox/behaviour").json
    answer = call("PUT", "/sandbox/behaviour", body)
    assert (400, field) == (answer.status, answer.json["field"])
    assert before == call("GET", "/sandbox/behaviour").json
