import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError, field_validator

from op_core.settings import Settings, describe, expected

HERE = Path("op.toml").absolute()
LEDGER = {"url": "sqlite:///op.db"}
STORE = """
[stores.main]
id = "main-7f3a"
adapter = "custom_store"
api_url = "https://api.example.com/"
api_token = "obviously-fake-token"
webhook_secrets = ["obviously-fake-secret"]
"""


def parked(lines, store=STORE):
    """Return the reason why a store of these lines is parked, without the file's name."""
    settings = Settings.of(HERE, {"ledger": LEDGER, **tomllib.loads(store + lines)}, {})

    assert {} == dict(settings.stores)

    return settings.parked["main"].removeprefix(f"{HERE}: ")


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("observrs = []", "stores.main.observrs: unknown key, nearest known: 'observers'"),
        ("name = 'x'", "stores.main.name: unknown key, known: "),
        ("zzz = 1", "stores.main.zzz: unknown key, known: adapter, api_token, api_url"),
        ("op_store_id = 5", "stores.main.op_store_id: found a whole number, expected text"),
        ("platform_id = 'etsy'", "stores.main.platform_id: found text, expected 'shopify', 'woocommerce'"),
        ("limits = 3", "stores.main.limits: found a whole number, expected a table"),
        ("observers = 'audit'", "stores.main.observers: found text, expected a list"),
        (
            "limits = { hold_above = { USD = 250.0 } }",
            "stores.main.limits.hold_above.USD: found a number with a point, expected an amount from 0, as text",
        ),
        ("limits = { hold_above = { USD = '-1' } }", "stores.main.limits.hold_above.USD: found text, expected an amo"),
        ("limits = { hold_above = { USD = 'NaN' } }", "stores.main.limits.hold_above.USD: found text, expected an amo"),
        ("limits = { hold_above = { usd = 1 } }", "stores.main.limits.hold_above.usd: unknown key, expected a currenc"),
        ("limits = { actions_per_hour = true }", "stores.main.limits.actions_per_hour: found true or false, expected"),
        (
            "limits = { actions_per_hour = -1 }",
            "stores.main.limits.actions_per_hour: found a whole number, expected gr",
        ),
        ("limits = { pending_limit = '3 moons' }", "stores.main.limits.pending_limit: found text, expected a duration"),
        ("limits = { pending_limit = 1.5 }", "stores.main.limits.pending_limit: found a number with a point, expected"),
        ("protection = { on_aded = 'bill' }", "stores.main.protection.on_aded: unknown key, nearest known: 'on_added'"),
        ("report = { refnd = { path = '/v1' } }", "stores.main.report.refnd: unknown key, expected 'refund', 'reship'"),
        ("report = { refund = { pth = '/v1' } }", "stores.main.report.refund.pth: unknown key, nearest known: 'path'"),
        ("report = { refund = { path = 'v1' } }", "stores.main.report.refund.path: found text, expected a path below"),
        ("timing = { lease = '30 s' }", "stores.main.timing.lease: found text, expected a duration longer than"),
        ("timing = { deadline = '5 min' }", "stores.main.timing.lease: "),
        (
            "timing = { search_lag = '2 min', quiet_period = '1 min' }",
            "stores.main.timing.quiet_period: found text, expected a duration not shorter than timing.search_lag",
        ),
        (
            "quote = { stale_for = '1 min' }",
            "stores.main.quote.stale_for: found text, expected a duration not shorter than",
        ),
        (
            "quote = { partner_variant = 'b' }",
            "stores.main.quote.partner_variant: found text, expected quote.partner_app",
        ),
        (
            "quote = { partner_app_id = 'an id' }",
            "stores.main.quote.partner_app_id: found text, expected text of 1 to 200",
        ),
        (
            "quote = { store_url = 'https://shop.example' }",
            "stores.main.quote.store_url: found text, expected a host such",
        ),
        ("quote = { store_url = 'shop.example/de' }", "stores.main.quote.store_url: found text, expected a host such"),
        ("quote = { store_url = '' }", "stores.main.quote.store_url: found empty text, expected a host such"),
        ("settings = { url = { env = 5 } }", "stores.main.settings.url: env names a whole number, expected the name"),
    ],
)
def test_a_fault_names_key_finding_and_expectation(lines, reason):
    """The text names the whole key, what was found by kind, what was expected, and the nearest known key."""
    assert reason in parked(lines)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", "'with space'"),
        ("id", "''"),
        ("api_url", "'http://api.example.com'"),
        ("api_url", "'http://2130706433'"),
        ("api_url", "'https://user:pass@api.example.com'"),
        ("api_url", "'https://api.example.com/?a=b'"),
        ("api_url", "'https://api.example.com:port'"),
        ("api_url", "'https://'"),
        ("api_url", "'https://['"),
        ("api_url", "7"),
        ("api_token", "'  '"),
        ("api_token", '"two\\nlines"'),
        ("api_token", "7"),
        ("webhook_secrets", "[]"),
        ("webhook_secrets", "['']"),
        ("webhook_secrets", "'obviously-fake-secret'"),
    ],
)
def test_a_key_that_every_store_needs_is_checked(key, value):
    """A required value of the wrong form parks the store and is named."""
    table = tomllib.loads(STORE)["stores"]["main"]
    store = "[stores.main]\n" + "".join(f"{name} = {given!r}\n" for name, given in table.items() if name != key)

    assert f"stores.main.{key}" in parked(f"{key} = {value}", store=store.replace('"', "'"))


def test_missing_keys_are_all_named_at_once():
    """One start shows every fault of a store."""
    reason = parked("", store="[stores.main]\n")

    assert [
        "stores.main.id: missing, expected a value",
        "stores.main.adapter: missing, expected a value",
        "stores.main.api_url: missing, expected a value",
        "stores.main.api_token: found nothing, expected a secret, or the table oauth of an app in its place",
        "stores.main.webhook_secrets: missing, expected a value",
    ] == reason.split("; ")


def test_an_unset_variable_is_named_once_with_its_key():
    """A variable that is not set is one fault, whatever the key would have expected."""
    reason = parked("limits = { actions_per_hour = { env = 'OP_UNSET' } }\nplatform_id = { env = 'OP_TOO' }")

    assert (
        "stores.main.limits.actions_per_hour: the environment variable OP_UNSET is not set; "
        "stores.main.platform_id: the environment variable OP_TOO is not set"
    ) == reason


# A fault names what was expected, so a secret that is by chance such a word would stand in it: ~ is in none.
@given(secret=st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), min_size=12).map("~{}~".format))
def test_no_value_is_ever_repeated(secret):
    """Whatever is wrong, and wherever a secret was put by mistake, no fault and no ``repr`` shows it."""
    table = {
        "id": secret + " ",
        "adapter": secret + " ",
        "api_url": secret,
        "api_token": [secret],
        "oauth": {
            "client_id": [secret],
            "client_secret": secret + "\n" + secret,
            "grant": secret,
            "scopes": [secret + " "],
            "redirect_uri": secret,
            "authorize_url": secret,
            "refresh_token": [secret],
            "ahead": secret + "x",
        },
        "webhook_secrets": [secret, {"a": secret}],
        "platform_id": secret,
        "verify_claims": secret,
        "observers": [secret + " "],
        "settings": secret,
        "limits": {
            "hold_above": {"USD": secret + "x"},
            "pending_limit": secret + "x",
            "actions_per_hour": secret + "x",
        },
        "report": {"refund": {"path": " " + secret, "method": secret}},
    }
    settings = Settings.of(HERE, {"ledger": LEDGER, "stores": {"main": table}}, {})

    assert 22 == settings.parked["main"].count(": found ")
    assert secret not in settings.parked["main"]
    assert secret not in repr(settings)


class ShopSettings(BaseModel, extra="forbid"):
    url: str
    port: int = 1
    zone: str = "UTC"

    @field_validator("url")
    @classmethod
    def _check(cls, value):
        raise ValueError(f"the part {value[3:12]!r} of {value!r} is no address")

    @field_validator("zone")
    @classmethod
    def _know(cls, value):
        raise expected("a zone such as Europe/Paris")


def test_an_adapters_own_faults_are_described_without_their_values():
    """Also a validator that repeats the value, or a part of it, gives nothing away."""
    with pytest.raises(ValidationError) as caught:
        ShopSettings.model_validate({"url": "obviously-fake-url", "prt": 2, "port": "x", "zone": "Mars"})

    assert (
        "stores.main.settings.url: found text, it is not accepted: the part … of '…' is no address; "
        "stores.main.settings.port: found text, expected a whole number; "
        "stores.main.settings.zone: found text, expected a zone such as Europe/Paris; "
        "stores.main.settings.prt: unknown key, nearest known: 'port'"
    ) == describe(caught.value, "stores.main.settings", ShopSettings)


def test_an_unset_variable_in_a_list_is_one_fault():
    """The list that lacks it is not named as well."""
    store = STORE.replace('["obviously-fake-secret"]', "[{ env = 'OP_UNSET' }]")

    reason = parked("", store=store)

    assert "stores.main.webhook_secrets[0]: the environment variable OP_UNSET is not set" == reason


def test_a_choice_that_is_nearly_right_is_told_the_nearest():
    """A slip of the finger is answered with the word that was meant."""
    assert "nearest: 'always'" in parked('verify_claims = "allways"')


# --- An app's credentials --------------------------------------------------------------------------------------------

NO_TOKEN = STORE.replace('api_token = "obviously-fake-token"\n', "")
APP = '[stores.main.oauth]\nclient_id = "op_app_1"\nclient_secret = "obviously-fake-secret"\n'
CODE = 'grant = "authorization_code"\n'


@pytest.mark.parametrize(
    ("extra", "reason"),
    [
        ("", "stores.main.api_token: found nothing, expected a secret, or the table oauth of an app in its place"),
        (APP, "stores.main.op_store_id: found nothing, expected Order Protection's own id of the store: oauth.grant"),
        (APP + CODE + "ahaed = 1", "stores.main.oauth.ahaed: unknown key, nearest known: 'ahead'"),
        (APP + CODE + "ahead = 'soon'", "stores.main.oauth.ahead: found text, expected a duration"),
        (APP + CODE + "scopes = ['read orders']", "stores.main.oauth.scopes[0]: found text, expected one scope"),
        (APP + CODE + "redirect_uri = 'http://shop.example/x'", "oauth.redirect_uri: found text, expected an https://"),
        (APP + CODE + "redirect_uri = 'https://shop.example/#x'", "oauth.redirect_uri: found text"),
        (APP + CODE + "authorize_url = 'http://op.example'", "oauth.authorize_url: found text, expected an https://"),
        (APP + CODE + "authorize_url = 'https://me@op.example'", "oauth.authorize_url: found text"),
        (APP + "grant = 'refresh_token'", "oauth.grant: found text, expected 'client_credentials'"),
        ("[stores.main.oauth]\nclient_id = ''", "stores.main.oauth.client_secret: missing, expected a value"),
    ],
)  # fmt: skip
def test_an_apps_credentials_are_checked(extra, reason):
    """Both kinds of credentials are named where there is neither, and each key of the table where it is wrong."""
    assert reason in parked(extra, store=NO_TOKEN)


def test_a_store_has_one_kind_of_credentials():
    """An API token beside an app's table is refused, for nobody could say which is used."""
    reason = "stores.main.api_token: found text, expected one of the two: this key, or the table oauth of an app"
    assert reason in parked("op_store_id = 'store_1'\n" + APP)


def test_an_unset_secret_of_an_app_is_one_fault():
    """What follows from it is not told as well."""
    table = APP.replace('"obviously-fake-secret"', "{ env = 'OP_UNSET' }")
    text = "op_store_id = 'store_1'\n" + table

    assert "stores.main.oauth.client_secret: the environment variable OP_UNSET is not set" == parked(
        text, store=NO_TOKEN
    )
