"""The one thing that the kit needs: the adapter, with its shop."""

import pytest
from corner_subject import CornerShopSubject


@pytest.fixture
def adapter():
    """Return a fresh one for each test, whose shop is empty."""
    return CornerShopSubject()
