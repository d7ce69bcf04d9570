"""Schemathesis against a real sandbox, briefly; ``make schemathesis`` does it for three minutes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RUN = Path(__file__).parent / "fuzz" / "run.py"


def test_nothing_undescribed():
    """A few requests of each kind, good and bad, are answered as described, in both spellings."""
    done = subprocess.run(
        [sys.executable, RUN, "--quick", "--seed", "1"], capture_output=True, text=True, check=False, timeout=100
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "no 5xx, nothing undescribed" in done.stdout
