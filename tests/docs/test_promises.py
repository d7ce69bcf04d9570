"""The page of the promises names tests that are there, and all ten of them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "promises.md").read_text(encoding="utf-8")


def test_each_promise_names_tests_that_are_there():
    """A promise without a test is a wish."""
    rows = re.findall(r"^\| (\d+) \| \*\*.*$", PAGE, re.MULTILINE)
    assert [str(number) for number in range(1, 11)] == rows
    for row in re.findall(r"^\| \d+ \| .*$", PAGE, re.MULTILINE):
        named = re.findall(r"`((?:tests|adapters)/[\w/]+\.py)`", row)
        assert named, row
        assert [] == [name for name in named if not (ROOT / name).is_file()]
