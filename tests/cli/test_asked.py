"""Words made into values."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from op_core.cli.asked import WrongUse, command, one_of, point_in_time

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2025-05-30", datetime(2025, 5, 30, tzinfo=UTC)),
        ("2025-05-30T10:00", datetime(2025, 5, 30, 10, tzinfo=UTC)),
        ("2025-05-30T10:00+02:00", datetime(2025, 5, 30, 8, tzinfo=UTC)),
        ("3 days", datetime(2025, 5, 29, 12, tzinfo=UTC)),
        ("90 min", datetime(2025, 6, 1, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_point_in_time_is_a_date_a_time_or_how_long_ago(said, meant):
    """Every result is aware and in UTC."""
    assert meant == point_in_time(said, NOW)


@pytest.mark.parametrize("said", ["", "yesterday", "3 fortnights", "2025-13-01"])
def test_what_is_no_time_is_wrong_use(said):
    """The text shows what was said."""
    with pytest.raises(WrongUse, match="expected a date"):
        point_in_time(said, NOW)


def test_the_nearest_known_word_is_named():
    """Where none is near, all are."""
    assert "held" == one_of("state", "held", ["held", "due"])
    with pytest.raises(WrongUse, match="nearest known: 'held'"):
        one_of("state", "hled", ["held", "due"])
    with pytest.raises(WrongUse, match="known: due, held"):
        one_of("state", "zzz", ["held", "due"])


@pytest.mark.parametrize(
    ("this", "typed"),
    [
        ("bin/op-core", "op-core run --config 'a shop/op.toml'"),
        ("other/op-core", "{folder}/other/op-core run --config 'a shop/op.toml'"),
        ("op_core/__main__.py", f"{sys.executable} -m op_core run --config 'a shop/op.toml'"),
    ],
)
def test_a_command_is_told_as_it_can_be_typed(tmp_path, monkeypatch, this, typed):
    """By its name where that finds the op-core that runs, else by its path."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "op-core").touch(0o755)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr(sys, "argv", [str(tmp_path / this)])

    assert typed.format(folder=tmp_path) == command("run", Path("a shop/op.toml"))
