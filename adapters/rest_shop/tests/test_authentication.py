"""How the shop knows us, over a real socket: what is sent, and what happens when it is refused."""

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest

from op_core.errors import SettingsError, ShopAway
from op_core.requests import GetOrderRequest

ORDER = {
    "id": "1",
    "display_id": 1,
    "created_at": "2030-01-01T00:00:00Z",
    "currency_code": "usd",
    "total": 1,
    "items": [],
    "payments": [],
}
WAYS = {
    "bearer": 'kind = "bearer"\ntoken = { env = "SHOP_TOKEN" }',
    "header": 'kind = "header"\nheader = "X-Api-Key"\nvalue = { env = "SHOP_TOKEN" }',
    "basic": 'kind = "basic"\nuser = "op"\npassword = { env = "SHOP_TOKEN" }',
    "body": 'kind = "login"\npost = "/login"\njson = { user = "op", password = { env = "SHOP_TOKEN" } }\n'
    'token = "data.token"',
    "answer": 'kind = "login"\npost = "/login"\njson = { user = "op", password = { env = "SHOP_TOKEN" } }\n'
    'token_header = "X-Auth-Token"\nheader = "X-Auth-Token"',
    "oauth": 'kind = "client_credentials"\npost = "/token"\nclient_id = "op"\nclient_secret = { env = "SHOP_TOKEN" }',
}
SECRET = "not-a-real-token"


class Gate(BaseHTTPRequestHandler):
    """A shop of one order, that gives tokens which end when the test says so."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
        said = json.loads(raw) if raw.startswith("{") else {name: each[0] for name, each in parse_qs(raw).items()}
        state = self.server.state
        state["logins"].append(said)
        if SECRET not in said.values():
            return self._send(401, {})
        state["token"] = f"fake-token-{len(state['logins'])}"
        body = {"data": {"token": state["token"]}, "access_token": state["token"], "token_type": "bearer"}
        return self._send(200, {} if state["header"] else body, {"X-Auth-Token": state["token"]})

    def do_GET(self):
        state, headers = self.server.state, self.headers
        pair = base64.b64encode(f"op:{SECRET}".encode()).decode()
        known = {f"Bearer {SECRET}", f"Basic {pair}", f"Bearer {state['token']}", SECRET, state["token"]} - {"Bearer "}
        given = headers.get("Authorization") or headers.get("X-Api-Key") or headers.get("X-Auth-Token") or ""
        state["given"].append(given)
        return self._send(200, {"order": ORDER}) if given and given in known else self._send(401, {})

    def _send(self, status, body, headers=()):
        sent = json.dumps(body).encode()
        self.send_response(status)
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(sent)))
        self.end_headers()
        self.wfile.write(sent)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def gate():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gate)
    server.daemon_threads = True
    server.state = {"token": "", "logins": [], "given": [], "header": False}
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def known_by(gate, adapter_of):
    """Return an adapter that authenticates in one way."""

    def make(way, **settings):
        gate.state["header"] = way == "answer"
        url = f"http://127.0.0.1:{gate.server_port}"
        return adapter_of(changes=[('kind = "bearer"\ntoken = { env = "SHOP_TOKEN" }', WAYS[way])], url=url, **settings)

    return make


def read(adapter):
    return adapter.op_get_order(request=GetOrderRequest("main", "1"))


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_known_to_the_shop(known_by, gate, way):
    """Two calls need one login at most."""
    adapter = known_by(way)

    assert ("1", "1") == (read(adapter).id, read(adapter).id)
    assert (1 if way in ("body", "answer", "oauth") else 0) == len(gate.state["logins"])


@pytest.mark.parametrize("way", ["body", "answer", "oauth"])
def test_a_token_that_has_ended_is_asked_for_anew(known_by, gate, way):
    """The 401 says that nothing was done, so the call is sent once more."""
    adapter = known_by(way)
    read(adapter)
    gate.state["token"] = "ended"

    assert "1" == read(adapter).id
    assert 2 == len(gate.state["logins"])


def test_many_threads_that_are_refused_ask_for_one_token(known_by, gate):
    """The first of them asks, and the others wait for it."""
    adapter = known_by("body")
    read(adapter)
    gate.state["token"] = "ended"
    found = []
    threads = [threading.Thread(target=lambda: found.append(read(adapter).id)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["1"] * 4 == found
    assert 2 == len(gate.state["logins"])


@pytest.mark.parametrize("way", WAYS)
def test_a_wrong_secret_parks_the_store_and_is_not_told(known_by, way):
    """The shop is away until somebody mends it; no secret stands in the reason."""
    adapter = known_by(way, env={"SHOP_TOKEN": "another-fake-token"})

    with pytest.raises(ShopAway) as caught:
        read(adapter)
    assert "mend [auth]" in str(caught.value)
    assert "another-fake-token" not in str(caught.value) + repr(adapter) + repr(adapter.client)


@pytest.mark.parametrize(
    "change",
    [
        ('kind = "bearer"\ntoken = { env = "SHOP_TOKEN" }', 'kind = "basic"\nuser = "not-a-real-key"'),
        ("query = { since", 'headers = { X-Shop-Token = "not-a-real-key" }\nquery = { since'),
        ("query = { since", 'headers = { Authorization = "not-a-real-key" }\nquery = { since'),
        ("query = { since", 'query = { api_key = "not-a-real-key", since'),
    ],
    ids=["user", "header", "authorization", "query"],
)
def test_a_secret_in_the_manifest_is_refused(adapter_of, change):
    """Wherever a shop takes one; no error repeats it."""
    with pytest.raises(SettingsError, match="a manifest is shared, and holds no secret") as caught:
        adapter_of(changes=[change])
    assert "not-a-real-key" not in str(caught.value)


def test_what_only_sounds_like_a_secret_is_none(adapter_of):
    """A name of a field to sort by, a cursor, our own reference, and a secret of the environment."""
    headers = 'headers = { Idempotency-Key = "x", X-Api-Key = { env = "SHOP_TOKEN" } }'
    query = 'query = { sort_key = "a", token = "{since}", since'

    assert adapter_of(changes=[("query = { since", f"{headers}\n{query}")]).manifest.orders.headers.tree


def test_a_login_without_a_secret_of_the_environment_is_refused(adapter_of):
    """One that stands in the manifest would be shared with it, and no error repeats it."""
    login = WAYS["body"].replace('{ env = "SHOP_TOKEN" }', '"not-a-real-password"')

    with pytest.raises(SettingsError, match=r"auth.*: a manifest is shared, and holds none") as caught:
        adapter_of(changes=[('kind = "bearer"\ntoken = { env = "SHOP_TOKEN" }', login)])
    assert "not-a-real-password" not in str(caught.value)


def test_a_login_that_gives_no_token_is_told(known_by, gate):
    """The manifest looks in another place than the shop puts it."""
    adapter = known_by("body")
    gate.state["header"] = True

    with pytest.raises(ShopAway, match="the answer holds no token where the manifest says"):
        read(adapter)
