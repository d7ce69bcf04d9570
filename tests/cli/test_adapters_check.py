"""``op-core adapters check``, on an adapter that is installed in a folder of its own."""

import json
import sys
from pathlib import Path
from typing import Any

import attrs
import pytest

ADAPTER = """
from op_core.testing.model_shop import ModelShop

class ProbeAdapter(ModelShop):
    pass
"""
CONFTEST = """
import pytest
from op_core.testing.model import Model
from op_probe import ProbeAdapter

class Probe(Model):
    def __attrs_post_init__(self):
        self.adapter = ProbeAdapter([], find=self.find, guards=self.guards, faults=self._fault)

@pytest.fixture
def adapter():
    return Probe()
"""
FEW = "from op_core.testing import kit\nclass TestNotes(kit.NoteSuite): ...\n"


@attrs.define
class Probe:
    """An installed adapter, and the command on it."""

    folder: Path
    cli: Any

    @property
    def package(self):
        return self.folder / "op_probe"

    @property
    def receipt(self):
        return self.package / "receipt.json"

    def check(self, *options):
        """Try it; the kit runs in a process of its own."""
        return self.cli("adapters", "check", "probe", *options)

    def listed(self):
        """Return what `adapters list` says of its receipt."""
        (row,) = [one for one in self.cli("adapters", "list", "--json").json if one["name"] == "probe"]
        return row["receipt"]

    def tests(self, text):
        (self.folder / "tests" / "test_kit.py").write_text(text)


@pytest.fixture
def probe(tmp_path, monkeypatch, cli):
    """Install an adapter that is the model shop, with a few cases as its tests."""
    for folder in ("op_probe", "tests", "op_probe-1.0.dist-info"):
        (tmp_path / folder).mkdir()
    (tmp_path / "op_probe" / "__init__.py").write_text(ADAPTER)
    made = tmp_path / "op_probe-1.0.dist-info"
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: op-probe\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text("[op_core.adapters]\nprobe = op_probe:ProbeAdapter\n")
    (tmp_path / "tests" / "conftest.py").write_text(CONFTEST)
    (tmp_path / "tests" / "test_kit.py").write_text(FEW)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    yield Probe(tmp_path, cli)
    sys.modules.pop("op_probe", None)


def test_what_is_missing_is_named_and_a_receipt_counts_for_its_files_alone(probe):
    """The tests pass one suite and know no other: pytest alone would be content. --verify changes nothing."""
    assert "no receipt" == probe.listed()
    ended = probe.check()
    kept, before = json.loads(probe.receipt.read_text()), probe.receipt.read_bytes()

    assert 1 == ended.code
    assert "refund-is-made, " in ended.out
    assert ": not run\nno class of the adapter's tests inherits it" in ended.out
    assert "tier: none" in ended.out
    assert ("not run", None) == (kept["failed"]["refund-is-made"], kept["tier"])
    assert "note-is-made" in kept["passed"]
    assert probe.listed().startswith("no tier, ")

    (probe.package / "more.py").write_text("")
    probe.tests(FEW.replace("...", "test_is_made = None"))
    other = probe.check("--verify")
    assert 1 == other.code
    assert "the adapter's files have changed since the receipt of" in other.out
    assert "the receipt says that note-is-made passed, and it did not" in other.out
    assert before == probe.receipt.read_bytes()
    assert probe.listed().startswith("changed since the receipt of 2")

    probe.receipt.write_text(probe.receipt.read_text().replace('"tier": null', '"tier": "gold"'))
    assert "the receipt was altered" == probe.listed()


def test_wrong_use_is_told_and_nothing_is_run(probe):
    """No such adapter, no such folder, nothing to verify, and a conftest that cannot be read."""
    unknown = probe.cli("adapters", "check", "prob")
    nowhere = probe.check("--tests", "elsewhere")
    nothing = probe.check("--verify")
    (probe.folder / "tests" / "conftest.py").write_text("import no_such_module_of_ours")
    broken = probe.check()

    assert [2, 2, 2, 2] == [one.code for one in (unknown, nowhere, nothing, broken)]
    assert "no adapter 'prob' is installed" in unknown.err
    assert "'probe'" in unknown.err
    assert "elsewhere is a folder; name it by --tests DIR" in nowhere.err
    assert "has no receipt" in nothing.err
    assert "No module named 'no_such_module_of_ours'" in broken.err
    assert not probe.receipt.exists()
