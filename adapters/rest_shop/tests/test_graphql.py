"""A shop that speaks GraphQL alone: errors inside a 200, a token in a header, refunds that wait to be settled."""

import json
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from op_core.errors import NotSent, Refused, ShopAway
from op_core.models import CannotTell, Found, NotFound, Outcome
from op_core.money import Money
from op_core.requests import ExportOrdersRequest, GetOrderRequest

MANIFEST = (Path(__file__).parent / "graphql.toml").read_text(encoding="utf-8")


class GraphQL(BaseHTTPRequestHandler):
    """A shop of one order over one address; the name of an operation says which it is."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        state, query, given = self.server.state, said["query"], said["variables"]
        state["asked"].append(query.split("(")[0].split("{")[0].strip())
        if "mutation login" in query:
            state["token"] = f"fake-token-{len(state['asked'])}"
            return self._send({"data": {"login": {"id": "1"}}}, {"shop-auth-token": state["token"]})
        if self.headers.get("Authorization") != f"Bearer {state['token']}":
            return self._send(
                {"errors": [{"message": "no", "extensions": {"code": "FORBIDDEN"}}]}, status=state["forbids"]
            )
        if "mutation refund" not in query:
            one = {**state["order"], "refunds": state["refunds"]}
            return self._send(
                {"data": {"order": one if given.get("id", "1") == "1" else None, "orders": {"items": [one]}}}
            )
        if state["answer"]:
            return self._send(state["answer"].pop())
        made = {"__typename": "Refund", "id": f"r{len(state['refunds']) + 1}", "state": "Pending", **given}
        state["refunds"].append(made)
        return self._send({"data": {"refund": made}})

    def _send(self, body, headers=None, status=200):
        sent = json.dumps(body).encode()
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def graph():
    order = {"id": "1", "code": "A1", "createdAt": "2030-01-01T00:00:00Z", "updatedAt": "2030-01-01T00:00:00Z"}
    order |= {"currencyCode": "USD", "totalWithTax": 9953, "payments": [{"id": "p1", "amount": 9953}]}
    order["lines"] = [{"id": "l1", "quantity": 1, "unitPrice": 9953, "productVariant": {"name": "Mug", "sku": "MUG"}}]
    server = ThreadingHTTPServer(("127.0.0.1", 0), GraphQL)
    server.daemon_threads = True
    server.state = {"token": "", "asked": [], "refunds": [], "answer": [], "order": order, "forbids": 401}
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def adapter(graph, adapter_of):
    return adapter_of(MANIFEST, url=f"http://127.0.0.1:{graph.server_port}")


@pytest.fixture
def request_(adapter, refund_of):
    order = adapter.op_get_order(request=GetOrderRequest("main", "1"))
    return refund_of(order, Money(Decimal("12.50"), "USD"))


def test_orders_are_read_by_queries(adapter, graph):
    """Minor units become an amount; the token came in a header of the login."""
    (order,) = adapter.op_export_orders(request=ExportOrdersRequest("main")).orders

    assert (Money(Decimal("99.53"), "USD"), "A1", "MUG") == (order.total, order.number, order.lines[0].sku)
    assert 1 == graph.state["asked"].count("mutation login")


def test_a_refund_waits_until_it_is_settled(adapter, graph, request_, find_of):
    """It is pending, with its id; its look-up says so until the shop has settled it, and then that the money moved."""
    assert Outcome("pending", shop_id="r1", money="queued") == adapter.op_issue_refund(request=request_)
    assert 1250 == graph.state["refunds"][0]["amount"]
    assert Found(Outcome("pending", shop_id="r1", money="queued")) == adapter.op_find_refund(request=find_of(request_))

    graph.state["refunds"][0]["state"] = "Settled"
    assert Found(Outcome("done", shop_id="r1", money="moved")) == adapter.op_find_refund(request=find_of(request_))

    graph.state["refunds"][0]["state"] = "Failed"
    assert "refused" == adapter.op_find_refund(request=find_of(request_)).outcome.state


@pytest.mark.parametrize(
    ("answer", "becomes"),
    [
        ({"data": {"refund": {"__typename": "RefundAmountError", "errorCode": "X"}}}, Refused),
        ({"errors": [{"extensions": {"code": "BAD_USER_INPUT"}}], "data": None}, Refused),
        ({"errors": [{"extensions": {"code": "TOO_BUSY"}}], "data": None}, NotSent),
        ({"errors": [{"message": "timed out"}], "data": {"refund": None}}, "unknown"),
        ({"data": {"refund": None}}, "unknown"),
        ({"data": {"refund": {"__typename": "Refund"}}}, "unknown"),
    ],
    ids=["a kind of error", "bad input", "busy", "an error that nobody knows", "nothing", "without an id"],
)
def test_an_error_inside_a_200_is_no_success(adapter, graph, request_, find_of, answer, becomes):
    """By rule it is a refusal, or nothing at all; what no rule knows may have happened, and is asked for."""
    graph.state["answer"] = [answer]
    if becomes == "unknown":
        assert "unknown" == adapter.op_issue_refund(request=request_).state
        assert NotFound() == adapter.op_find_refund(request=find_of(request_))
    else:
        with pytest.raises(becomes):
            adapter.op_issue_refund(request=request_)
    assert [] == graph.state["refunds"]
    assert 1 == graph.state["asked"].count("mutation refund")


@pytest.mark.parametrize("status", [401, 200])
def test_a_token_that_has_ended_is_no_reason_to_refund_twice(adapter, graph, request_, status):
    """The shop refuses the call before it looks at it, if in a 200; so it is sent once more, with a new token."""
    graph.state["token"], graph.state["forbids"] = "ended", status

    assert "pending" == adapter.op_issue_refund(request=request_).state
    assert (1, 2) == (len(graph.state["refunds"]), graph.state["asked"].count("mutation login"))


def test_a_shop_that_never_knows_us_is_away(adapter_of, graph, adapter, request_):
    """One login anew, and no more; without a login there is none."""
    forbidden = {"errors": [{"extensions": {"code": "FORBIDDEN"}}]}
    graph.state["answer"] = [forbidden, forbidden]
    login = MANIFEST[MANIFEST.index("[auth]") : MANIFEST.index("[orders]")]
    fixed = adapter_of(
        MANIFEST.replace(login, '[auth]\nkind = "bearer"\ntoken = { env = "SHOP_TOKEN" }\n'),
        url=f"http://127.0.0.1:{graph.server_port}",
    )

    with pytest.raises(ShopAway, match=r"refund\.calls\[0\]: POST /graphql: 200, the shop does not know us"):
        adapter.op_issue_refund(request=request_)
    assert 2 == graph.state["asked"].count("mutation refund") == graph.state["asked"].count("mutation login")
    graph.state["token"], graph.state["forbids"] = "another", 200
    with pytest.raises(ShopAway, match="the shop does not know us"):
        fixed.op_issue_refund(request=request_)
    assert [] == graph.state["refunds"]


def test_a_verb_without_a_look_up_is_held(adapter_of, graph, request_, find_of):
    """Nobody can tell whether it happened."""
    look = MANIFEST[MANIFEST.index("[refund.find]") :]
    blind = adapter_of(
        MANIFEST.replace(look, "").replace('"queued"', '"moved"'), url=f"http://127.0.0.1:{graph.server_port}"
    )

    assert isinstance(blind.op_find_refund(request=find_of(request_)), CannotTell)
