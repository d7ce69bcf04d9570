"""The page of the kit names every case, with its meaning and its harm, and no other."""

from pathlib import Path

import pytest

from op_core.hooks import ADDRESSED
from op_core.testing.kit import SUITES, cases
from op_core.testing.kit.__main__ import page

ROOT = Path(__file__).parents[2]
CASES = cases(SUITES)


def test_the_page_is_what_the_kit_prints():
    """A case that is new, gone or changed changes the page."""
    # python -m op_core.testing.kit > docs/reference/conformance.md
    assert page() == (ROOT / "docs" / "reference" / "conformance.md").read_text(encoding="utf-8")


def test_every_case_has_a_name_of_its_own():
    """The name is the anchor of its section, and its key in a receipt."""
    names = [one.id for one in CASES]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.id)
def test_every_case_says_its_rule_and_its_harm(one):
    """An author who reads it knows what is asked, and what it is good for."""
    assert one.meaning.endswith(".")
    assert one.harm
    assert not one.harm.endswith(".")
    assert set(one.hooks) <= set(ADDRESSED)
