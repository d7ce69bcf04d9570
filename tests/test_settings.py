import tomllib
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from op_core.errors import SettingsError
from op_core.settings import Settings, anchored, load_settings

STORE = """
[stores.main]
id = "main-7f3a"
adapter = "custom_store"
api_url = "https://api.example.com/"
api_token = "obviously-fake-token"
webhook_secrets = ["obviously-fake-secret"]
"""
HERE = Path("op.toml").absolute()
LEDGER = '[ledger]\nurl = "sqlite:///op.db"\n'


@pytest.fixture
def write(tmp_path):
    def _write(text, environ=None):
        path = tmp_path / "op.toml"
        path.write_text(text, encoding="utf-8")
        return load_settings(path, environ or {})

    return _write


def test_a_store_needs_few_keys_and_the_rest_has_its_default(write):
    """The defaults are those of the design."""
    store = write(LEDGER + STORE).stores["main"]

    assert "main" == store.name
    assert "main-7f3a" == store.id
    assert "https://api.example.com" == store.api_url
    assert store.op_store_id is None
    assert "api" == store.platform_id
    assert "always" == store.verify_claims
    assert () == store.observers
    assert {} == store.settings
    assert ({}, 200, timedelta(days=3)) == (
        store.limits.hold_above,
        store.limits.actions_per_hour,
        store.limits.pending_limit,
    )
    assert ("hold", "hold") == (store.protection.on_added, store.protection.on_removed)
    assert ("hold", "hold") == (store.resolutions.flat_rate, store.resolutions.store_credit)
    assert {} == store.report
    assert {
        "deadline": timedelta(seconds=30),
        "lease": timedelta(minutes=2),
        "search_lag": timedelta(0),
        "quiet_period": timedelta(seconds=60),
        "calls": 4,
        "attempts": 8,
    } == store.timing.model_dump()
    assert {
        "overlap": timedelta(minutes=10),
        "tracking_wait": timedelta(hours=24),
        "page_size": 200,
        "in_flight": 8,
        "product_currency": None,
    } == store.export.model_dump()


def test_every_key_can_be_set(write):
    """Each table of the design is read into its own model."""
    store = write(
        LEDGER
        + STORE
        + """
op_store_id = "store_123"
platform_id = "shopify"
verify_claims = "above_limit"
observers = ["audit"]
[stores.main.settings]
url = "sqlite:///shop.db"
[stores.main.limits]
hold_above = { USD = "250.00", JPY = 30000 }
actions_per_hour = 7
pending_limit = "36 h"
[stores.main.protection]
on_added = "bill"
on_removed = "refund"
[stores.main.resolutions]
flat_rate = "act"
store_credit = "act"
[stores.main.report.refund]
method = "PUT"
path = "/v1/claims/{claim_id}"
body = { amount = "{amount}" }
[stores.main.timing]
deadline = 5
lease = "20 s"
search_lag = "1 min"
[stores.main.export]
overlap = 0
"""
    ).stores["main"]

    assert "store_123" == store.op_store_id
    assert ("shopify", "above_limit", ("audit",)) == (store.platform_id, store.verify_claims, store.observers)
    assert {"url": "sqlite:///shop.db"} == store.settings
    assert {"USD": Decimal("250.00"), "JPY": Decimal(30000)} == store.limits.hold_above
    assert (7, timedelta(hours=36)) == (store.limits.actions_per_hour, store.limits.pending_limit)
    assert ("bill", "refund") == (store.protection.on_added, store.protection.on_removed)
    assert ("act", "act") == (store.resolutions.flat_rate, store.resolutions.store_credit)
    assert ("PUT", "/v1/claims/{claim_id}") == (store.report["refund"].method, store.report["refund"].path)
    assert (timedelta(seconds=5), timedelta(minutes=1)) == (store.timing.deadline, store.timing.quiet_period)
    assert timedelta(0) == store.export.overlap


def test_values_come_from_the_environment_wherever_they_stand(write):
    """``{ env = "NAME" }`` is resolved at any depth, and its text becomes what the key needs."""
    settings = write(
        """
[ledger]
url = { env = "LEDGER" }
[stores.main]
id = { env = "ID" }
adapter = "custom_store"
api_url = "http://127.0.0.1:8099"
api_token = { env = "TOKEN" }
webhook_secrets = [{ env = "OLD" }, { env = "NEW" }]
[stores.main.settings.shop]
hosts = [{ env = "HOST" }]
[stores.main.limits]
actions_per_hour = { env = "MANY" }
pending_limit = { env = "LONG" }
hold_above = { USD = { env = "MUCH" } }
""",
        {
            "LEDGER": "postgresql://op@db.example.com/op",
            "ID": "main-7f3a",
            "TOKEN": "obviously-fake-token\n",
            "OLD": "fake-old",
            "NEW": "fake-new",
            "HOST": "shop.example.com",
            "MANY": "9",
            "LONG": "90",
            "MUCH": "12.50",
        },
    )
    store = settings.stores["main"]

    assert "postgresql+psycopg://op@db.example.com/op" == settings.ledger.url
    assert "obviously-fake-token" == store.api_token.get_secret_value()
    assert (SecretStr("fake-old"), SecretStr("fake-new")) == store.webhook_secrets == settings.secrets["main"]
    assert {"shop": {"hosts": ["shop.example.com"]}} == store.settings
    assert (9, timedelta(seconds=90)) == (store.limits.actions_per_hour, store.limits.pending_limit)
    assert {"USD": Decimal("12.50")} == store.limits.hold_above


def test_one_bad_store_leaves_the_others_alone(write):
    """A fault parks its own store; receiving still has the secrets and ids that can be read."""
    settings = write(
        LEDGER
        + STORE
        + STORE.replace("main", "other").replace("custom_store", "not a name")
        + "[stores.third]\nid = 'third'\nwebhook_secrets = ['fake-third', { env = 'OP_UNSET' }, '']\n"
        + "[stores.fourth]\n"
    )

    assert ["main"] == list(settings.stores)
    assert ["other", "third", "fourth"] == list(settings.parked)
    assert ["main", "other", "third"] == list(settings.secrets)
    assert (SecretStr("fake-third"),) == settings.secrets["third"]
    assert {"main": "main-7f3a", "other": "other-7f3a", "third": "third"} == settings.ids


def test_a_store_that_is_no_table_is_parked(write):
    """Also a store whose whole table is something else is that store's fault alone."""
    settings = write(LEDGER + "[stores]\nmain = 5\n")

    assert "stores.main: found a whole number, expected a table [stores.main]" in settings.parked["main"]


def test_two_stores_of_one_id_are_both_parked(write):
    """Nobody can tell whose deliveries an id's rows are once two stores claim it."""
    settings = write(LEDGER + STORE + STORE.replace("stores.main", "stores.twin"))

    assert {} == dict(settings.stores) == dict(settings.ids)
    assert "stores.main.id: also the id of stores.twin, expected an id of its own" in settings.parked["main"]
    assert "stores.twin.id: also the id of stores.main, expected an id of its own" in settings.parked["twin"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[ledger\n", "not TOML: "),
        ("[ledger]\nurl = \n", "at line 2"),
        ("x = " + "[" * 5000, "nested too deep"),
        ("", "ledger: missing, expected a table [ledger]"),
        ("ledger = 1", "ledger: found a whole number"),
        ("[ledger]\n", "ledger.url: missing"),
        ("[ledger]\nurl = 1\n", "ledger.url: found a whole number, expected a database URL"),
        ("[ledger]\nurl = 'mysql://db.example.com/op'\n", "ledger.url: found text, expected a database URL"),
        ("[ledger]\nurl = 'op.db'\n", "ledger.url: found text, expected a database URL"),
        ("[ledger]\nurl = 'sqlite://'\n", "ledger.url: found text, expected a SQLite file"),
        ("[ledger]\nurl = 'sqlite:///:memory:'\n", "ledger.url: found text, expected a SQLite file"),
        ("[ledger]\nurl = { env = 'OP_UNSET' }\n", "ledger.url: the environment variable OP_UNSET is not set"),
        (LEDGER + "pool = 5\n", "ledger.pool: unknown key, known: url"),
        (LEDGER + "[store.main]\n", "store: unknown key, nearest known: 'stores'"),
        ("stores = 1\n" + LEDGER, "stores: found a whole number, expected tables such as [stores.main]"),
    ],
)
def test_a_file_that_says_nothing_usable_is_refused_whole(write, text, says):
    """The file's form, its outline and the ledger concern every store."""
    with pytest.raises(SettingsError) as caught:
        write(text)

    assert says in str(caught.value)
    assert "op.toml: " in str(caught.value)


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path):
    """TOML is UTF-8; the text names the line that is not."""
    path = tmp_path / "op.toml"
    path.write_bytes(b"[ledger]\n# caf\xe9\n")

    with pytest.raises(SettingsError, match=r"not UTF-8 \(at line 2\)"):
        load_settings(path, {})


def test_the_file_is_found_by_argument_then_variable_then_folder(tmp_path, monkeypatch):
    """``--config`` comes before ``OP_CONFIG``, and that before ``./op.toml``."""
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b", "."):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "op.toml").write_text(LEDGER)
    environ = {"OP_CONFIG": "b/op.toml"}

    assert tmp_path / "a" / "op.toml" == load_settings("a/op.toml", environ).path
    assert tmp_path / "b" / "op.toml" == load_settings(None, environ).path
    assert tmp_path / "op.toml" == load_settings(None, {}).path


def test_no_file_and_a_folder_are_refused(tmp_path):
    """The text says where the file was looked for."""
    with pytest.raises(SettingsError, match=r"op\.toml: no such file; .*op-core init"):
        load_settings(tmp_path / "op.toml", {})
    with pytest.raises(SettingsError, match="cannot be read: "):
        load_settings(tmp_path, {})


def test_a_relative_ledger_lies_beside_the_file(write, tmp_path):
    """A path starts from the file's folder, from wherever op-core is started."""
    assert f"sqlite:///{tmp_path}/op.db" == write(LEDGER).ledger.url
    assert f"sqlite:///{tmp_path}/data/op.db" == write(LEDGER.replace("op.db", "data/op.db")).ledger.url
    assert "sqlite:////srv/op.db" == write(LEDGER.replace("op.db", "/srv/op.db")).ledger.url


def test_anchored_leaves_everything_but_a_file_alone(tmp_path):
    """Only a relative SQLite file moves; a text that is no URL is refused without being repeated."""
    for url in ("sqlite://", "sqlite:///:memory:", "postgresql+psycopg://op:fake@db.example.com/op"):
        assert url == anchored(url, tmp_path)
    with pytest.raises(ValueError, match=r"^not a database URL") as caught:
        anchored("obviously-fake", tmp_path)

    assert "obviously-fake" not in str(caught.value)


@given(number=st.integers(0, 9999), unit=st.sampled_from([("s", 1), (" min", 60), (" h", 3600), (" days", 86400)]))
def test_a_duration_is_a_number_and_its_unit(number, unit):
    """Text with a unit means that many of it; more than ten years is refused."""
    document = tomllib.loads(LEDGER + STORE + f"export = {{ overlap = '{number}{unit[0]}' }}")
    settings = Settings.of(HERE, document, {})

    if number * unit[1] > 3650 * 86400:
        assert "at most ten years" in settings.parked["main"]
    else:
        assert timedelta(seconds=number * unit[1]) == settings.stores["main"].export.overlap


def test_secrets_are_left_out_of_every_repr(write):
    """Tokens, webhook secrets, the adapter's table and the ledger's password are in no ``repr``."""
    settings = write(
        LEDGER.replace("sqlite:///op.db", "postgresql://op:fake-password@db.example.com/op")
        + STORE
        + "settings = { password = 'fake-password' }"
    )

    assert "fake" not in repr(settings) + repr(settings.stores) + str(settings.stores["main"])
