"""Stores: known by a permanent id."""

import pytest

from op_core.errors import StoreParked
from op_core.ledger import Ledger, stores


@pytest.fixture
def ledger(ledger_url):
    """Give an empty ledger, once on each database."""
    ledger = Ledger.open(ledger_url, upgrade=True)
    yield ledger
    ledger.close()


def introduce(ledger, store_id, name):
    ledger.write(stores.introduce, store_id, name, ledger.now())


def test_a_renamed_store_keeps_its_id(ledger):
    """Renaming ``[stores.x]`` keeps all that the store has done."""
    introduce(ledger, "main-7f3a", "main")
    introduce(ledger, "main-7f3a", "shop")

    assert "shop" == ledger.read(stores.known, "main-7f3a")


def test_a_changed_id_is_refused(ledger):
    """Under another id all that was done would be forgotten, and done again."""
    introduce(ledger, "main-7f3a", "main")
    with pytest.raises(StoreParked, match="'main-7f3a'; an id is permanent"):
        introduce(ledger, "main-8b2c", "main")

    assert ledger.read(stores.known, "main-8b2c") is None


def test_two_stores_may_change_names_one_after_the_other(ledger):
    """A name that was given up is free."""
    introduce(ledger, "one", "main")
    introduce(ledger, "one", "old")
    introduce(ledger, "two", "main")

    assert ["old", "main"] == [ledger.read(stores.known, store_id) for store_id in ("one", "two")]


def test_a_fact_is_there_until_it_is_taken_away(ledger):
    """``db recovering`` is such a fact."""
    assert ledger.read(stores.fact, "recovering") is None
    ledger.write(stores.set_fact, "recovering", "yes")
    ledger.write(stores.set_fact, "recovering", "still")
    assert "still" == ledger.read(stores.fact, "recovering")
    ledger.write(stores.set_fact, "recovering", None)
    assert ledger.read(stores.fact, "recovering") is None
