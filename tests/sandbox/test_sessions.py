"""Session tokens of embedded apps: single use, 60 seconds, 30 checks a minute."""

from __future__ import annotations

import base64

import pytest

from op_core.order_protection import jsonmoney
from op_core.sandbox import Sandbox
from op_core.testing.clock import Clock

APP = {
    "client_id": "op_app_test",
    "client_secret": "op_secret_not_real",
    "redirect_uris": ["https://app.example/done"],
    "scopes": ["read_orders", "write_orders"],
}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def session(send, clock):
    """Install an app; return what has somebody open it, and what checks a session token."""
    with Sandbox(clock=clock) as sandbox:

        def ask(method, path, body):
            answer = send(sandbox.url, method, path, body, token=None)
            assert answer.status < 404, answer.json
            return answer

        ask("PUT", "/sandbox/oauth/apps", APP)
        consent = {"client_id": APP["client_id"], "redirect_uri": APP["redirect_uris"][0]}
        ask("POST", "/sandbox/oauth/authorize", consent)

        def opened():
            return ask("POST", "/sandbox/oauth/sessions", {"client_id": APP["client_id"]}).json["session_token"]

        yield opened, lambda one: send(sandbox.url, "POST", "/v1/oauth/session/verify", {"session_token": one})


def test_session(session):
    """A session token is a JWT that says once who sits there, for which app and store."""
    opened, verify = session
    token = opened()
    header = token.split(".")[0]
    assert "HS256" == jsonmoney.loads(base64.urlsafe_b64decode(header + "=" * (-len(header) % 4)))["alg"]
    answers = [verify(token) for _ in range(2)]
    assert [200, 401] == [answer.status for answer in answers]
    said = answers[0].json
    assert {
        "userId",
        "email",
        "firstName",
        "lastName",
        "storeId",
        "installationId",
        "applicationId",
        "clientId",
        "scopes",
    } == set(said)
    assert (APP["client_id"], "store_sandbox", APP["scopes"]) == (said["clientId"], said["storeId"], said["scopes"])


def test_session_ends(session, clock):
    """A session token lasts less than 60 seconds."""
    opened, verify = session
    first, second = opened(), opened()
    clock.move(seconds=59)
    statuses = [verify(first).status]
    clock.move(seconds=1)
    assert [200, 401] == [*statuses, verify(second).status]


def test_session_limit(session, clock):
    """The 31st check within a minute is 429, and a minute later all is well."""
    opened, verify = session
    statuses = [verify("none").status for _ in range(31)]
    clock.move(seconds=60)
    assert [401] * 30 + [429, 200] == [*statuses, verify(opened()).status]
