import pytest


@pytest.fixture
def fill(a_product):
    """Let a shop sell products 1 to *count*, two to a page, one at a time."""

    def sell(store, count):
        store.with_export(page_size=2, in_flight=1)
        store.sell(*(a_product(str(number)) for number in range(1, count + 1)))

    return sell
