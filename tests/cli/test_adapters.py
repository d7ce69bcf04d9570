"""``op-core adapters list``."""

import os
import subprocess
import sys


def test_installed_adapters_are_listed_with_where_they_are_from(cli):
    """Name, class, distribution and version; no settings are needed."""
    ended = cli("adapters", "list", "--json")
    (one,) = [row for row in ended.json if row["name"] == "custom_store"]

    assert 0 == ended.code
    assert ("op-custom-store", None) == (one["distribution"], one["broken"])
    assert "op_custom_store:CustomStoreAdapter" in cli("adapters", "list").out


def test_a_broken_adapter_is_listed_with_its_reason(tmp_path):
    """It is shown beside the others, and the exit code says that something is not well."""
    made = tmp_path / "op_broken-1.0.dist-info"
    made.mkdir()
    (made / "METADATA").write_text("Metadata-Version: 2.1\nName: op-broken\nVersion: 1.0\n")
    (made / "entry_points.txt").write_text("[op_core.adapters]\nbroken = op_not_there:Adapter\n")
    command = [sys.executable, "-m", "op_core", "adapters", "list"]
    environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ended = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)

    assert 1 == ended.returncode
    assert "custom_store" in ended.stdout
    assert "ModuleNotFoundError" in ended.stdout
