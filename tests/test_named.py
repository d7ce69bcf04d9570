"""What the settings name as module:object is found, and what cannot be is said without its secrets."""

import sys

import pytest

from op_core.errors import SettingsError
from op_core.named import named


@pytest.fixture
def folder(tmp_path):
    """A folder of op.toml with one module, which is forgotten afterwards."""
    (tmp_path / "named_here.py").write_text("class Kept:\n    inner = 7\n")
    (tmp_path / "named_broken.py").write_text("raise RuntimeError('password=hunter2')\n")
    yield tmp_path
    sys.path[:] = [entry for entry in sys.path if entry != str(tmp_path)]
    for name in ("named_here", "named_broken"):
        sys.modules.pop(name, None)


def test_a_module_beside_op_toml_is_found(folder):
    """The folder of op.toml counts, and so do names with dots."""
    assert 7 == named("money", "named_here:Kept.inner", folder)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("named_here:Kep", "money 'named_here:Kep': 'named_here' was imported and has no 'Kep'; the nearest is 'Kept'"),
        ("named_not:it", "money: there is no module 'named_not', neither installed nor in the folder of op.toml"),
        ("named_broken:it", "money: importing 'named_broken' failed: RuntimeError at"),
    ],
)
def test_what_cannot_be_had_is_named(folder, name, said):
    """The key, the name and the nearest are told; the text of an error of the shop's own code is not."""
    with pytest.raises(SettingsError) as caught:
        named("money", name, folder)

    assert said in str(caught.value)
    assert "hunter2" not in str(caught.value)
