"""Each case of the settings suite is killed by its own fault, with what would have happened in a shop."""

import base64
import inspect
import logging

import pydantic
import pytest

from op_core import hookimpl
from op_core.proofs import Proof
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop

TOKEN = "fake-token-4711"
log = logging.getLogger("broken")


class _Settings(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")

    token: pydantic.SecretStr


class _Broken(ModelShop):
    """
    A shop that needs a token, with one fault.

    Attributes:
        kills: The case that finds it.
        says: What that case says would happen.
        also: Other cases that find it too.
    """

    kills = ""
    says = ""
    also = ()
    Settings = _Settings


class _Keyed(Model):
    """Its model needs a token."""

    settings = {"token": TOKEN}  # noqa: RUF012 - never changed
    secrets = (TOKEN,)

    def __init__(self, shop):
        super().__init__(shop=shop)

    def fresh(self):
        if hasattr(self.adapter, "connects"):
            self.wire.count()
        return super().fresh()


class _Needs(_Broken):
    """It needs a key that nobody was told of."""

    kills = "settings-can-be-read"
    says = "the store would be parked"
    also = (
        "settings-refuse-unknown-keys",
        "settings-hide-secrets",
        "settings-name-every-secret",
        "settings-mark-secrets",
    )

    class Settings(_Settings):
        url: str


class _Ignores(_Broken):
    """It ignores what it does not know."""

    kills = "settings-refuse-unknown-keys"
    says = "a slip such as notfy = false would be ignored"

    class Settings(pydantic.BaseModel):
        token: pydantic.SecretStr


class _Plain(_Broken):
    """Its token is plain text."""

    kills = "settings-hide-secrets"
    says = "whoever reads a log or an error page could pay refunds with the shop's token"
    also = ("settings-mark-secrets",)

    class Settings(pydantic.BaseModel):
        model_config = pydantic.ConfigDict(extra="forbid")

        token: str


class _Shows(_Broken):
    """It shows what it was made with."""

    kills = "settings-hide-secrets"
    says = "repr of the adapter holds a secret of 15 characters"

    def __repr__(self):
        return f"Shop(token={TOKEN!r})"


class _Another(_Broken):
    """It has a second secret."""

    kills = "settings-name-every-secret"
    says = "Subject.secrets lacks the value of ['password']"

    class Settings(_Settings):
        password: pydantic.SecretStr = pydantic.SecretStr("fake-password")


class _Unmarked(_Broken):
    """It has a second secret, which is no longer seen as one."""

    kills = "settings-mark-secrets"
    says = "hooks[].api_key of Settings is plain text"

    class Settings(_Settings):
        hooks: list[dict[str, str]] = [{"api_key": "fake-key", "api_key_header": "X-Key"}]


class _InAddress(_Broken):
    """Its address has a password in it."""

    kills = "settings-mark-secrets"
    says = "url of Settings is plain text"

    class Settings(_Settings):
        url: str = "postgresql://shop:fake-password@127.0.0.1/shop"


class _Address(_Broken):
    """Its token is in the address that its errors name."""

    kills = "settings-spill-no-secret"
    says = "a secret of 15 characters in the RuntimeError of op_get_order"

    @hookimpl
    def op_get_order(self, request):
        raise RuntimeError("the shop is away") from ConnectionError(f"GET https://shop.example/orders?key={TOKEN}")


class _Logs(_Broken):
    """It logs the headers that it sends."""

    kills = "settings-spill-no-secret"
    says = "a secret of 15 characters in the log of broken"

    @hookimpl
    def op_get_order(self, request):
        log.debug("sent %s", {"Authorization": f"Bearer {TOKEN}"})
        return ModelShop.op_get_order(self, request)


class _Basic(_Broken):
    """It logs a header in which the token is encoded."""

    kills = "settings-spill-no-secret"
    says = "a secret of 15 characters, encoded, in the log of broken"

    @hookimpl
    def op_check_stock(self, request):
        log.debug("sent Authorization: Basic %s", base64.b64encode(f"user:{TOKEN}".encode()).decode())
        return ModelShop.op_check_stock(self, request)


class _Prints(_Broken):
    """It prints what it was made with."""

    kills = "settings-spill-no-secret"
    says = "a secret of 15 characters in what it prints"

    @hookimpl
    def op_export_products(self, request):
        print(f"token {TOKEN}")  # noqa: T201 - this is the fault
        return ModelShop.op_export_products(self, request)


class _Proof(_Broken):
    """It proves itself by its token."""

    kills = "settings-spill-no-secret"
    says = "a secret of 15 characters in prove"

    def prove(self, *, writes):
        yield Proof("token", "well", f"{TOKEN} is taken")


class _Deeper(_Broken):
    """It has a secret in a table of its own."""

    kills = "settings-name-every-secret"
    says = "Subject.secrets lacks the value of ['hooks[].key']"

    class Settings(_Settings):
        hooks: list[dict[str, pydantic.SecretStr]] = [{"key": pydantic.SecretStr("fake-key")}]


class _Connects(_Broken):
    """It calls the shop when it is made."""

    kills = "settings-start-without-the-shop"
    says = "while this shop is away op-core would not start"
    connects = True


FAULTS = [one for one in list(globals().values()) if inspect.isclass(one) and getattr(one, "kills", "")]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_each_fault_is_found_by_its_case(fault, failures):
    """The case that a fault is made for fails, says the harm, and no other fails but those that are named."""
    found = failures(kit.SettingsSuite, lambda: _Keyed(fault), fault.kills)

    assert fault.says in found[fault.kills]
    assert {fault.kills, *fault.also} == set(found)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__.strip("_"))
def test_no_message_shows_the_secret(fault, failures):
    """The kit itself spills nothing: its words may stand in a public log of tests."""
    assert not [said for said in failures(kit.SettingsSuite, lambda: _Keyed(fault)).values() if TOKEN in said]


def test_a_shop_that_keeps_its_token_passes(failures):
    """A token that is a `SecretStr`, and told to nobody, is well."""
    assert {} == failures(kit.SettingsSuite, lambda: _Keyed(_Broken))


def test_each_case_has_its_fault():
    """No case is there that nothing can break."""
    assert {one.id for one in kit.cases([kit.SettingsSuite])} == {fault.kills for fault in FAULTS}
