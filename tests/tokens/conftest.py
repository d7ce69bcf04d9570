"""A store with an app, and an issuer of tokens that counts what it gives."""

import itertools
import threading
from datetime import timedelta

import attrs
import pytest

from op_core.errors import BadRequest, Unauthorized
from op_core.ledger import Ledger
from op_core.order_protection.answers import ReadSession, ReadToken
from op_core.order_protection.schema import CodeGrant, RefreshGrant, StoreGrant
from op_core.testing.clock import Clock
from op_core.testing.scene import settings_of
from op_core.tokens import App, AppToken

CLIENT_SECRET = "op_secret_not_a_real_one"
GRANT = b'{"error":"invalid_grant"}'


@attrs.define(slots=False)
class Issuer:
    """
    What `op_core.tokens.asking.Endpoint` asks for: as strict as the pages, and counting.

    Attributes:
        rotates: A refresh token is good for once.
        scope: What every token may do.
        life: Seconds; None: it is not said.
        installed: Whether the app is on the store.
        secret: The app's.
        codes: Code to its verifier and redirect address.
        given: Access tokens, in order.
        asked: Kinds of grants, in order.
        faults: What the next calls meet, in turn: None, an error, or a function that is called first.
    """

    rotates: bool = True
    scope: str | None = "read_orders write_orders"
    life: int | None = 3600
    installed: bool = True
    secret: str = CLIENT_SECRET
    codes: dict = attrs.field(factory=dict)
    good: set = attrs.field(factory=set)
    given: list = attrs.field(factory=list)
    asked: list = attrs.field(factory=list)
    revoked: list = attrs.field(factory=list)
    faults: list = attrs.field(factory=list)
    sessions: dict = attrs.field(factory=dict)
    count: itertools.count = attrs.field(factory=lambda: itertools.count(1))
    lock: threading.Lock = attrs.field(factory=threading.Lock)

    def token(self, grant):
        with self.lock:
            self.asked.append(type(grant).__name__)
            fault = self.faults.pop(0) if self.faults else None
            if isinstance(fault, Exception):
                raise fault
            answer = self._given(grant)
        if fault is not None:  # it has acted, and this is what becomes of its answer
            fault()
        return answer

    def _given(self, grant):
        if grant.client_secret != self.secret:
            raise Unauthorized("no", status=401, body=b'{"error":"invalid_client"}')
        if not self.installed:
            raise BadRequest("no", status=400, body=GRANT)
        refresh = None
        if isinstance(grant, RefreshGrant):
            if grant.refresh_token not in self.good:
                raise BadRequest("no", status=400, body=GRANT)
            if self.rotates:
                self.good.discard(grant.refresh_token)
                refresh = self.refresh_token()
        elif isinstance(grant, CodeGrant):
            if self.codes.pop(grant.code, None) != (grant.code_verifier, grant.redirect_uri):
                raise BadRequest("no", status=400, body=GRANT)
            refresh = self.refresh_token()
        else:
            assert isinstance(grant, StoreGrant)
        self.given.append(f"op_at_not_real_{len(self.given) + 1}")
        said = {"access_token": self.given[-1], "token_type": "Bearer", "expires_in": self.life, "scope": self.scope}
        return ReadToken.model_validate({**said, "refresh_token": refresh})

    def refresh_token(self):
        """Make a refresh token that is good."""
        made = f"op_rt_not_real_{next(self.count)}"
        self.good.add(made)
        return made

    def revoke_token(self, body):
        self.revoked.append((body.token_type_hint, body.token))
        self.good.discard(body.token)

    def verify_session(self, session_token):
        if session_token not in self.sessions:
            raise Unauthorized("no", status=401)
        return ReadSession.model_validate(self.sessions.pop(session_token))


@attrs.define
class Home:
    """A store's app over one ledger."""

    ledger: Ledger
    clock: Clock
    issuer: Issuer
    waits: list = attrs.field(factory=list)
    settings: dict = attrs.field(factory=dict)

    def store(self, **oauth):
        usual = {"client_id": "op_app_1", "client_secret": CLIENT_SECRET, **self.settings, **oauth}
        return settings_of(api_token=None, op_store_id="store_123", oauth=usual)

    def process(self, wait=None, **oauth):
        """Return the provider of another process."""

        def waiting(seconds):
            self.waits.append(seconds)
            self.clock.move(seconds=seconds)

        lease = timedelta(seconds=30)
        return AppToken(self.store(**oauth), self.ledger, self.issuer, wait=wait or waiting, lease=lease)

    def app(self, **oauth):
        store = self.store(**oauth)
        return App(store, self.ledger, self.issuer, AppToken(store, self.ledger, self.issuer))


@pytest.fixture
def issuer():
    """Give an issuer that has the app installed."""
    return Issuer()


@pytest.fixture
def home(sqlite_url, issuer):
    """Give a store with an app whose ledger is SQLite."""
    clock = Clock()
    made = Home(Ledger.open(sqlite_url, clock=clock), clock, issuer)
    yield made
    made.ledger.close()


@pytest.fixture
def any_home(ledger_url, issuer):
    """Give a store with an app on each kind of database."""
    clock = Clock()
    made = Home(Ledger.open(ledger_url, clock=clock, upgrade=True), clock, issuer)
    yield made
    made.ledger.close()


@pytest.fixture
def by_refresh(any_home, issuer):
    """Let the store begin with a refresh token that was got elsewhere, on each kind of database."""
    any_home.settings = {"grant": "authorization_code", "refresh_token": issuer.refresh_token()}
    return any_home


@pytest.fixture
def by_code(home, issuer):
    """Let the store begin with a refresh token that was got elsewhere."""
    home.settings = {"grant": "authorization_code", "refresh_token": issuer.refresh_token()}
    return home
