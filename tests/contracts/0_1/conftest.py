"""The one thing that the kit needs: the adapter, with its shop."""

import pytest
from contract_0_1.subject import CornerShopSubject


@pytest.fixture
def adapter():
    """Return a fresh one for each test, whose shop is empty."""
    return CornerShopSubject()
