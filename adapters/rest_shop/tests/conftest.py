"""A small shop behind a socket, with a claim that locks an order while it is half-built, and faults on demand."""

import contextlib
import json
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from op_rest_shop import RestShopAdapter, RestShopSettings

from op_core.models import LineQuantity
from op_core.plugins import StoreInfo
from op_core.requests import FindRequest, GetOrderRequest, OperationKey, RefundRequest, ReshipRequest

NOW = datetime(2030, 1, 1, tzinfo=UTC)
MANIFEST = (Path(__file__).parent / "shop.toml").read_text(encoding="utf-8")


@attrs.define
class Shop:
    """The shop: what it holds, what it was asked, and what goes wrong with which call."""

    orders: dict
    claims: dict = attrs.Factory(dict)
    credits: list = attrs.Factory(list)
    stock: dict = attrs.Factory(dict)
    begun: int = 0
    asked: list = attrs.Factory(list)
    faults: dict = attrs.Factory(dict)
    tokens: set = attrs.Factory(lambda: {"not-a-real-token"})
    lock: threading.RLock = attrs.Factory(threading.RLock)
    url: str = ""
    reverse: bool = False
    dead: bool = False
    broken: tuple | None = None
    asked_dead: threading.Event = attrs.Factory(threading.Event)
    over: threading.Event = attrs.Factory(threading.Event)

    @property
    def refunds(self):
        return [one for order in self.orders.values() for payment in order["payments"] for one in payment["refunds"]]

    @property
    def confirmed(self):
        return [claim for claim in self.claims.values() if claim["confirmed"]]

    @property
    def written(self):
        """The calls that were no GET."""
        return [asked for asked in self.asked if not asked.startswith("GET")]

    def answer(self, method, path, query, body):  # noqa: C901, PLR0911, PLR0912 - one case for each path
        """Return status and JSON."""
        match (method, path.strip("/").split("/")):
            case ("GET", ["orders"]):
                return 200, {"orders": self._changed(query)}
            case ("GET", ["orders", id_]):
                return (200, {"order": self.orders[id_]}) if id_ in self.orders else (404, {"message": "none"})
            case ("POST", ["payments", id_, "refund"]):
                return self._refund(id_, body)
            case ("GET", ["stock"]):
                return 200, {
                    "stock": [{"sku": sku, "free": self.stock[sku]} for sku in query["sku"] if sku in self.stock]
                }
            case ("POST", ["credits"]):
                self.credits.append({**body, "id": f"credit_{len(self.credits) + 1}"})
                return 200, {"credit": self.credits[-1]}
            case ("GET", ["credits"]):
                return 200, {"credits": [one for one in self.credits if one["order"] in query["order"]]}
            case ("GET", ["claims"]):
                return 200, {"claims": [one for one in self.claims.values() if one["order_id"] in query["order_id"]]}
            case ("POST", ["claims"]):
                if any(c["order_id"] == body["order_id"] and not c["confirmed"] for c in self.claims.values()):
                    return 400, {"message": "the order has an active claim"}
                self.begun += 1
                claim = {"id": f"claim_{self.begun}", "confirmed": False, "items": [], **body}
                self.claims[claim["id"]] = claim
                return 200, {"claim": claim}
            case ("DELETE", ["claims", id_]):
                if self.claims[id_]["confirmed"]:
                    return 400, {"message": "confirmed"}
                return 200, {"claim": self.claims.pop(id_)}
            case ("POST", ["claims", id_, "items"]):
                self.claims[id_]["items"] += body["items"]
                return 200, {"claim": self.claims[id_]}
            case ("POST", ["claims", id_, "confirm"]):
                self.claims[id_]["confirmed"] = True
                return 200, {"claim": self.claims[id_]}
        return 404, {"message": "no such path"}

    def _changed(self, query):
        found = sorted(self.orders.values(), key=lambda one: (one["updated_at"], one["id"]), reverse=self.reverse)
        since = query.get("since", [""])[0]
        offset = int(query.get("offset", ["0"])[0])
        limit = int(query.get("limit", ["50"])[0])
        return [order for order in found if order["updated_at"] >= since][offset : offset + limit]

    def _refund(self, payment_id, body):
        payments = [payment for order in self.orders.values() for payment in order["payments"]]
        payment = next(payment for payment in payments if payment["id"] == payment_id)
        if body["amount"] + sum(one["amount"] for one in payment["refunds"]) > payment["captured"]:
            return 400, {"message": "more than was captured"}
        made = {"id": f"ref_{len(self.refunds) + 1}", "amount": body["amount"], "note": body["note"]}
        payment["refunds"].append(made)
        return 200, {"payment": payment}


def an_order(number, **more):
    day = NOW - timedelta(days=100 - number)
    return {
        "id": f"order_{number}",
        "display_id": number,
        "created_at": f"{day:%Y-%m-%dT%H:%M:%S}.000Z",
        "updated_at": f"{day:%Y-%m-%dT%H:%M:%S}.000Z",
        "currency_code": "usd",
        "total": 32.420875,
        "status": "pending",
        "email": "somebody@example.com",
        "items": [
            {"id": f"li_{number}", "title": "Mug", "quantity": 2, "unit_price": 15, "sku": "MUG", "variant_id": "v1"},
            {"id": f"lp_{number}", "title": "Protection", "quantity": 1, "unit_price": 2.45, "sku": "PROTECT"},
        ],
        "payments": [{"id": f"pay_{number}", "captured": 32.420875, "refunds": []}],
        "address": {"first_name": "Some", "last_name": "Body", "line1": "1 Main St", "city": "Town", "country": "us"},
        "parcels": [
            {
                "id": f"ful_{number}",
                "created_at": f"{day:%Y-%m-%dT%H:%M:%S}.000Z",
                "labels": [{"number": "1Z999AA10000000001"}],
                "items": [{"line": f"li_{number}", "quantity": 2}],
            }
        ],
        **more,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _any(self):  # noqa: C901, PLR0911 - one case for each fault
        shop = self.server.shop
        parts = urlsplit(self.path)
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length)
        body = json.loads(raw) if raw.startswith(b"{") else raw
        if shop.dead:
            shop.asked_dead.set()
            shop.over.wait()
            return self._cut()
        if not shop.tokens & {(self.headers.get("Authorization") or "").removeprefix("Bearer ")}:
            return self._send(401, b'{"message": "Unauthorized"}')
        with shop.lock:
            call = f"{self.command} {parts.path}"
            shop.asked.append(call)
            fault = shop.broken[1] if shop.broken and shop.broken[0] == call else shop.faults.pop(call, None)
            if fault == "cut before":
                return self._cut()
            if fault == "empty":
                return self._send(200, b"")
            if isinstance(fault, int | tuple):
                status, *asks = fault if isinstance(fault, tuple) else (fault,)
                return self._send(status, b'{"message": "a fault"}', asks=asks)
            status, said = shop.answer(self.command, parts.path, parse_qs(parts.query), body)
        if fault == "cut after":
            return self._cut()
        if fault == "fails after":
            return self._send(500, b"{}")
        if fault == "stalls":
            return shop.over.wait()
        if fault == "never ends":
            return self._send_for_ever()
        sent = json.dumps(said).encode()
        if fault == "twice":
            self._send(status, sent)
        if fault == "html":
            sent = b"<html>proxy</html>"
        if fault == "deep":
            sent = b"[" * 5000 + b"]" * 5000
        return self._send(status, sent[:-2] if fault == "half" else sent, len(sent))

    do_GET = do_POST = do_DELETE = _any  # noqa: N815 - the names that the library looks for

    def _send(self, status, sent, length=None, asks=()):
        self.send_response(status)
        for seconds in asks:
            self.send_header("Retry-After", seconds)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length or len(sent)))
        self.end_headers()
        self.wfile.write(sent)
        if length and length > len(sent):
            self._cut()

    def _send_for_ever(self):
        self.send_response(200)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with contextlib.suppress(OSError):  # the other side has had enough
            while not self.server.shop.over.is_set():
                self.wfile.write(b"400\r\n" + b"1" * 1024 + b"\r\n")
        self._cut()

    def _cut(self):
        self.close_connection = True

    def log_message(self, *_):
        """Say nothing."""


@contextmanager
def served(shop):
    """Serve *shop*."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.shop = shop
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield shop
    finally:
        shop.over.set()
        server.shutdown()
        server.server_close()


@pytest.fixture
def manifest():
    return MANIFEST


@pytest.fixture
def shop_of():
    """Return what serves a shop of some orders."""
    with contextlib.ExitStack() as stack:
        yield lambda number, **more: stack.enter_context(
            served(Shop({order["id"]: order for order in map(an_order, range(1, number + 1))}, **more))
        )


@pytest.fixture
def shop(shop_of):
    return shop_of(7)


@pytest.fixture
def adapter_of(shop, tmp_path):
    """Return what makes an adapter of a manifest; of each pair of texts the first is replaced."""
    made = []

    def make(manifest=MANIFEST, changes=(), **settings):
        for old, new in changes:
            assert old in manifest
            manifest = manifest.replace(old, new)
        (tmp_path / "shop.toml").write_text(manifest)
        given = {"manifest": "shop.toml", "url": shop.url, "env": {"SHOP_TOKEN": "not-a-real-token"}, **settings}
        made.append(RestShopAdapter(RestShopSettings.model_validate(given), StoreInfo("main", "main-1", tmp_path)))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def adapter(adapter_of):
    return adapter_of()


@pytest.fixture
def order(adapter):
    return adapter.op_get_order(request=GetOrderRequest("main", "order_1"))


def an_effect(order, verb, n=1, **more):
    key = OperationKey("main-1", "claim:1", verb, n)
    reference = f"OP-{verb.upper()}{n:020d}"
    said = {"store": "main", "key": key, "reference": reference, "order": order, "deadline": NOW, "claim_id": "1"}
    return said | more


@pytest.fixture
def refund_of():
    """Return what makes a request for a refund."""

    def make(order, amount, n=1):
        payment = order.payments[0].id
        return RefundRequest(**an_effect(order, "refund", n, amount=amount, payment_id=payment))

    return make


@pytest.fixture
def reship_of():
    """Return what makes a request for a reship of an order's first line."""

    def make(order, n=1):
        lines = (LineQuantity(order.lines[0].id, 1),)
        return ReshipRequest(**an_effect(order, "reship", n, lines=lines, address=order.shipping_address))

    return make


@pytest.fixture
def find_of():
    """Return what asks for an effect."""

    def make(request):
        return FindRequest(request.store, request.key, request.reference, request.order)

    return make
