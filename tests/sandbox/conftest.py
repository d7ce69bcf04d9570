"""A sandbox on a loopback port per test file, calm and without webhooks at the start of each test."""

from __future__ import annotations

import http.client
import itertools
import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import attrs
import pytest

from op_core.order_protection import jsonmoney
from op_core.sandbox import Sandbox
from op_core.sandbox.behaviour import Behaviour

_ids = itertools.count(1)


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    """Run one sandbox for the file; retries wait for nothing."""
    with Sandbox(backoff=(0, 0)) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    """Hand out the sandbox, and leave it as it was."""
    yield running
    assert running.settle()
    running.local.switchboard.now = Behaviour()
    for target in running.local.store.all("webhook"):
        running.local.store.remove("webhook", target["url"])


@attrs.frozen
class Answered:
    """What came back."""

    status: int
    json: Any
    headers: dict[str, str]


def request(
    url: str,
    method: str,
    path: str,
    body: Any = None,
    *,
    token: str | None = "any",
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answered:
    """Send one request as it stands."""
    bearer = {} if token is None else {"authorization": f"Bearer {token}"}
    headers = {"content-type": "application/json"} | bearer | (headers or {})
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=20)
    try:
        sent = raw if body is None else jsonmoney.dumps(body)
        connection.request(method, path, sent, headers)
        answer = connection.getresponse()
        names = {name.lower(): value for name, value in answer.getheaders()}
        return Answered(answer.status, jsonmoney.loads(answer.read()), names)
    finally:
        connection.close()


@pytest.fixture
def send() -> Callable[..., Answered]:
    """Send a request to any sandbox: ``send(url, method, path, body)``."""
    return request


@pytest.fixture
def call(sandbox: Sandbox) -> Callable[..., Answered]:
    """Send a request to the sandbox: ``call(method, path, body)``."""
    return lambda *args, **more: request(sandbox.url, *args, **more)


@pytest.fixture
def order() -> Callable[..., dict[str, Any]]:
    """Make the body of an order with an id of its own; what is named replaces or adds fields."""

    def make(**fields: Any) -> dict[str, Any]:
        return {
            "sourceOrderId": f"S-{next(_ids)}",
            "sourceOrderNumber": "1001",
            "sourceCreatedAt": "2025-01-31T09:00:00.000Z",
            "platformId": "api",
            "currency": "USD",
            "total": Decimal("95.40"),
            "subtotal": Decimal("90.00"),
            "premiumPaid": Decimal("1.50"),
            "customerEmail": "customer@example.com",
            "orderItems": [
                {
                    "sourceItemId": "I1",
                    "sourceProductId": "P1",
                    "sourceVariantId": "V1",
                    "productName": "Lamp",
                    "sku": "LAMP",
                    "quantity": 2,
                    "price": Decimal("40.00"),
                },
                {"sourceItemId": "I2", "productName": "Mug", "quantity": 1, "price": Decimal("9.99")},
            ],
            "address": {"address1": "1 Test Way", "city": "Testville", "state": "UT", "zip": "00000", "country": "US"},
        } | fields

    return make


@pytest.fixture
def placed(call: Callable[..., Answered], order: Callable[..., dict[str, Any]]) -> str:
    """Create an order and return its id."""
    body = order()
    assert call("POST", "/v1/orders", body).status == 201
    return body["sourceOrderId"]


@attrs.define
class Receiver:
    """A shop's endpoint: answers from *answers* in turn (then 200), and keeps what came."""

    url: str = ""
    answers: list[int] = attrs.field(factory=list)
    got: list[tuple[dict[str, str], bytes]] = attrs.field(factory=list)

    @property
    def events(self) -> list[Any]:
        """What came, read."""
        return [jsonmoney.loads(body) for _, body in self.got]


@pytest.fixture
def receiver(call: Callable[..., Answered]) -> Iterator[Receiver]:
    """Run an endpoint, registered as the sandbox's webhook."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    target = {"url": receiver.url, "secret": "not-a-real-secret"}
    assert call("PUT", "/sandbox/webhooks", target).status == 200
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def wire_sample() -> Callable[[str], Any]:
    """Read a sample of the wire by its file name."""
    folder = Path(__file__).parents[1] / "data" / "wire"
    return lambda name: jsonmoney.loads((folder / name).read_bytes())
