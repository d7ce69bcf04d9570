"""A demo shop, a sandbox, an op.toml between them, and the command line in process."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from op_core import core as front
from op_core.cli import main
from op_core.demo import seed
from op_core.demo.shop import DemoShop
from op_core.sandbox import Sandbox
from op_core.sandbox.oauth_bodies import App, Authorize

TOKEN = "not-a-real-token-0000"
SECRET = "not-a-real-secret-0000"
_SETTINGS = """
[ledger]
url = "sqlite:///op.db"

[stores.main]
id = "main-1"
adapter = "custom_store"
api_url = "{api}"
api_token = "{token}"
webhook_secrets = ["{secret}"]
{store}

[stores.main.settings]
backend = "op_core.demo.shop:DemoShop"
options = {{ database = "shop.db"{options} }}

{tables}
"""


@attrs.frozen
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value of stdout."""
        return json.loads(self.out)


@pytest.fixture
def cli(capsys):
    """Run a command through its real entry: ``cli("actions", "list")``."""

    def run(*arguments: Any) -> Ended:
        capsys.readouterr()
        try:
            main([str(one) for one in arguments])
        except SystemExit as ended:
            code = ended.code
        out, err = capsys.readouterr()
        return Ended(code, out, err)

    return run


@pytest.fixture
def api():
    """Run a sandbox that takes one token."""
    with Sandbox(token=TOKEN) as sandbox:
        yield sandbox


@attrs.define
class Home:
    """A folder with a filled shop and its op.toml."""

    folder: Path
    sandbox: Sandbox
    shop: DemoShop
    token: str = TOKEN
    secret: str = SECRET

    @property
    def config(self):
        return self.folder / "op.toml"

    def settings(self, tables: str = "", *, store: str = "", options: str = "") -> None:
        """Write op.toml; *tables* come after the store's own settings, *store* into its table."""
        self.config.write_text(
            _SETTINGS.format(
                api=self.sandbox.url, token=self.token, secret=self.secret, store=store, tables=tables, options=options
            )
        )

    def body(self, name: str, value: Any) -> Path:
        """Write a file for `webhook send`."""
        path = self.folder / f"{name}.json"
        path.write_text(value if isinstance(value, str) else json.dumps(value))
        return path

    def loaded(self):
        """Open the core beside the command line."""
        return front.load(self.config)


@pytest.fixture(scope="session")
def filled(tmp_path_factory, sqlite_template):
    """Fill a shop and make a ledger once; every test gets copies."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copy(sqlite_template, folder / "op.db")
    seed.fill(DemoShop("shop.db", directory=folder), 6, now=datetime.now(UTC))
    return folder


@pytest.fixture
def home(tmp_path, filled, api, monkeypatch):
    """Give a folder whose shop has six orders, none of them exported yet."""
    monkeypatch.delenv("OP_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)
    for file in filled.iterdir():
        shutil.copy(file, tmp_path)
    made = Home(tmp_path, api, DemoShop("shop.db", directory=tmp_path))
    made.settings()
    return made


@attrs.define
class Claim:
    """A claim about one unit of the first line of an order, filed and approved in the sandbox."""

    home: Home
    cli: Any
    order_id: str = "order-1001"
    id: str = ""

    @property
    def line(self):
        return self.home.shop.order(self.order_id).lines[0]

    def file(self, order_id: str = "order-1001") -> None:
        """Export the order, and file a claim about all of it."""
        assert self.cli("orders", "export", "main", "--order", order_id).code == 0
        self.order_id = order_id
        self.id = self.home.sandbox.local.claims.file({"source_order_id": order_id})["claim_id"]

    def decide(self, kind: str = "REFUND", quantity: int = 1, **details: Any) -> Path:
        """Approve it in the sandbox, and write the webhook that says so."""
        line = self.line
        item = {"item_id": line.id, "sku": line.sku, "price": str(line.unit_price.amount), "discount": "0", "tax": "0",
                "resolution_percentage": 100, "quantity": quantity}  # fmt: skip
        said = {"currency": line.unit_price.currency, "total_refund_amount": str(line.unit_price.amount * quantity),
                "shipping_amount": 0, "shipping_amount_tax": 0, "items": [item], **details}  # fmt: skip
        self.home.sandbox.local.claims.approve(self.id, {"resolutions": [{"type": kind}]})
        return self.home.body(
            f"{kind}-{quantity}",
            {
                "id": f"event-{kind}-{quantity}",
                "topic": "claim.approved",
                "created_at": "2025-01-31T09:00:00.000Z",
                "body": {
                    "claim_id": self.id,
                    "order_id": "op-order",
                    "source_order_id": self.order_id,
                    "resolutions": [{"type": kind, "details": said}],
                },
            },
        )

    def arrive(self, *arguments: Any, **more: Any) -> None:
        """Decide, deliver, and work until nothing is due."""
        assert self.cli("webhook", "send", self.decide(*arguments, **more)).code == 0
        assert self.cli("run").code == 0


@pytest.fixture
def claim(home, cli):
    """Give a claim that Order Protection knows, about an order that is exported."""
    made = Claim(home, cli)
    made.file()
    return made


# --- A store with an app ------------------------------------------------------------------------------------------

APP_SECRET = "op_secret_not_real"
APP = App(
    client_id="op_app_test",
    client_secret=APP_SECRET,
    redirect_uris=("https://shop.example/done",),
    scopes=("read_orders", "write_orders", "read_claims", "write_claims", "write_products"),
)
BY_STORE = f"""
[stores.main.oauth]
client_id = "op_app_test"
client_secret = "{APP_SECRET}"
"""
BY_CODE = (
    BY_STORE
    + """
grant = "authorization_code"
authorize_url = "https://op.example/authorize"
redirect_uri = "https://shop.example/done"
"""
)


@attrs.define
class AppShop:
    """A store whose app is registered at the sandbox."""

    home: object
    cli: object

    @property
    def oauth(self):
        return self.home.sandbox.local.oauth

    def settings(self, table, store=""):
        self.home.settings(table, store=store)
        text = self.home.config.read_text()
        self.home.config.write_text(text.replace(f'api_token = "{self.home.token}"\n', ""))

    def install(self, *scopes):
        """Let the app in, as the dashboard does."""
        wish = Authorize(client_id=APP.client_id, redirect_uri=APP.redirect_uris[0], scopes=scopes or None)
        return self.oauth.authorize(wish)

    def agree(self, url):
        """Do what a merchant does at the address, and return the address that the browser comes back to."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert ("code", "S256") == (asked["response_type"], asked["code_challenge_method"])
        wish = Authorize(client_id=asked["client_id"], redirect_uri=asked["redirect_uri"], state=asked["state"],
                         code_challenge=asked["code_challenge"])  # fmt: skip
        return self.oauth.authorize(wish)["redirect"]

    def rows(self, what):
        return self.home.sandbox.local.store.items(what)


@pytest.fixture
def shop(home, cli):
    """Give a store whose app is installed, and gets its token by its own secret."""
    made = AppShop(home, cli)
    made.oauth.register(APP)
    made.settings(BY_STORE, 'op_store_id = "store_sandbox"')
    made.install()
    return made


@pytest.fixture
def by_code(home, cli):
    """Give a store whose app nobody has let in yet."""
    made = AppShop(home, cli)
    made.oauth.register(APP)
    made.settings(BY_CODE)
    return made
