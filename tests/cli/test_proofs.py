"""``op-core doctor`` and ``op-core db install``, with an adapter that can prove itself and make what it needs."""

import json

import pytest

ADAPTER = '''
from pathlib import Path

from op_core.demo.shop import DemoShop
from op_core.errors import NotSupported, ShopAway
from op_core.proofs import Proof
from op_custom_store import CustomStoreAdapter


class Adapter(CustomStoreAdapter):
    """The demo shop's, with more."""

    def prove(self, *, writes):
        yield Proof("columns", "well", "all twelve are there")
        yield Proof("one order", "look", "as it would be exported", "name: Ada Fake")
        {prove}
        if writes:
            yield Proof("refund", "well", "made and rolled back: 1 row")

    def install(self):
        made = Path("made.txt")
        {install}
        if not made.exists():
            made.write_text("x")
            yield "made the table op_references"
'''


@pytest.fixture
def proving(home, tmp_path, monkeypatch):
    """Give a store whose adapter is written on the fly: ``proving(prove=…, install=…)`` puts lines into its methods."""

    def write(prove="pass", install="pass"):
        name = f"proving_{tmp_path.name}"
        (tmp_path / f"{name}.py").write_text(ADAPTER.replace("{prove}", prove).replace("{install}", install))
        info = tmp_path / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[op_core.adapters]\nproving = {name}:Adapter\n")
        home.config.write_text(home.config.read_text().replace('"custom_store"', '"proving"'))

    monkeypatch.syspath_prepend(str(tmp_path))
    return write


def checks(ended):
    """Return each check of the store by name."""
    return {one["check"]: one for one in ended.json["checks"]}


def test_proofs_stand_among_the_checks(cli, proving):
    """What was looked at, how it is, and in words; personal data is only said to be there."""
    proving()
    ended, text = cli("doctor", "main", "--json"), cli("doctor", "main")

    assert (0, 0) == (ended.code, text.code)
    assert {"store": "main", "check": "columns", "state": "well", "said": "all twelve are there", "private": ""} == (
        checks(ended)["columns"]
    )
    assert "***" == checks(ended)["one order"]["private"]
    assert "refund" not in checks(ended)
    assert "as it would be exported; --reveal shows more" in text.out
    assert "Ada Fake" not in ended.out + ended.err + text.out + text.err


def test_personal_data_is_shown_when_it_is_asked_for(cli, proving):
    """One real order, as it would be exported."""
    proving()

    assert "name: Ada Fake" == checks(cli("doctor", "--json", "--reveal"))["one order"]["private"]
    assert "name: Ada Fake" in cli("doctor", "--reveal").out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise ValueError('customer@example.com')", "it failed: ValueError in proving_"),
        ("raise ShopAway('no connection')", "no connection"),
        ("raise NotSupported('not this one')", "not this one"),
        ("yield 'well'", "prove answered str, expected Proof"),
    ],
)
def test_a_proof_that_fails_is_one_check(cli, proving, line, said):
    """It is not well, by type and place; the others stand, and so do those of the core."""
    proving(prove=line)
    ended = cli("doctor", "main", "--json")

    assert 1 == ended.code
    assert ("not well", True) == (checks(ended)["proof"]["state"], said in checks(ended)["proof"]["said"])
    assert {"columns", "shop", "sweep"} <= set(checks(ended))
    assert "customer@example.com" not in ended.out + ended.err


def test_writes_are_proved_when_it_is_asked_for(cli, proving):
    """It says before what it will do."""
    proving()
    ended = cli("doctor", "main", "--prove-writes", "--json")

    assert (0, "made and rolled back: 1 row") == (ended.code, checks(ended)["refund"]["said"])
    assert ended.err.startswith("proving the writes of store main: each effect is made in its shop and taken back")


def test_writes_are_proved_of_one_store_that_can(cli, proving, home):
    """Else it ends with 2 and makes nothing: without a name, of a parked store, of an adapter that cannot."""
    none, plain = cli("doctor", "--prove-writes"), cli("doctor", "main", "--prove-writes")
    proving(prove="if writes:\n            raise NotSupported('its tables have no transactions')")
    unable = cli("doctor", "main", "--prove-writes")
    home.config.write_text(home.config.read_text().replace('"proving"', '"provin"'))
    parked = cli("doctor", "main", "--prove-writes")

    assert [2] * 4 == [one.code for one in (none, plain, unable, parked)]
    assert "name its STORE" in none.err
    assert "cannot prove anything" in plain.err
    assert "its tables have no transactions" in unable.err
    assert "is parked" in parked.err


def test_install_makes_what_is_missing_once(cli, proving):
    """A line for each thing; a second time makes nothing."""
    proving()
    first, second = cli("db", "install", "main"), cli("db", "install", "main", "--json")

    assert (0, "made the table op_references\n") == (first.code, first.out)
    assert (0, {"made": []}) == (second.code, second.json)
    assert "all that store main needs in its shop is there\n" == cli("db", "install", "main").out


def test_install_says_what_it_made(cli, proving):
    """As one JSON value too."""
    proving()
    assert {"made": ["made the table op_references"]} == json.loads(cli("db", "install", "main", "--json").out)


def test_install_of_a_store_that_needs_nothing(cli, home):
    """It ends with 2, and so it does for a store that is parked or not there."""
    plain = cli("db", "install", "main")
    unknown = cli("db", "install", "man")
    home.settings(store="no_such_key = 1")
    parked = cli("db", "install", "main")

    assert [2, 2, 2] == [plain.code, unknown.code, parked.code]
    assert "needs nothing of its own in the shop" in plain.err
    assert "main" in unknown.err
    assert "no_such_key" in parked.err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("raise ShopAway('may not create a table')", "may not create a table"),
        ("raise ValueError('secret')", "ValueError in"),
    ],
)
def test_install_that_fails(cli, proving, line, said):
    """It ends with 1, in the adapter's words where they are meant for it."""
    proving(install=line)
    ended = cli("db", "install", "main")

    assert (1, True) == (ended.code, said in ended.err)
    assert "secret" not in ended.err
