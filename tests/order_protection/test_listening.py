"""Whatever the API answers, the caller gets a value or an error of ours, and whoever listens sees the answer."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.errors import NotFoundThere, UnreadableAnswer
from op_core.http import Manners
from op_core.order_protection import endpoints
from op_core.order_protection.async_client import AsyncClient
from op_core.order_protection.client import Client
from op_core.order_protection.listening import nobody, read_aloud
from op_core.order_protection.messages import Call, Request, Response
from op_core.testing.calls import every_call
from op_core.testing.transport import Answer, Scripted

WIRE = Path(__file__).parents[1] / "data" / "wire"
SAMPLES = [json.loads(path.read_bytes()) for path in sorted(WIRE.glob("*.response.json"))]
CALLS = {f"{call.request.method} {call.request.route}": call for call in every_call()}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value, place=()):
    """Return every place of JSON data."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [place, *(found for key, part in inner for found in places(part, (*place, key)))]


def put(value, place, new):
    """Return the data with something else in one place."""
    if not place:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[place[0]] = put(value[place[0]], place[1:], new)
    return copy


def ends_well(call, body):
    """Tell whether a body is read, or refused by the one error that says so."""
    try:
        call.read(Response(status=200, body=body))
    except UnreadableAnswer:
        return True
    except Exception:  # noqa: BLE001 - any other is what must not be
        return False
    return True


def fitting(call):
    """Return the samples that a call reads: those of its page, and where its page is cut, any."""
    found = []
    for sample in SAMPLES:
        try:
            call.read(Response(status=200, body=json.dumps(sample).encode()))
        except UnreadableAnswer:
            continue
        found.append(sample)
    return found


ODD = [None, True, 0, -1.5, 1e300, "", "x", "2025-01-01", [], {}, [None], [[]], [{}], [1, "x"], {"id": {}}, {"x": []}]


@pytest.mark.parametrize("name", CALLS)
def test_anything_in_any_place_is_read_or_unreadable(name):
    """A documented answer with another kind of value in one of its places raises nothing but `UnreadableAnswer`."""
    call = CALLS[name]
    bodies = [json.dumps(put(one, at, odd)).encode() for one in fitting(call) for at in places(one) for odd in ODD]

    assert bodies
    assert [] == [body for body in bodies if not ends_well(call, body)]


@pytest.mark.parametrize("name", CALLS)
@given(body=JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=40))
def test_any_answer_is_read_or_unreadable(name, body):
    """No answer to any call, JSON or not, raises anything but `UnreadableAnswer`."""
    assert ends_well(CALLS[name], body)


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b'{"a":' * 5_000, b"[" * 64 + b"]" * 64, b"1" * 100_000, b"1e999999999"]
)
def test_a_hostile_answer_is_read_or_unreadable(body):
    """Nesting and numbers beyond reason are no exception."""
    assert [] == [name for name, call in CALLS.items() if not ends_well(call, body)]


def broken(response):
    """Read as code with a fault would."""
    return {}["customer@example.com"]


def test_a_fault_of_a_reader_is_an_unreadable_answer():
    """A caller never sees a `KeyError`; the text names the fault's kind and place, and no key."""
    call = Call(Request(method="GET", path="/v1/x", page="ORD-G", route="/v1/x"), broken)

    with pytest.raises(UnreadableAnswer, match=r"GET /v1/x: the API answered 200 .*KeyError") as caught:
        read_aloud(call, Response(status=200, body=b"{}"), nobody)
    assert "example.com" not in str(caught.value)


def silent(response):
    """Refuse an answer without keeping it, as the readers of tokens do."""
    raise UnreadableAnswer("expected an access_token")


def test_a_reader_that_keeps_no_body_is_heeded():
    """What may hold a token is not put into the error by whoever passes it on."""
    call = Call(Request(method="POST", path="/v1/oauth/token", route="/v1/oauth/token"), silent)

    with pytest.raises(UnreadableAnswer) as caught:
        read_aloud(call, Response(status=200, body=b"op_at_not-a-real-token"), nobody)
    assert b"" == caught.value.body


class Listener:
    """Keeps what it is shown."""

    def __init__(self, number=None):
        self.heard = []
        self.number = number

    def __call__(self, request, response, reason=None):
        self.heard.append((request.page, response.status, response.body, reason))
        return self.number


@pytest.fixture(params=[Client, AsyncClient])
def ask(request):
    """Make one call by a client of each colour."""

    def made(answer, listener, *, order="S-1", largest=1000):
        manners = Manners(attempts=1, largest_answer=largest)
        client = request.param("https://api.example.com", "not-a-real-token", manners=manners,
                               transport=Scripted(answer), on_answer=listener)  # fmt: skip
        result = client.call(endpoints.get_order(order))
        return asyncio.run(result) if request.param is AsyncClient else result

    return made


def test_each_answer_is_seen(ask):
    """As it came, with what was asked, and with no reason where it could be read."""
    listener = Listener()
    ask(Answer(200, b'{"sourceOrderId":"S-1"}'), listener)

    assert [("ORD-G", 200, b'{"sourceOrderId":"S-1"}', None)] == listener.heard


def test_an_answer_that_is_no_success_is_seen(ask):
    """The error stays what it was."""
    listener = Listener(7)

    with pytest.raises(NotFoundThere):
        ask(Answer(404, b'{"message":"none"}'), listener)
    assert [("ORD-G", 404, b'{"message":"none"}', None)] == listener.heard


def test_an_unreadable_answer_is_named(ask):
    """Its error says which call, what was answered and expected, on which page, and where it is kept."""
    listener = Listener(12)

    with pytest.raises(UnreadableAnswer) as caught:
        ask(Answer(200, b"[]"), listener)
    expected = "the API answered 200 in an unknown form; expected an object with a sourceOrderId"
    assert [("ORD-G", 200, b"[]", expected)] == listener.heard
    assert f"GET /v1/orders/S-1: {expected} (page ORD-G); the answer is kept: op-core wire show 12" == str(caught.value)


def test_what_is_not_kept_is_not_said_to_be(ask):
    """Where nobody listens, the error names no number."""
    with pytest.raises(UnreadableAnswer) as caught:
        ask(Answer(200, b"{"), Listener())
    assert "kept" not in str(caught.value)


def test_an_answer_that_is_too_long_is_seen_as_far_as_it_was_taken(ask):
    """It cannot be read either."""
    listener = Listener(3)

    with pytest.raises(UnreadableAnswer, match=r"GET /v1/orders/S-1: the answer is longer than 10 bytes .*wire show 3"):
        ask(Answer(200, b"x" * 100), listener, largest=10)
    assert [("ORD-G", 200, b"x" * 10, "the answer is longer than 10 bytes")] == listener.heard
