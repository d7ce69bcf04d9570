"""A token that ends in mid-export: renewed once, the export goes on, and nothing is sent twice. Over a real sandbox."""

import threading
from collections import Counter
from datetime import timedelta

import attrs
import httpx
import pytest

from op_core.errors import TokenRevoked
from op_core.export import Exporter
from op_core.order_protection.client import Client
from op_core.sandbox import Sandbox
from op_core.sandbox.oauth_bodies import App, Authorize, Installed
from op_core.settings import OAuthSettings
from op_core.storefront import Storefront
from op_core.testing.model_shop import an_order
from op_core.tokens import AppToken

ORDERS = 60
APP = App(client_id="op_app_test", client_secret="op_secret_not_real", redirect_uris=("https://shop.example/done",),
          scopes=("read_orders", "write_orders"))  # fmt: skip
AGREED = Authorize(client_id=APP.client_id, redirect_uri=APP.redirect_uris[0])


class Wire(httpx.HTTPTransport):
    """A real connection that counts, and lets something happen at one request."""

    def __init__(self):
        super().__init__()
        self.asked, self.answers, self.lock = 0, [], threading.Lock()
        self.happens = {}

    def handle_request(self, request):
        with self.lock:
            self.asked += 1
            if happens := self.happens.pop(self.asked, None):
                happens()
        answer = super().handle_request(request)
        with self.lock:
            self.answers.append((f"{request.method} {request.url.path}", answer.status_code))
        return answer


@attrs.define
class Scene:
    """A shop of sixty orders, an app by refresh token, and a sandbox with the same clock."""

    store: object
    sandbox: Sandbox
    wire: Wire
    endpoint: Client
    tokens: Wire

    def export(self, **oauth):
        store = self.store.settings.model_copy(
            update={
                "api_token": None,
                "api_url": self.sandbox.url,
                "oauth": OAuthSettings(**{"client_id": APP.client_id, "client_secret": APP.client_secret, **oauth}),
                "op_store_id": "store_sandbox",
            }
        )
        token = AppToken(store, self.store.ledger, self.endpoint)
        with Client(self.sandbox.url, token, transport=self.wire) as api:
            return Exporter(store, self.store.ledger, Storefront.of("main", self.store.shop), api).run()

    def end_tokens(self):
        """Let Order Protection take back every access token that it has given."""
        kept = self.sandbox.local.store
        for token, known in kept.items("token"):
            if known["kind"] == "access":
                kept.put("token", token, known | {"revoked": True})

    def acted(self):
        """Return how often each order was posted and taken, and how many there are."""
        times = Counter(status for what, status in self.wire.answers if what == "POST /v1/orders")
        return times[201], len(self.sandbox.local.store.all("order")), set(times) - {201, 401}


@pytest.fixture
def scene(store):
    """Fill the shop and let the app in."""
    for n in range(ORDERS):
        store.put(an_order(id=f"{1001 + n}", number=f"#{1001 + n}"))
    store.with_export(page_size=20)
    with Sandbox(clock=lambda: store.clock[0]) as sandbox:
        sandbox.local.oauth.register(APP)
        sandbox.local.oauth.authorize(AGREED)
        tokens = Wire()
        with Client(sandbox.url, transport=tokens) as endpoint:
            yield Scene(store, sandbox, Wire(), endpoint, tokens)


@pytest.fixture
def refresh(scene):
    """Return the settings of an app that was let in by a merchant: its refresh token is good for once."""
    code = scene.sandbox.local.oauth.authorize(AGREED)["code"]
    wish = {"grant_type": "authorization_code", "client_id": APP.client_id, "client_secret": APP.client_secret,
            "code": code, "redirect_uri": AGREED.redirect_uri}  # fmt: skip
    given = httpx.post(f"{scene.sandbox.url}/v1/oauth/token", json=wish).json()
    return {"grant": "authorization_code", "refresh_token": given["refresh_token"]}


@pytest.mark.parametrize("ahead", ["5 min", "0 s"])
def test_a_token_whose_time_is_over(scene, refresh, ahead):
    """An hour passes between two orders of a page: one refresh, and each order is posted once."""
    scene.wire.happens = {25: lambda: scene.store.pass_time(timedelta(hours=1))}
    count = scene.export(ahead=ahead, **refresh)

    assert (ORDERS, 0) == (count.created, count.refused)
    assert (ORDERS, ORDERS, set()) == scene.acted()
    assert [("POST /v1/oauth/token", 200)] * 2 == scene.tokens.answers


def test_a_token_that_is_taken_back(scene, refresh):
    """Eight threads meet a 401 at the same moment: one refresh, and what was refused goes out again, once."""
    scene.wire.happens = {
        10: lambda: scene.store.pass_time(timedelta(minutes=10)),
        25: scene.end_tokens,
    }
    count = scene.export(**refresh)

    assert ORDERS == count.created
    assert (ORDERS, ORDERS, set()) == scene.acted()
    assert [("POST /v1/oauth/token", 200)] * 2 == scene.tokens.answers
    assert 0 < sum(status == 401 for _, status in scene.wire.answers) <= 8


def test_an_app_that_is_thrown_out_and_let_in_again(scene):
    """The export stops by name, keeps what it has sent, and goes on with the app's next installation."""
    scene.wire.happens = {
        10: lambda: scene.store.pass_time(timedelta(minutes=10)),
        30: lambda: scene.sandbox.local.oauth.uninstall(Installed(client_id=APP.client_id)),
    }
    with pytest.raises(TokenRevoked, match="see that the app is installed on store store_sandbox"):
        scene.export()
    posted = len(scene.sandbox.local.store.all("order"))
    assert 20 <= posted < ORDERS
    asked = len(scene.tokens.answers)
    with pytest.raises(TokenRevoked):
        scene.export()
    assert asked == len(scene.tokens.answers)

    scene.sandbox.local.oauth.authorize(AGREED)
    scene.store.pass_time(timedelta(minutes=5))
    count = scene.export()

    assert ORDERS - posted == count.created
    assert (ORDERS, ORDERS, set()) == scene.acted()


def test_an_answer_that_is_lost_while_it_is_renewed(scene, refresh):
    """The token call breaks off before it acts: it is asked again, and the export notices nothing."""
    scene.sandbox.local.switchboard.change({"faults": [{"kind": "drop", "path": "/v1/oauth/token"}]})
    count = scene.export(**refresh)

    assert ORDERS == count.created
    assert [("POST /v1/oauth/token", 200)] == scene.tokens.answers
