"""A receipt counts for the files that it was made of, and for no others."""

import json
from datetime import UTC, datetime
from importlib.metadata import EntryPoint, version

import pytest

from op_core import receipts
from op_core.errors import SettingsError
from op_core.receipts import Receipt

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Give an adapter's package that can be imported."""
    made = tmp_path / "op_acme_tried"
    made.mkdir()
    (made / "__init__.py").write_text("raise RuntimeError('to read a receipt imports nothing')\n")
    (made / "adapter.py").write_text("class Acme: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    return made


ENTRY = EntryPoint("acme", "op_acme_tried.adapter:Acme", "op_core.adapters")


def receipt(folder, **more):
    """Return a receipt of these files."""
    facts = {
        "adapter": "acme",
        "kit": version("op-core"),
        "files": receipts.hash_of(folder),
        "tier": "silver",
        "passed": ("refund-is-made",),
        "failed": {},
        "not_tried": {"note-is-made": "no notes there"},
        "problems": (),
        "histories": 12,
        "live": False,
        "date": NOW,
    }
    return Receipt(**facts | more)


def test_a_receipt_is_read_as_it_was_written(folder):
    """Every field comes back, and it counts."""
    made = receipt(folder)
    made.write(folder)

    assert ("counts", made) == receipts.read(ENTRY)
    assert "silver" == receipts.kept(ENTRY)


def test_an_adapter_that_nobody_has_tried_has_none(folder):
    """Nothing is wrong with it."""
    assert ("none", None) == receipts.read(ENTRY)
    assert "no receipt" == receipts.kept(ENTRY)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "adapter.py").write_text("class Acme: pass\n"),
        lambda folder: (folder / "more.py").write_text(""),
        lambda folder: (folder / "adapter.py").rename(folder / "adaptor.py"),
        lambda folder: (folder / "adapter.py").unlink(),
    ],
    ids=["a file changed", "a file more", "another name", "a file less"],
)
def test_a_change_of_any_file_ends_it(folder, change):
    """It is still shown whose receipt it was."""
    receipt(folder).write(folder)
    change(folder)

    assert "changed" == receipts.read(ENTRY)[0]
    assert "changed since the receipt of 2026-03-01" == receipts.kept(ENTRY)


def test_what_python_keeps_beside_the_files_does_not_count(folder):
    """Nor does the receipt itself."""
    receipt(folder).write(folder)
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "adapter.cpython-311.pyc").write_bytes(b"\0")

    assert "counts" == receipts.read(ENTRY)[0]


@pytest.mark.parametrize(
    "edited",
    [
        lambda text: text.replace("silver", "gold"),
        lambda text: json.dumps(json.loads(text) | {"failed": {"x": "failed"}}),
        lambda text: json.dumps({key: value for key, value in json.loads(text).items() if key != "seal"}),
        lambda text: text[:-3],
        lambda _: "[]",
        lambda _: "null",
    ],
)
def test_a_receipt_that_is_edited_is_none(folder, edited):
    """By hand, or cut short."""
    path = receipt(folder).write(folder)
    path.write_text(edited(path.read_text()))

    assert ("altered", None) == receipts.read(ENTRY)
    assert "the receipt was altered" == receipts.kept(ENTRY)


def test_what_failed_and_an_older_kit_are_said(folder):
    """A tier alone would say too much."""
    receipt(folder, kit="0.0.9", failed={"note-is-made": "failed"}, problems=("x",), tier=None).write(folder)

    assert "no tier, 2 failed, by op-core 0.0.9" == receipts.kept(ENTRY)


def test_the_folder_is_that_of_the_package(folder, tmp_path):
    """A single file has none; what others share is not the adapter's; what is not there is not there."""
    (tmp_path / "op_single_tried.py").write_text("")
    (tmp_path / "op_shared_tried" / "acme").mkdir(parents=True)
    (tmp_path / "op_shared_tried" / "acme" / "__init__.py").write_text("")

    def where(value):
        return receipts.folder_of(EntryPoint("acme", value, "op_core.adapters"))

    assert folder == where("op_acme_tried.adapter:Acme")
    assert tmp_path / "op_shared_tried" / "acme" == where("op_shared_tried.acme:Acme")
    assert where("op_single_tried:Acme") is None
    assert where("op_not_there_at_all:Acme") is None


def test_a_folder_that_cannot_be_written_is_named(folder):
    """An adapter may be installed where others may only read."""
    (folder / "receipt.json").mkdir()

    with pytest.raises(SettingsError, match=r"receipt\.json cannot be written"):
        receipt(folder).write(folder)
