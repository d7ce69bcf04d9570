"""What partners may ask, and what is not served because its page is cut."""

from __future__ import annotations

import pytest

APP = {"client_secret": "op_secret_not_real", "redirect_uris": ["https://app.example/done"], "scopes": ["read_store"]}


@pytest.fixture
def app_token(call):
    """Install an app under a client id, and return a token of it."""

    def make(client_id):
        call("PUT", "/sandbox/oauth/apps", APP | {"client_id": client_id})
        consent = {"client_id": client_id, "redirect_uri": APP["redirect_uris"][0]}
        store_id = call("POST", "/sandbox/oauth/authorize", consent).json["store_id"]
        asked = {"client_id": client_id, "client_secret": APP["client_secret"], "store_id": store_id}
        return call("POST", "/v1/oauth/token", asked | {"grant_type": "client_credentials"}).json["access_token"]

    return make


def test_contexts_are_the_apps_own(call, app_token):
    """A cohort is kept by its key for the app whose token made it; no other app sees it."""
    one, other = app_token("op_app_one"), app_token("op_app_other")
    for body in ({"variantKey": "K1", "color": "red"}, {"variantKey": "K1", "color": "blue"}, {"variantKey": "K2"}):
        assert call("POST", "/v2/settings/context", body, token=one).status == 201
    mine, others = (call("GET", "/v2/settings/context", token=token).json["contexts"] for token in (one, other))
    assert [("K1", "blue"), ("K2", None)] == [(context["variantKey"], context.get("color")) for context in mine]
    assert [] == others


@pytest.mark.parametrize("body", [{}, {"variantKey": ""}, {"variantKey": 1}, {"variant_key": "K1"}])
def test_context_needs_its_key(call, body):
    """A cohort without its stable id is refused with 400 and the field."""
    answer = call("POST", "/v2/settings/context", body)
    assert (400, "variantKey") == (answer.status, answer.json["field"])


@pytest.mark.parametrize("path", ["/v2/settings", "/v2/settings/context", "/v2/pricing/rules", "/v2/widget/config"])
def test_reads(call, path):
    """What is only read answers an object, to whoever has a token."""
    answer = call("GET", path)
    assert (200, dict, 401) == (answer.status, type(answer.json), call("GET", path, token=None).status)


def test_widget_of_partner(call):
    """A partner's widget is asked for without a token, by its application's id and the cohort's key."""
    assert call("GET", "/v2/widget/config/partner/A1?key=K1", token=None).status == 200
    assert call("GET", "/v2/widget/config/partner/A1", token=None).status == 400


def test_cut_pages_are_not_served(call):
    """A call whose body is cut from its page is not there, and the list says why."""
    listed = call("GET", "/").json["not served"]
    for name in listed:
        method, path = name.split()
        assert call(method, path.replace("{id}", "1"), {}).status in (404, 405)
    assert 6 == len(listed)
