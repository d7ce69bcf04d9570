"""An app is let in by whoever began it and by nobody else; it can be looked at, thrown out, and asked who is there."""

from urllib.parse import parse_qsl, urlsplit

import attrs
import pytest

from op_core.errors import (
    InstallFailed,
    RateLimited,
    RequestNotSent,
    SettingsError,
    TokenRevoked,
    Unauthorized,
)
from op_core.ledger import tokens

BY_CODE = {
    "grant": "authorization_code",
    "redirect_uri": "https://shop.example/done",
    "authorize_url": "https://op.example/authorize",
    "scopes": ["read_orders"],
}
CODE = "op_code_not_real"
SESSION = {"userId": "u1", "storeId": "store_123", "clientId": "op_app_1", "email": "staff@example.com"}


@attrs.define
class Merchant:
    """Begins at the address, and lets the app in."""

    home: object
    issuer: object

    def let_in(self, url, code=CODE):
        """Return the state that comes back; the code is good for who knows the verifier."""
        asked = dict(parse_qsl(urlsplit(url).query))
        begun = self.home.ledger.read(tokens.pending, "main-1")
        verifier = self.home.process()._keeping.seal.open(begun.verifier)
        self.issuer.codes[code] = (verifier, asked["redirect_uri"])
        return asked["state"]


@pytest.fixture
def by_code(any_home):
    """Give a store whose app is let in by a merchant, on each kind of database."""
    any_home.settings = BY_CODE
    return any_home


@pytest.fixture
def merchant(by_code, issuer):
    """Give a merchant of that store."""
    return Merchant(by_code, issuer)


def test_an_app_that_is_let_in_has_a_token(by_code, merchant, issuer):
    """The code is good for a token, which every process uses and renews from then on."""
    app = by_code.app()
    state = merchant.let_in(app.authorize())
    status = app.authorized(f"https://shop.example/done?code={CODE}&state={state}")

    assert (True, ("read_orders", "write_orders"), None) == (status.is_usable, status.scopes, status.awaited_since)
    assert (3600, True) == ((status.ends_at - status.since).total_seconds(), status.renewable)
    assert "op_at_not_real_1" == by_code.process().token()
    by_code.clock.move(hours=1)
    assert "op_at_not_real_2" == by_code.process().token()
    assert ["CodeGrant", "RefreshGrant"] == issuer.asked


def test_another_process_may_end_what_one_began(by_code, merchant):
    """A web app's processes share the ledger: the redirect comes to any of them, in either form (C-24)."""
    state = merchant.let_in(by_code.app().authorize())

    assert by_code.app().authorized({"code": CODE, "state": state, "store_id": "store_123"}).is_usable


def test_a_running_process_takes_the_new_token(by_code, merchant, issuer):
    """Who got no token before has one after the app was let in."""
    app = by_code.app()
    with pytest.raises(Unauthorized, match="not installed yet"):
        app._token.token()
    state = merchant.let_in(app.authorize())
    app.authorized({"code": CODE, "state": state})

    assert "op_at_not_real_1" == app._token.token()


def test_a_state_of_somebody_else_is_refused(by_code, merchant, issuer):
    """A code that was not asked for here is never sent on; the authorization that is under way stays."""
    app = by_code.app()
    state = merchant.let_in(app.authorize())
    for other in ("x", state[:-1], state + "x", "é", "\ud800"):
        with pytest.raises(InstallFailed, match="state is not the one"):
            app.authorized({"code": CODE, "state": other})
    assert [] == issuer.asked

    assert app.authorized({"code": CODE, "state": state}).is_usable


def test_an_authorization_is_good_for_an_hour_and_once(by_code, merchant):
    """After that, or a second time, it has to be begun again; a second beginning replaces the first."""
    app = by_code.app()
    early = merchant.let_in(app.authorize())
    state = merchant.let_in(app.authorize())
    with pytest.raises(InstallFailed, match="state is not the one"):
        app.authorized({"code": CODE, "state": early})
    by_code.clock.move(hours=1, seconds=1)
    with pytest.raises(InstallFailed, match=r"last hour .* op-core app authorize main"):
        app.authorized({"code": CODE, "state": state})

    state = merchant.let_in(app.authorize())
    app.authorized({"code": CODE, "state": state})
    with pytest.raises(InstallFailed, match="last hour"):
        app.authorized({"code": CODE, "state": state})


def test_a_code_that_is_not_taken_has_to_be_got_again(by_code, merchant, issuer):
    """It was used or is too old: nothing is kept, and nothing is called revoked."""
    app = by_code.app()
    state = merchant.let_in(app.authorize())
    issuer.codes.clear()
    with pytest.raises(InstallFailed, match="does not take the code"):
        app.authorized({"code": CODE, "state": state})

    assert (False, None) == (app.status().is_usable, app.status().reason)


def test_the_code_of_another_store_is_refused(by_code, merchant, issuer):
    """Where the posted form names a store, it is the one of the settings."""
    app = by_code.app()
    state = merchant.let_in(app.authorize())
    with pytest.raises(InstallFailed, match="another store"):
        app.authorized({"code": CODE, "state": state, "store_id": "store_9"})
    assert [] == issuer.asked


def test_state_and_verifier_are_sealed(by_code):
    """A copy of the ledger lets nobody end an authorization."""
    asked = dict(parse_qsl(urlsplit(by_code.app().authorize()).query))
    begun = by_code.ledger.read(tokens.pending, "main-1")

    assert asked["state"] not in begun.state
    assert begun.state not in repr(begun)
    assert begun.verifier not in repr(begun)


@pytest.mark.parametrize(
    ("oauth", "why"),
    [
        ({"grant": "client_credentials"}, "needs no authorization: install the app in Order Protection"),
        ({"authorize_url": None}, "authorize_url missing"),
        ({"authorize_url": None, "redirect_uri": None}, "authorize_url and redirect_uri missing"),
    ],
)
def test_what_an_address_needs_is_a_matter_of_settings(home, oauth, why):
    """The keys that lack are named, also when something comes back."""
    app = home.app(**{**BY_CODE, **oauth})
    with pytest.raises(SettingsError, match=why):
        app.authorize()
    with pytest.raises(SettingsError, match=why):
        app.authorized({"code": CODE, "state": "s"})


# --- Looking -------------------------------------------------------------------------------------------------------


def test_the_status_says_how_it_stands(home, issuer):
    """Before, with and after a token; the API is not asked."""
    app = home.app()
    before = app.status()
    assert (False, True, None) == (before.is_usable, before.renewable, before.ends_at)
    home.process().token()
    assert app.status().is_usable
    home.clock.move(hours=1)
    assert not app.status().is_usable
    issuer.installed = False
    with pytest.raises(TokenRevoked):
        home.process().token()

    after = app.status()
    assert "invalid_grant" in after.reason
    assert (False, None) == (after.is_usable, after.scopes)
    assert "op_at" not in repr(before) + repr(after)


def test_an_app_that_nobody_let_in_cannot_be_renewed(home):
    """It needs a person first."""
    assert not home.app(grant="authorization_code").status().renewable


# --- Throwing out --------------------------------------------------------------------------------------------------


def test_both_tokens_are_revoked_and_forgotten(by_code, merchant, issuer):
    """The refresh token first; afterwards the app is not installed."""
    app = by_code.app()
    app.authorized({"code": CODE, "state": merchant.let_in(app.authorize())})

    assert 2 == app.revoke()
    assert [("refresh_token", "op_rt_not_real_1"), ("access_token", "op_at_not_real_1")] == issuer.revoked
    with pytest.raises(Unauthorized, match="not installed yet"):
        app._token.token()
    assert (0, None) == (app.revoke(), by_code.ledger.read(tokens.get, "main-1"))


def test_a_revocation_that_fails_forgets_nothing(home, issuer):
    """It can be asked for again."""
    home.process().token()
    app = home.app()
    app._asking._endpoint = Broken(RequestNotSent("never"))
    with pytest.raises(RequestNotSent):
        app.revoke()
    app._asking._endpoint = Broken(Unauthorized("no", status=401))
    with pytest.raises(Unauthorized, match="client_id and client_secret"):
        app.revoke()

    assert app.status().is_usable


@attrs.define
class Broken:
    """An API that fails."""

    error: Exception

    def revoke_token(self, _):
        raise self.error

    def verify_session(self, _):
        raise self.error


# --- Who sits in front of it ---------------------------------------------------------------------------------------


def test_a_session_says_who_is_there(home, issuer):
    """Once: the API takes each session token for one check."""
    issuer.sessions["a.b.c"] = SESSION

    assert "staff@example.com" == home.app().verify_session("a.b.c").email
    with pytest.raises(Unauthorized, match="unknown, used or ended"):
        home.app().verify_session("a.b.c")


@pytest.mark.parametrize(
    ("change", "what"), [({"clientId": "op_app_9"}, "app"), ({"storeId": "s9"}, "store"), ({"clientId": None}, "app")]
)
def test_a_session_of_somebody_else_lets_nobody_in(home, issuer, change, what):
    """A good session token of another app, or of another store, is none of ours."""
    issuer.sessions["a.b.c"] = SESSION | change
    with pytest.raises(Unauthorized, match=f"for another {what} than store main's") as caught:
        home.app().verify_session("a.b.c")
    assert "staff@" not in str(caught.value)


def test_a_limit_of_sessions_comes_through(home):
    """More than 30 checks a minute are told as such."""
    app = home.app()
    app._asking._endpoint = Broken(RateLimited("429", status=429, retry_after=20.0))
    with pytest.raises(RateLimited):
        app.verify_session("a.b.c")
