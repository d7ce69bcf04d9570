"""Every suite of the kit on one animal, or on the reference: what `matrix.py` runs. No test module by its name."""

import os

import pytest
from animals import ANIMALS
from corner_subject import CornerShopSubject
from op_corner_shop import CornerShopAdapter

from op_core.testing.kit import SUITES

KINDS = {one.name: one.kind for one in ANIMALS}


@pytest.fixture
def adapter():
    """Return what ZOO_ANIMAL names; nothing: the reference."""
    return CornerShopSubject(KINDS.get(os.environ.get("ZOO_ANIMAL", ""), CornerShopAdapter))


for suite in SUITES:
    globals()[f"Test{suite.__name__}"] = type(f"Test{suite.__name__}", (suite,), {"__doc__": suite.__doc__})
