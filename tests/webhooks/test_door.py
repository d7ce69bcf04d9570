"""Promise 3, over a real socket: nobody in who should not be, and the checks in their order."""

import asyncio
import gzip
import io
import logging
import socket

import pytest
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from op_core.ledger import deliveries
from op_core.ledger.writer import Writer
from op_core.testing import bodies
from op_core.webhooks.asgi import asgi_app
from op_core.webhooks.receive import MOST_BYTES, Receiver
from op_core.webhooks.wsgi import wsgi_app

SECRET = "not-a-real-secret-0000"


def stored(scene):
    return [scene.ledger.read(deliveries.body, one) for one in scene.deliveries()]


def test_a_webhook_is_stored_and_answered_with_200(face, scene):
    """200 once the COMMIT has returned; the body is there byte for byte."""
    assert (200, "stored") == face.post(bodies.approved())
    assert [bodies.approved()] == stored(scene)


def test_404_comes_before_401(face):
    """An unknown store is unknown whatever the secret is."""
    assert 404 == face.post(b"{}", store="nobody", secret="wrong")[0]
    assert 404 == face.post(b"{}", store="")[0]
    assert 404 == face.raw(b"POST /elsewhere HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n")[0]


@pytest.mark.parametrize("secret", ["wrong", "", None, SECRET[:-1], SECRET + "x", "é", SECRET.upper()])
def test_a_wrong_secret_is_401_and_stores_nothing(face, scene, secret):
    """Missing, empty, too short, too long, in other letters, or no ASCII: 401."""
    assert 401 == face.post(b"{}", secret=secret)[0]
    assert [] == stored(scene)


def test_401_comes_before_413_and_405(face):
    """Who is not let in learns nothing else."""
    assert 401 == face.post(b"", secret="wrong", method="GET")[0]
    assert 401 == face.raw(face.head(secret="wrong", headers={"Content-Length": 10 * MOST_BYTES}))[0]


def test_the_body_is_not_read_before_the_secret_is_right(face, scene):
    """A gigabyte is announced and never sent: the 401 comes at once."""
    assert 401 == face.raw(face.head(secret="wrong", headers={"Content-Length": 2**30}))[0]
    assert [] == stored(scene)


def test_a_body_that_is_announced_as_too_large_is_not_read(face, scene):
    """413 above 1 MiB, by the Content-Length alone."""
    assert 413 == face.raw(face.head(headers={"Content-Length": MOST_BYTES + 1}))[0]
    assert face.raw(face.head(headers={"Content-Length": "9" * 30}))[0] in (400, 413)
    assert [] == stored(scene)


def test_a_body_of_exactly_1_mib_is_stored(face, scene):
    """The limit itself goes through."""
    body = b"x" * MOST_BYTES

    assert 200 == face.post(body)[0]
    assert [len(body)] == [len(one) for one in stored(scene)]


def test_a_chunked_body_is_stored_or_refused_never_lost(face, scene):
    """A body without Content-Length is read to its end where the server can; else the sender is told, not thanked."""
    head = face.head(headers={"Transfer-Encoding": "chunked"})
    status, _ = face.raw(head, b'5\r\n{"a":\r\n', b"2\r\n1}\r\n", b"0\r\n\r\n")

    assert (200 if face.kind == "asgi" else 411) == status
    assert ([b'{"a":1}'] if face.kind == "asgi" else []) == stored(scene)


def test_a_chunked_body_above_1_mib_is_refused(face, scene):
    """413 by the bytes that come, where nothing was announced."""
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    status, _ = face.raw(face.head(headers={"Transfer-Encoding": "chunked"}), chunk * 17)

    assert (413 if face.kind == "asgi" else 411) == status
    assert [] == stored(scene)


def test_only_post_is_taken(face, scene):
    """405 for anything else."""
    assert 405 == face.post(b"", method="GET")[0]
    assert [] == stored(scene)


def test_secrets_can_be_rotated(face, scene):
    """Any of a store's secrets opens, so that they can be changed one after the other; a removed one does not."""
    face.receiver.secrets = {"main": (SecretStr("new-not-a-real-secret"), SecretStr(SECRET))}
    assert [200, 200] == [face.post(b"{}", secret=one)[0] for one in (SECRET, "new-not-a-real-secret")]
    face.receiver.secrets = {"main": (SecretStr("new-not-a-real-secret"),)}

    assert [401, 200] == [face.post(b"{}", secret=one)[0] for one in (SECRET, "new-not-a-real-secret")]


def test_503_when_the_commit_fails(face, scene):
    """Not stored: the sender is asked to send it again. Then it is stored."""
    scene.ledger.writer = Writer(_Broken())
    assert (503, "not stored; send it again") == face.post(b"{}")
    scene.ledger.writer = Writer(scene.ledger.engine)

    assert 200 == face.post(b"{}")[0]
    assert [b"{}"] == stored(scene)


class _Broken:
    def connect(self):
        """Fail as a full disk does."""
        raise OperationalError("COMMIT", {}, Exception("database or disk is full"))


def test_a_closed_store_takes_nothing(face, scene):
    """A store whose id was changed would store under the wrong name: 503, after the secret."""
    face.receiver.closed = {"main": "its id is another"}

    assert 401 == face.post(b"{}", secret="wrong")[0]
    assert 503 == face.post(b"{}")[0]


def test_a_body_that_breaks_off_is_not_stored(face, scene):
    """Less came than was announced: nobody is told that it was stored."""
    with socket.create_connection(face.address, timeout=10) as connection:
        connection.sendall(face.head(headers={"Content-Length": 100}) + b'{"half":')
        connection.shutdown(socket.SHUT_WR)
        connection.settimeout(5)
        answer = connection.recv(65536)

    assert b"200" not in answer.split(b"\r\n")[0]
    assert [] == stored(scene)


def test_a_body_that_drips_has_one_time_limit_for_all_of_it(scene):
    """408, however steadily it comes: each part within the limit does not begin it anew."""

    async def receive():
        await asyncio.sleep(0)  # as if the next part came at once
        return {"type": "http.request", "body": b"x", "more_body": True}

    async def send(message):
        sent.append(message)

    sent = []
    scope = {"type": "http", "path": "/webhooks/main", "method": "POST",
             "headers": [(b"x-webhook-secret", SECRET.encode())]}  # fmt: skip
    asyncio.run(asyncio.wait_for(asgi_app(scene.receiver, patience=0.1)(scope, receive, send), 10))

    assert (408, b"the body did not arrive in time") == (sent[0]["status"], sent[1]["body"])
    assert (b"connection", b"close") in sent[0]["headers"]
    assert [] == stored(scene)


def test_a_compressed_body_is_stored_as_it_came_and_never_unpacked(face, scene):
    """A megabyte of zeros in a kilobyte stays a kilobyte: 200, and a person sees that nobody can read it."""
    packed = gzip.compress(bytes(MOST_BYTES))
    answer = face.post(packed, **{"Content-Encoding": "gzip"})
    scene.run()

    assert (200, "stored") == answer
    assert [packed] == stored(scene)
    assert ["quarantined"] == [one.state for one in scene.deliveries()]


def test_no_secret_and_no_body_reaches_a_log(face, scene, caplog):
    """Right or wrong, readable or not: neither secret nor body is in any log record, answer or ``repr``."""
    caplog.set_level(logging.DEBUG)
    canary = b'{"topic": "claim.approved", "body": "customer@example.com"}'
    answers = [
        face.post(canary),
        face.post(canary, secret="canary-secret"),
        face.post(canary + b"x" * MOST_BYTES, secret=SECRET),
        face.post(canary, store="canary-store"),
    ]
    scene.run()
    seen = "".join([caplog.text, *(text for _, text in answers), repr(face.receiver), repr(scene.deliveries())])

    assert [200, 401, 413, 404] == [status for status, _ in answers]
    for private in ("customer@example.com", "canary-secret", SECRET):
        assert private not in seen


@pytest.mark.parametrize("length", ["²", "1e3", "+1", "0x10", "\uff19", "9" * 5000])
@pytest.mark.parametrize("make", ["asgi", "wsgi"])
def test_a_strange_content_length_is_no_fault_of_ours(scene, make, length):
    """What a lax server hands through does not break the face: an answer, and nothing stored as if it were whole."""
    if make == "wsgi":
        environ = {"PATH_INFO": "/webhooks/main", "REQUEST_METHOD": "POST", "HTTP_X_WEBHOOK_SECRET": SECRET,
                   "CONTENT_LENGTH": length, "wsgi.input": io.BytesIO(b"{}")}  # fmt: skip
        said = []
        list(wsgi_app(scene.receiver)(environ, lambda status, headers: said.append(int(status[:3]))))
        assert said[0] in (400, 413)
        return

    async def receive():
        return {"type": "http.request", "body": b"{}"}

    async def send(message):
        sent.append(message)

    sent = []
    headers = [(b"x-webhook-secret", SECRET.encode()), (b"content-length", length.encode())]
    scope = {"type": "http", "path": "/webhooks/main", "method": "POST", "headers": headers}
    asyncio.run(asgi_app(scene.receiver)(scope, receive, send))
    assert sent[0]["status"] in (400, 413)


def test_a_server_that_knows_where_a_body_ends_needs_no_length(scene):
    """``wsgi.input_terminated``: the body is read to its end, and is not above 1 MiB there either."""
    said = []
    for body in (b"{}", b"x" * (MOST_BYTES + 1)):
        environ = {"PATH_INFO": "/webhooks/main", "REQUEST_METHOD": "POST", "HTTP_X_WEBHOOK_SECRET": SECRET,
                   "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True,
                   "wsgi.input": io.BytesIO(body)}  # fmt: skip
        list(wsgi_app(scene.receiver)(environ, lambda status, headers: said.append(status[:3])))

    assert ["200", "413"] == said
    assert [b"{}"] == stored(scene)


def test_receive_takes_any_framework_s_headers(scene):
    """A mapping or pairs, text or bytes, dashes or underscores, any letters."""
    receiver = scene.receiver
    kinds = [
        {"X-Webhook-Secret": SECRET},
        {"x_webhook_secret": SECRET},
        [("X-WEBHOOK-SECRET", SECRET)],
        [(b"x-webhook-secret", SECRET.encode())],
        {"X-Webhook-Secret": "\ud800"},
        {},
    ]

    assert [200, 200, 200, 200, 401, 401] == [receiver.receive("main", headers, b"{}").status for headers in kinds]


def test_whoever_works_is_woken_after_the_commit(scene):
    """The alarm rings once for each stored webhook, and never for a refused one."""
    rung = []
    before = scene.receiver
    receiver = Receiver(
        scene.ledger, before.ids, before.secrets, on_stored=lambda: rung.append(len(scene.deliveries()))
    )
    receiver.receive("main", {"X-Webhook-Secret": SECRET}, b"1")
    receiver.receive("main", {"X-Webhook-Secret": "wrong"}, b"2")

    assert [1] == rung
