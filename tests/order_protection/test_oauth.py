"""The calls of an app: what is sent, what is read, and that nothing of either is shown."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import inspect
from urllib.parse import parse_qsl, urlsplit

import pytest

from op_core.errors import NotSendable, UnreadableAnswer
from op_core.order_protection import endpoints
from op_core.order_protection.answers import ReadSession, ReadToken
from op_core.order_protection.async_client import AsyncClient
from op_core.order_protection.client import Client
from op_core.order_protection.endpoints.oauth import authorize_url, new_state, new_verifier
from op_core.order_protection.jsonmoney import dumps
from op_core.order_protection.messages import Response
from op_core.order_protection.schema import CodeGrant, RefreshGrant, RevokeToken, StoreGrant, VerifySession
from op_core.testing.transport import Answer, Scripted

API = "https://api.example"
ME = {"client_id": "op_app_1", "client_secret": "op_secret_not_real"}
CODE = CodeGrant(**ME, code="op_code_not_real", redirect_uri="https://shop.example/done", code_verifier="v" * 43)
REFRESH = RefreshGrant(**ME, refresh_token="op_rt_not_real")
STORE = StoreGrant(**ME, store_id="store_123", scopes=("read_orders", "read_claims"))
TOKEN = {"access_token": "op_at_not_real", "token_type": "Bearer", "expires_in": 3600,
         "refresh_token": "op_rt_not_real", "scope": "read_orders write_orders"}  # fmt: skip
SESSION = {"userId": "u1", "email": "staff@example.com", "firstName": "A", "lastName": "B", "storeId": "store_123",
           "installationId": "i1", "applicationId": "a1", "clientId": "op_app_1", "scopes": []}  # fmt: skip
CALLS = {
    "code": (endpoints.token(CODE), "POST /v1/oauth/token", "DEV-AUTH", False),
    "refresh": (endpoints.token(REFRESH), "POST /v1/oauth/token", "DEV-AUTH", False),
    "store": (endpoints.token(STORE), "POST /v1/oauth/token", "DEV-AUTH", True),
    "revoke": (endpoints.revoke_token(RevokeToken(**ME, token="op_at_not_real")), "POST /v1/oauth/revoke", "DEV-REF",
               True),
    "session": (endpoints.verify_session(VerifySession(session_token="a.b.c")), "POST /v1/oauth/session/verify",
                "DEV-EMB", False),
}  # fmt: skip


@pytest.mark.parametrize(("call", "name", "page", "repeatable"), CALLS.values(), ids=CALLS)
def test_requests(call, name, page, repeatable):
    """Each goes to its documented route without a bearer token; what is good for once is not sent twice."""
    request = call.request
    assert (name, page, repeatable, False) == (request.name, request.page, request.repeatable, request.authorized)


@pytest.mark.parametrize(
    ("body", "sent"),
    [
        (CODE, {"grant_type": "authorization_code", "code": "op_code_not_real",
                "redirect_uri": "https://shop.example/done", "code_verifier": "v" * 43, **ME}),
        (REFRESH, {"grant_type": "refresh_token", "refresh_token": "op_rt_not_real", **ME}),
        (STORE, {"grant_type": "client_credentials", "store_id": "store_123",
                 "scopes": ["read_orders", "read_claims"], **ME}),
        (StoreGrant(**ME, store_id="store_123"), {"grant_type": "client_credentials", "store_id": "store_123", **ME}),
        (RevokeToken(**ME, token="t", token_type_hint="refresh_token"),
         {"token": "t", "token_type_hint": "refresh_token", **ME}),
        (VerifySession(session_token="a.b.c"), {"session_token": "a.b.c"}),
    ],
)  # fmt: skip
def test_bodies_have_the_names_of_their_pages(body, sent):
    """snake_case, and each grant its own fields only."""
    assert sent == body.to_wire()


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: RefreshGrant(**ME), "RefreshGrant.refresh_token: required, and missing"),
        (lambda: RefreshGrant(**ME, refresh_token=""), "RefreshGrant.refresh_token: found text; .* not empty"),
        (lambda: RefreshGrant(**ME, refreshToken="op_rt_not_real"), "nearest is refresh_token"),
        (lambda: RefreshGrant(**ME, refresh_token="x", code="op_rt_not_real"), "code: not a field"),
        (lambda: CodeGrant(**ME, code="x", redirect_uri="http://shop.example/op_rt_not_real"), "redirect_uri: .*https"),
        (lambda: CodeGrant(**ME, code="x", redirect_uri="https://shop.example", code_verifier="op_rt_not_real"), "43"),
        (lambda: StoreGrant(**ME, store_id="s", scopes=("op_rt_not_real x",)), r"scopes.0: .*without blanks"),
        (lambda: StoreGrant(client_id="a", store_id="s"), "client_secret: required"),
        (lambda: RevokeToken(**ME, token="op_rt_not_real", token_type_hint="other"), "token_type_hint"),
        (lambda: VerifySession(session_token="op_rt_not_real" * 1000), "session_token: found text"),
    ],
)
def test_what_no_page_takes_is_refused_here(made, why):
    """The field, its kind, the rule and the page are named, and no value."""
    with pytest.raises(NotSendable, match=why) as caught:
        made()
    assert "(page DEV-" in str(caught.value)
    assert "op_rt_not_real" not in str(caught.value)


READ = [ReadToken.model_validate(TOKEN), ReadSession.model_validate(SESSION)]


@pytest.mark.parametrize("value", [CODE, REFRESH, STORE, *READ, *(call[0] for call in CALLS.values())])
def test_nothing_is_shown(value):
    """Neither ``repr`` nor ``str`` shows a token, a secret or a person."""
    shown = repr(value) + str(value)
    assert not any(part in shown for part in ("not_real", "a.b.c", "vvv", "staff@", "u1"))


def test_a_token_is_read():
    """Each field of the page; the scopes one by one."""
    token = CALLS["store"][0].read(Response(status=200, body=dumps(TOKEN)))

    assert ("op_at_not_real", "op_rt_not_real", 3600) == (token.access_token, token.refresh_token, token.expires_in)
    assert ("read_orders", "write_orders") == token.scopes


def test_what_is_missing_from_a_token_is_none():
    """Only the token itself is needed."""
    token = CALLS["store"][0].read(Response(status=200, body=b'{"access_token": "op_at_not_real"}'))

    assert (None, None, None) == (token.scopes, token.refresh_token, token.expires_in)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"token": "op_at_not_real"}',
        b'["op_at_not_real"]',
        b'{"access_token": ""}',
        b'{"access_token": "op_at_not_real", "access_token": "op_at_not_real"}',
        b'{"access_token": "op_at_not_real", "token_type": "mac"}',
        b'{"access_token": "op_at_not_real\\n"}',
        b'{"access_token": "ok", "refresh_token": "op_at_not_real x"}',
    ],
)
def test_a_token_that_cannot_be_read_is_told_without_its_body(body):
    """The error has no body, for that may hold a token; nor has the error that it came from."""
    with pytest.raises(UnreadableAnswer, match="the API answered 200") as caught:
        CALLS["store"][0].read(Response(status=200, body=body))
    assert b"" == caught.value.body
    assert "op_at_not_real" not in str(caught.value)
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)


def test_a_session_needs_a_user_and_a_store():
    """Nobody is let in by half an answer."""
    read = CALLS["session"][0].read
    assert "store_123" == read(Response(status=200, body=dumps(SESSION))).store_id
    for name in ("userId", "storeId"):
        half = {key: value for key, value in SESSION.items() if key != name}
        with pytest.raises(UnreadableAnswer, match="userId and a storeId"):
            read(Response(status=200, body=dumps(half)))


def test_both_clients_make_the_calls():
    """The two colours have the same methods, send the same, and need no token for it."""
    answers = [Answer(200, TOKEN), Answer(200), Answer(200, SESSION)]
    one, other = Scripted(*answers), Scripted(*answers)
    with Client(API, transport=one) as client:
        assert "op_at_not_real" == client.token(STORE).access_token
        client.revoke_token(RevokeToken(**ME, token="t"))
        assert "u1" == client.verify_session("a.b.c").user_id

    async def all_three():
        async with AsyncClient(API, transport=other) as client:
            assert "op_at_not_real" == (await client.token(STORE)).access_token
            await client.revoke_token(RevokeToken(**ME, token="t"))
            assert "u1" == (await client.verify_session("a.b.c")).user_id

    asyncio.run(all_three())
    assert one.requests == other.requests
    names = ("token", "revoke_token", "verify_session")
    assert [inspect.signature(getattr(Client, name)) for name in names] == [
        inspect.signature(getattr(AsyncClient, name)) for name in names
    ]


# --- The address ---------------------------------------------------------------------------------------------------


def test_the_address_asks_with_a_challenge():
    """State and scopes go out as they are, of the verifier only its hash (RFC 7636); an own query stays."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # the example of RFC 7636, appendix B
    url = authorize_url("https://op.example/oauth?tenant=a&x=", "op_app_1", "https://shop.example/done?at=home",
                        ["read_orders", "write_orders"], "s&1", verifier)  # fmt: skip

    assert "https://op.example/oauth" == url.partition("?")[0]
    assert {
        "tenant": "a",
        "x": "",
        "response_type": "code",
        "client_id": "op_app_1",
        "redirect_uri": "https://shop.example/done?at=home",
        "scope": "read_orders write_orders",
        "state": "s&1",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
    } == dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    assert verifier not in url


def test_without_scopes_none_are_asked_for():
    """All that were granted to the app are meant then."""
    assert "scope" not in authorize_url("https://op.example/oauth", "a", "https://shop.example", [], "s", "v")


def test_states_and_verifiers_are_new_each_time():
    """None is guessed, and a verifier is one that the grant takes."""
    assert 200 == len({new_state() for _ in range(100)} | {new_verifier() for _ in range(100)})
    verifier = new_verifier()
    assert verifier == CodeGrant(**ME, code="x", redirect_uri="https://s.example", code_verifier=verifier).code_verifier
    assert 43 == len(base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"="))
