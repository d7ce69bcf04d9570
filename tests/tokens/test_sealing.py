"""A seal opens with its own secret and for its own purpose, and says which extra it needs."""

import sys

import pytest

from op_core.errors import SettingsError
from op_core.tokens.sealing import Seal

SECRET = "op_secret_not_real"


def test_what_was_sealed_comes_back():
    """Whatever text it is; and never twice as the same."""
    seal = Seal(SECRET, "tests")
    for text in ("op_at_not_real", "", "ä" * 1000):
        assert text == seal.open(seal.close(text))
        assert seal.close(text) != seal.close(text)


def test_another_key_opens_nothing():
    """Another secret, another purpose, a changed text and no text open to None."""
    sealed = Seal(SECRET, "tests").close("op_at_not_real")

    assert "op_at_not_real" not in sealed
    for other, text in (
        (Seal("op_secret_another", "tests"), sealed),
        (Seal(SECRET, "other tests"), sealed),
        (Seal(SECRET, "tests"), sealed[:-6] + "AAAA=="),
        (Seal(SECRET, "tests"), "not sealed"),
        (Seal(SECRET, "tests"), None),
    ):
        assert other.open(text) is None


def test_nothing_is_shown():
    """Neither secret nor key."""
    seal = Seal(SECRET, "tests")

    assert "<Seal>" == repr(seal)
    assert SECRET not in repr(vars(seal))


def test_without_the_extra_it_is_named(monkeypatch):
    """A store with an app is parked by a text that says what to install."""
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(SettingsError, match='with its extra "oauth"'):
        Seal(SECRET, "tests")
