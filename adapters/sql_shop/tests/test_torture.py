"""Many real processes at once, and SIGKILL at every point: the small runs of ``torture.py``, on each database."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).with_name("torture.py")


@pytest.fixture(params=["sqlite", "postgresql", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def torture(request):
    """Run the script on an empty database, and return what it says."""
    urls = {"sqlite": None, "postgresql": "postgres_url", "mariadb": "mariadb_url"}
    url = urls[request.param] and request.getfixturevalue(urls[request.param])

    def run(*arguments):
        command = [sys.executable, str(SCRIPT), *arguments, *(["--url", url] if url else [])]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=100)  # noqa: S603 - our own script
        assert done.stdout, done.stderr[-2000:]
        return json.loads(done.stdout)

    return run


def test_processes_that_ask_for_the_same_make_it_once(torture):
    """Four processes ask for the same 40 effects: 40 effects, 40 marks, and one answer for all."""
    found = torture("same", "--processes", "4", "--requests", "40")

    assert found["well"], found
    assert 40 == found["effects"] == found["marks"]


def test_many_small_refunds_and_replacements_never_exceed_what_is_there(torture):
    """24 refunds of 1.00 from 20.00 and eight units of a stock of five, at once: 20.00 and five units."""
    found = torture("race", "--processes", "4")

    assert found["well"], found
    assert (20, 0, 0) == (found["refunded"], found["over_refunded"], found["free"])


def test_a_process_that_is_killed_leaves_effect_and_mark_or_neither(torture):
    """SIGKILL at every crash point of every verb; asked and tried again, there is exactly one."""
    found = torture("crash")

    assert [] == found["wrong"]
    assert found["well"]
    assert found["points"] >= 6 * 5
