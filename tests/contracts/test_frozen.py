"""What is frozen stays as it was: the samples of older versions are what their authors will never change."""

import hashlib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SAMPLES = sorted(path.parent for path in HERE.glob("*/SHA256SUMS"))


def files(folder):
    """Return the files of a sample by name, without what Python and pytest leave."""
    found = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(folder).as_posix(): path for path in found if path.name != "SHA256SUMS"}


def test_there_is_a_sample():
    """Today's sample was frozen."""
    assert "0_1" in [path.name for path in SAMPLES]


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda path: path.name)
def test_nobody_has_edited_it(folder):
    """Every file is there, none is new, and each is what it was: mend the core, or freeze another sample."""
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    listed = {name: digest for digest, name in (line.split("  ", 1) for line in lines)}

    assert listed == {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files(folder).items()}
