"""What the two faces read from a server and say to it, where the server is not asked to help."""

import asyncio
import io
import logging

import attrs
import pytest

from op_core.ledger import deliveries
from op_core.webhooks.asgi import asgi_app
from op_core.webhooks.receive import MOST_BYTES
from op_core.webhooks.wsgi import wsgi_app

SECRET = "not-a-real-secret-0000"


def stored(scene):
    return [scene.ledger.read(deliveries.body, one) for one in scene.deliveries()]


def over_asgi(receiver, *messages, path="/webhooks/main", secret=SECRET, headers=(), **scope):
    """Give the ASGI face a request in these messages; return what it sends."""
    left, sent = list(messages or [{"type": "http.request", "body": b"{}"}]), []

    async def receive():
        return left.pop(0)

    async def send(message):
        sent.append(message)

    said = [(b"x-webhook-secret", secret.encode()), *headers]
    whole = {"type": "http", "path": path, "method": "POST", "headers": said, **scope}
    asyncio.run(asgi_app(receiver)(whole, receive, send))
    return sent


def over_wsgi(receiver, body=b"{}", **environ):
    """Give the WSGI face a request; return its status, its headers and its body."""
    said = []
    whole = {"PATH_INFO": "/webhooks/main", "REQUEST_METHOD": "POST", "HTTP_X_WEBHOOK_SECRET": SECRET,
             "CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body), **environ}  # fmt: skip
    answer = b"".join(wsgi_app(receiver)(whole, lambda *start: said.extend(start)))
    return (*said, answer)


# --- What is said --------------------------------------------------------------------------------------------------


def test_an_answer_says_what_it_is_over_asgi(scene):
    """Plain text, how long it is, and nothing about the connection, which goes on."""
    start, body = over_asgi(scene.receiver)

    assert ("http.response.start", 200) == (start["type"], start["status"])
    assert [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"6")] == start["headers"]
    assert {"type": "http.response.body", "body": b"stored"} == body


def test_an_answer_says_what_it_is_over_wsgi(scene):
    """Status with its words, plain text, and how long it is."""
    status, headers, body = over_wsgi(scene.receiver)

    assert ("200 OK", b"stored") == (status, body)
    assert [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "6")] == headers


def test_after_a_body_that_is_not_read_the_connection_ends(scene):
    """413: what is left of the body would be taken for the next request."""
    start, _ = over_asgi(scene.receiver, headers=[(b"content-length", str(MOST_BYTES + 1).encode())])

    assert 413 == start["status"]
    assert (b"connection", b"close") in start["headers"]


# --- Where it is ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "root", "status"),
    [
        ("/webhooks/main", "", 200),
        ("/op/webhooks/main", "/op", 200),
        ("/webhooks/main", "/op", 200),
        ("/op/webhooks/main", "", 404),
        ("/webhooks/nobody", "", 404),
        ("/hooks/main", "", 404),
    ],
)
def test_an_app_may_be_mounted_anywhere(scene, path, root, status):
    """Below another app the path is the whole one or what is left of it, as the server has it."""
    assert status == over_asgi(scene.receiver, path=path, root_path=root)[0]["status"]


def test_a_name_that_is_no_ascii_is_the_same_over_both(scene):
    """In a path that the server decoded, that it left as it came, or that it decoded as WSGI asks for."""
    store = scene.store
    receiver = attrs.evolve(scene.receiver, ids={"café": store.id}, secrets={"café": store.webhook_secrets})
    told = [over_asgi(receiver, path=f"/webhooks/{name}")[0]["status"] for name in ("café", "caf%C3%A9", "cafe")]
    over = [over_wsgi(receiver, PATH_INFO=f"/webhooks/{name}")[0][:3] for name in ("cafÃ©", "caf%C3%A9", "caf\xff")]

    assert ([200, 200, 404], ["200", "200", "404"]) == (told, over)


def test_there_is_nothing_else_over_wsgi(scene):
    """No other page, no other method; and a path that is missing is none."""
    assert ["404", "404", "405"] == [
        over_wsgi(scene.receiver, **said)[0][:3]
        for said in ({"PATH_INFO": "/hooks/main"}, {"PATH_INFO": ""}, {"REQUEST_METHOD": "GET"})
    ]
    assert [] == stored(scene)


# --- The body ------------------------------------------------------------------------------------------------------


def test_a_body_comes_in_as_many_parts_as_it_likes(scene):
    """All of them, in their order."""
    parts = [{"type": "http.request", "body": part, "more_body": True} for part in (b"a", b"b", b"c")]
    over_asgi(scene.receiver, *parts, {"type": "http.request"})

    assert [b"abc"] == stored(scene)


def test_a_sender_that_leaves_is_told_nothing_was_stored(scene):
    """Who hung up in the middle of a body has not sent it."""
    half = {"type": "http.request", "body": b"half", "more_body": True}
    sent = over_asgi(scene.receiver, half, {"type": "http.disconnect"})

    assert 400 == sent[0]["status"]
    assert [] == stored(scene)


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"CONTENT_LENGTH": "3"}, "400"),  # it broke off
        ({"CONTENT_LENGTH": "1"}, "200"),
        ({"CONTENT_LENGTH": ""}, "200"),  # no body
        ({"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}, "411"),
        ({"CONTENT_LENGTH": "2", "HTTP_TRANSFER_ENCODING": "chunked"}, "200"),
        ({"CONTENT_LENGTH": "2", "wsgi.input_terminated": True}, "200"),
    ],
)
def test_a_body_is_as_long_as_it_is_said_to_be(scene, said, status):
    """No byte beyond is read, for on an open connection it is the next request's; less is not stored."""
    answer = over_wsgi(scene.receiver, **said)

    assert status == answer[0][:3]
    length = int(said["CONTENT_LENGTH"] or 0)
    assert ([b"{}"[:length]] if status == "200" else []) == stored(scene)


class _Endless:
    """A body that never ends; it gives as many bytes as it is asked for."""

    def read(self, size):
        return b"x" * size


def test_a_body_without_end_is_read_no_further_than_it_may_be_long(scene):
    """``wsgi.input_terminated``: the server says that it ends, and it does not. 413, and a bound on what is held."""
    answer = over_wsgi(scene.receiver, CONTENT_LENGTH="", **{"wsgi.input_terminated": True, "wsgi.input": _Endless()})

    assert "413" == answer[0][:3]
    assert [] == stored(scene)


# --- Beside requests -----------------------------------------------------------------------------------------------


def test_a_server_that_starts_and_stops_is_answered(scene):
    """Each message of the lifespan protocol has its answer, and the last one ends it."""
    asked = [{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}]

    assert ["lifespan.startup.complete", "lifespan.shutdown.complete"] == [
        message["type"] for message in over_asgi(scene.receiver, *asked, type="lifespan")
    ]


def test_what_is_no_request_is_left_alone(scene):
    """A websocket is answered by nobody here, and takes no step."""
    assert [] == over_asgi(scene.receiver, {"type": "websocket.connect"}, type="websocket")


def test_wrong_secrets_are_said_at_most_once_a_minute(scene, caplog):
    """The first at once: a log is not filled by whoever guesses. Each store has its own minute."""
    caplog.set_level(logging.WARNING, logger="op_core")
    receiver = attrs.evolve(
        scene.receiver, ids={"a": "a-1", "b": "b-1"}, secrets=dict.fromkeys("ab", scene.store.webhook_secrets)
    )
    for store in "aaab":
        receiver.receive(store, {"X-Webhook-Secret": "wrong"}, b"")

    assert ["a", "b"] == [record.args[0] for record in caplog.records]
