"""What a merchant hears of an adapter's receipt: nothing at the start, unless there is one that no longer counts."""

import sys
from datetime import UTC, datetime
from importlib.metadata import version

import pytest

from op_core import receipts

ADAPTER = """
import pydantic

class Settings(pydantic.BaseModel, extra="allow"):
    pass

class QuietAdapter:
    Settings = Settings
    capabilities = {}

    def __init__(self, settings, store):
        pass
"""


@pytest.fixture
def package(home, tmp_path_factory, monkeypatch):
    """Install an adapter, let the store use it, and return its folder."""
    place = tmp_path_factory.mktemp("site")
    made = place / "op_quiet-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: op-quiet\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text("[op_core.adapters]\nquiet = op_quiet:QuietAdapter\n")
    folder = place / "op_quiet"
    folder.mkdir()
    (folder / "__init__.py").write_text(ADAPTER)
    monkeypatch.syspath_prepend(place)
    home.config.write_text(home.config.read_text().replace('"custom_store"', '"quiet"'))
    yield folder
    sys.modules.pop("op_quiet", None)


def receive(folder):
    """Leave a receipt, as the kit does."""
    receipts.Receipt(
        adapter="quiet",
        kit=version("op-core"),
        files=receipts.hash_of(folder),
        tier="gold",
        passed=("refund-is-made",),
        failed={},
        not_tried={},
        problems=(),
        histories=960,
        live=False,
        date=datetime(2026, 3, 1, tzinfo=UTC),
    ).write(folder)


def of_receipt(cli):
    """Return what doctor finds of it."""
    (one,) = [one for one in cli("doctor", "--json").json["checks"] if one["check"] == "receipt"]
    return one["state"], one["said"]


def test_an_adapter_that_nobody_has_tried_is_no_alarm(cli, package):
    """A shop's own adapter, or one that is worked on: a plain line of doctor, and a quiet start."""
    assert ("well", "adapter quiet: no receipt") == of_receipt(cli)
    assert "receipt" not in cli("run").err


def test_a_receipt_that_counts_is_told_by_doctor_alone(cli, package):
    """The start stays quiet."""
    receive(package)

    assert ("well", "adapter quiet: gold") == of_receipt(cli)
    assert "receipt" not in cli("run").err


def test_a_receipt_of_other_files_is_told_at_the_start(cli, package):
    """What was tried is not what runs. It runs all the same: a receipt stops nothing."""
    receive(package)
    (package / "more.py").write_text("")
    state, said = of_receipt(cli)
    ended = cli("run")

    assert "look" == state
    assert (
        "adapter quiet: changed since the receipt of 2026-03-01; `op-core adapters check quiet` tries it again" == said
    )
    assert said in ended.err
    assert (0, "nothing was due\n") == (ended.code, ended.out)


def test_a_receipt_that_was_edited_is_told_at_the_start(cli, package):
    """By hand."""
    receive(package)
    (package / "receipt.json").write_text((package / "receipt.json").read_text().replace("gold", "platinum"))

    assert "look" == of_receipt(cli)[0]
    assert "the receipt was altered" in cli("run").err
