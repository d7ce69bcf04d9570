"""The kit, tried on the model shop."""

import pytest

from op_core.testing.model import Model


@pytest.fixture
def adapter():
    """Return the model shop."""
    return Model()
