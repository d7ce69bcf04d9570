"""Keyed hashes: the same value is known again, and nobody without the key can tell which it was."""

from op_core.ledger import Ledger
from op_core.ledger.keyed import is_keyed, key_of, keyed, made_key, spellings

KEY, OTHER = "00" * 32, "11" * 32


def test_the_same_value_leaves_the_same_mark():
    """However its members are ordered; another value, and another key, leave another."""
    address = {"city": "Anytown", "address1": "1 Main Street"}

    assert keyed(KEY, address) == keyed(KEY, dict(reversed(address.items())))
    assert 3 == len({keyed(KEY, address), keyed(OTHER, address), keyed(KEY, {**address, "city": "Elsewhere"})})


def test_a_mark_is_told_from_a_plain_hash():
    """What was hidden once is not hidden again."""
    assert is_keyed(keyed(KEY, "x"))
    assert not is_keyed("x")


def test_a_ledger_makes_its_key_once(ledger_url):
    """Until something is erased there is none, and a hash is looked for as it came; then in both its forms."""
    ledger = Ledger.open(ledger_url, upgrade=True)
    assert (None, ("sha",)) == (ledger.read(key_of), ledger.read(spellings, "sha"))
    key = ledger.write(made_key)

    assert (64, key, key) == (len(key), ledger.write(made_key), ledger.read(key_of))
    assert ("sha", keyed(key, "sha")) == ledger.read(spellings, "sha")
    ledger.close()
