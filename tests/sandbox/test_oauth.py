"""Apps, their tokens and their sessions."""

from __future__ import annotations

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest

from op_core.sandbox import Sandbox
from op_core.testing.clock import Clock

APP = {
    "client_id": "op_app_test",
    "client_secret": "op_secret_not_real",
    "redirect_uris": ["https://app.example/done", "http://localhost:3000/done?at=home"],
    "scopes": ["read_orders", "write_orders", "read_products"],
}
CLIENT = {"client_id": APP["client_id"], "client_secret": APP["client_secret"]}
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def clock():
    return Clock()


@pytest.fixture(scope="module")
def running(clock):
    """Run a sandbox with that clock and a registered app."""
    with Sandbox(clock=clock, token="the-store") as sandbox:
        yield sandbox


@pytest.fixture
def ask(sandbox, send):
    """Send a request as the store's own tools do: ``ask(method, path, body)``."""

    def call(method, path, body=None, token="the-store", headers=None):
        return send(sandbox.url, method, path, body, token=token)

    assert call("PUT", "/sandbox/oauth/apps", APP).status == 200
    return call


@pytest.fixture
def authorize(ask):
    """Have a merchant let the app in, and return what the app is told."""

    def act(**fields):
        asked = {"client_id": APP["client_id"], "redirect_uri": APP["redirect_uris"][0]} | fields
        answer = ask("POST", "/sandbox/oauth/authorize", asked)
        assert answer.status == 201, answer.json
        return answer.json

    return act


@pytest.fixture
def token(ask):
    """Ask for a token; nobody needs one for that."""
    return lambda grant, **fields: ask("POST", "/v1/oauth/token", CLIENT | {"grant_type": grant} | fields, token=None)


@pytest.fixture
def by_code(authorize, token):
    """Return a token for a new code."""

    def act(**fields):
        code = authorize(**fields)["code"]
        answer = token("authorization_code", code=code, redirect_uri=APP["redirect_uris"][0])
        assert answer.status == 200, answer.json
        return answer.json

    return act


def test_code(authorize, token, ask):
    """A code with its verifier gives a token for an hour, with the scopes granted; it lets in, and works once."""
    told = authorize(state="s 1", code_challenge=CHALLENGE, scopes=["read_orders"])
    assert {"code": [told["code"]], "state": ["s 1"]} == parse_qs(urlsplit(told["redirect"]).query)
    asked = {"code": told["code"], "redirect_uri": APP["redirect_uris"][0], "code_verifier": VERIFIER}
    answer = token("authorization_code", **asked)
    assert (200, "Bearer", 3600, "read_orders") == (
        answer.status,
        *(answer.json[name] for name in ("token_type", "expires_in", "scope")),
    )
    assert ("op_at_", "op_rt_") == (answer.json["access_token"][:6], answer.json["refresh_token"][:6])
    assert ask("GET", "/v1/orders", token=answer.json["access_token"]).status == 200
    again = token("authorization_code", **asked)
    assert (400, "code") == (again.status, again.json["field"])


def test_redirect_keeps_its_query(authorize):
    """A redirect URI that has a query keeps it."""
    told = authorize(redirect_uri=APP["redirect_uris"][1])
    assert {"at": ["home"], "code": [told["code"]]} == parse_qs(urlsplit(told["redirect"]).query)


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"code": "none"}, 400, "code"),
        ({"redirect_uri": APP["redirect_uris"][1]}, 400, "redirect_uri"),
        ({"code_verifier": "w" * 43}, 400, "code_verifier"),
        ({"code_verifier": None}, 400, "code_verifier"),
        ({"store_id": "store_sandbox"}, 400, "store_id"),
        ({"redirect_uri": None}, 400, "redirect_uri"),
        ({"grant_type": "password"}, 400, "grant_type"),
        ({"client_secret": "op_secret_other"}, 401, "client_secret"),
        ({"client_id": "op_app_other"}, 401, "client_secret"),
        ({"scope": "read_orders"}, 400, "scope"),
    ],
)
def test_code_is_strict(authorize, token, change, status, field):
    """A code is given out to the app, the URI and the verifier that it was made for, and to nothing else."""
    code = authorize(code_challenge=CHALLENGE)["code"]
    asked = {"code": code, "redirect_uri": APP["redirect_uris"][0], "code_verifier": VERIFIER} | change
    answer = token(asked.pop("grant_type", "authorization_code"), **asked)
    assert (status, field) == (answer.status, answer.json["field"])


def test_token_ends(ask, by_code, token, clock):
    """An access token lets in until it ends, to the second; its refresh token gives the next one."""
    ask("PUT", "/sandbox/behaviour", {"token_seconds": 60})
    given = by_code()
    statuses = []
    for seconds in (59, 1):
        clock.move(seconds=seconds)
        statuses.append(ask("GET", "/v1/orders", token=given["access_token"]).status)
    assert ([200, 401], 60) == (statuses, given["expires_in"])
    fresh = token("refresh_token", refresh_token=given["refresh_token"]).json
    assert ask("GET", "/v1/orders", token=fresh["access_token"]).status == 200


@pytest.mark.parametrize("rotate", [True, False])
def test_refresh_rotation(ask, by_code, token, rotate):
    """A refresh token is used up by its use, or stays the same, by the switch (G-19)."""
    ask("PUT", "/sandbox/behaviour", {"rotate_refresh": rotate})
    first = by_code()["refresh_token"]
    second = token("refresh_token", refresh_token=first).json["refresh_token"]
    assert rotate == (first != second)
    assert (400 if rotate else 200) == token("refresh_token", refresh_token=first).status
    assert token("refresh_token", refresh_token=second).status == 200


def test_client_credentials(ask, authorize, token):
    """An app gets a token for a store by itself, once it is installed there, with no more scopes than were granted."""
    asked = {"store_id": "store_credentials"}
    assert (400, "store_id") == ((answer := token("client_credentials", **asked)).status, answer.json["field"])
    authorize(store_id="store_credentials", scopes=["read_orders", "write_orders"])
    given = token("client_credentials", scopes=["read_orders"], **asked).json
    assert ("read_orders", False) == (given["scope"], "refresh_token" in given)
    assert ask("GET", "/v1/orders", token=given["access_token"]).status == 200
    assert (400, "scopes") == (
        (answer := token("client_credentials", scopes=["read_products"], **asked)).status,
        answer.json["field"],
    )


@pytest.mark.parametrize(("which", "left"), [("access_token", [401, 200]), ("refresh_token", [401, 400])])
def test_revoke(ask, by_code, token, which, left):
    """A revoked token no longer lets in; a refresh token takes its access tokens with it."""
    given = by_code()
    answer = ask("POST", "/v1/oauth/revoke", CLIENT | {"token": given[which], "token_type_hint": which}, token=None)
    assert (200, {"status": "ok"}) == (answer.status, answer.json)
    assert left == [
        ask("GET", "/v1/orders", token=given["access_token"]).status,
        token("refresh_token", refresh_token=given["refresh_token"]).status,
    ]


def test_revoke_is_for_the_apps_own(ask, by_code):
    """Nobody but the app ends its tokens, and a token that nobody has is no error."""
    given = by_code()
    other = APP | {"client_id": "op_app_second"}
    ask("PUT", "/sandbox/oauth/apps", other)
    second = CLIENT | {"client_id": "op_app_second", "token": given["access_token"]}
    statuses = [
        ask("POST", "/v1/oauth/revoke", body, token=None).status
        for body in (second | {"client_secret": "op_secret_wrong"}, second, CLIENT | {"token": "none"})
    ]
    assert [401, 200, 200] == statuses
    assert ask("GET", "/v1/orders", token=given["access_token"]).status == 200


def test_uninstall(ask, by_code, token):
    """An app that is thrown out has no tokens left for that store."""
    given = by_code(store_id="store_left")
    gone = {"client_id": APP["client_id"], "store_id": "store_left"}
    assert [200, 404] == [ask("DELETE", "/sandbox/oauth/installations", gone).status for _ in range(2)]
    assert ask("GET", "/v1/orders", token=given["access_token"]).status == 401
    assert [400, 400] == [
        token("refresh_token", refresh_token=given["refresh_token"]).status,
        token("client_credentials", store_id="store_left").status,
    ]


def test_scopes(ask, by_code):
    """Where scopes are enforced, a token without the scope of a call is 403; the store's own token has none to lack."""
    ask("PUT", "/sandbox/behaviour", {"enforce_scopes": True})
    app = by_code(scopes=["read_orders"])["access_token"]
    assert [200, 403, 400] == [
        ask("GET", "/v1/orders", token=app).status,
        ask("POST", "/v1/orders", {}, token=app).status,
        ask("POST", "/v1/orders", {}).status,
    ]


def test_apps_under_v2_only(ask, by_code):
    """By the switch, tokens of apps are for /v2 alone (C-1)."""
    ask("PUT", "/sandbox/behaviour", {"app_tokens": "v2"})
    app = by_code()["access_token"]
    assert [403, 404] == [
        ask("GET", "/v1/orders", token=app).status,
        ask("PUT", "/v2/products/none", {}, token=app).status,
    ]


def test_unknown_app_token(send):
    """A token that looks like an app's and was never given is not let in, where any other one is."""
    with Sandbox() as sandbox:
        statuses = [send(sandbox.url, "GET", "/v1/orders", token=one).status for one in ("op_at_none", "any")]
    assert [401, 200] == statuses


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"redirect_uris": ["http://app.example/done"]}, "redirect_uris[0]"),
        ({"redirect_uris": ["http://localhost.app.example"]}, "redirect_uris[0]"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"client_id": "app"}, "client_id"),
        ({"scopes": ["read orders"]}, "scopes[0]"),
    ],
)
def test_app_is_strict(ask, change, field):
    """An app is registered with HTTPS redirects, localhost apart, and with ids that look like the API's."""
    answer = ask("PUT", "/sandbox/oauth/apps", APP | change)
    assert (400, field) == (answer.status, answer.json["field"])


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"client_id": "op_app_none"}, 404, "client_id"),
        ({"redirect_uri": "https://app.example/other"}, 400, "redirect_uri"),
        ({"scopes": ["manage_claims"]}, 400, "scopes"),
        ({"code_challenge": "short"}, 400, "code_challenge"),
        ({"code_challenge_method": "plain"}, 400, "code_challenge_method"),
    ],
)
def test_authorize_is_strict(ask, change, status, field):
    """A merchant lets in a known app, to a registered URI, with scopes that it may ask for."""
    asked = {"client_id": APP["client_id"], "redirect_uri": APP["redirect_uris"][0]} | change
    answer = ask("POST", "/sandbox/oauth/authorize", asked)
    assert (status, field) == (answer.status, answer.json["field"])
