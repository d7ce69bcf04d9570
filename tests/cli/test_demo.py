"""``op-core demo``, as a process of its own."""

import json
import subprocess
import sys

COUNTED = set(
    "orders_exported fulfillments_exported products_exported claims reships refunds store_credits protection_changes"
    " notes reported held quarantined doubled lost".split()
)


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", "op_core", *arguments], cwd=folder, check=False, capture_output=True, text=True
    )


def test_the_demo_ends_well(tmp_path):
    """Nothing is lost or doubled; the folder is kept, and a second run in it changes nothing."""
    first = run(tmp_path, "demo", "--dir", "kept", "--json")
    second = run(tmp_path, "demo", "--dir", "kept")
    held = run(tmp_path, "actions", "list", "--state", "held", "--json", "--config", "kept/op.toml")
    said = json.loads(first.stdout)

    assert [0, 0] == [first.returncode, second.returncode]
    assert (True, []) == (said["ok"], said["problems"])
    assert (0, 0) == (said["lost"], said["doubled"])
    assert said["held"] == len(json.loads(held.stdout))
    assert set() == COUNTED - said.keys()
    assert all(isinstance(said[name], int) for name in COUNTED)
    assert "Nothing was lost and nothing was done twice." in second.stdout
    assert "decisions that wait for you" in second.stdout
