"""Words out of a webhook: nobody takes them for text without saying what becomes of them."""

import html
import json
import operator
import sqlite3
from contextlib import closing

import markupsafe
import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.testing.hostile import TEXTS
from op_core.untrusted import Untrusted, code, printable, steers

WAYS = {
    "f-string": lambda said: f"echo {said}",
    "format": "<p>{}</p>".format,
    "percent": lambda said: "note %s" % said,  # noqa: UP031 - one of the ways
    "str": str,
    "plus": lambda said: "echo " + said,
    "plus, first": lambda said: said + " > /tmp/x",
    "join": lambda said: "".join([said, *()]),
    "json": json.dumps,
    "print": print,
    "encode": operator.methodcaller("encode"),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_text_is_made_of_it_unmarked(way):
    """Each usual way into a statement, a page, a command or a body raises, and tells nothing of the words."""
    with pytest.raises((TypeError, AttributeError)) as caught:
        WAYS[way](Untrusted("canary"))

    assert "canary" not in str(caught.value)


def test_a_driver_does_not_bind_it_unmarked():
    """A driver refuses the object; its plain words are data."""
    with closing(sqlite3.connect(":memory:")) as db:
        with pytest.raises(sqlite3.Error):
            db.execute("select ?", (Untrusted(TEXTS[0]),))
        bound = [db.execute("select ?", (Untrusted(text).plain,)).fetchone()[0] for text in TEXTS]

    assert list(TEXTS) == bound


def test_its_repr_shows_nothing():
    """What people write is personal data."""
    assert "canary" not in repr(Untrusted("canary"))
    assert "canary" not in repr({"said": [Untrusted("canary")]})


def test_words_are_compared_as_words():
    """It is what it says; without words it is false."""
    assert Untrusted("a") == Untrusted("a")
    assert Untrusted("a") != Untrusted("b")
    assert [True, False] == [bool(Untrusted(text)) for text in ("a", "")]


@pytest.mark.parametrize("value", [None, 1, b"bytes", Untrusted("twice")], ids=["None", "int", "bytes", "itself"])
def test_only_text_becomes_untrusted_text(value):
    """So what is in it is surely text."""
    with pytest.raises(TypeError):
        Untrusted(value)


@pytest.mark.parametrize("text", TEXTS)
def test_a_page_shows_it_and_runs_nothing(text):
    """No mark-up is left in its HTML, and what escapes by itself, as Jinja does, escapes it once."""
    assert not set("<>\"'") & set(Untrusted(text).html)
    assert text == html.unescape(Untrusted(text).html)
    assert Untrusted(text).html == str(markupsafe.escape(Untrusted(text)))


@given(st.text())
def test_a_line_is_one_line_that_steers_nothing(text):
    """Of any words: all of it is printable."""
    assert Untrusted(text).line.isprintable()


@given(st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S"))))
def test_what_prints_is_left_as_it_is(text):
    """Letters of any script, digits, signs: nothing is taken from a customer's words, and none of it steers."""
    assert text == printable(text)
    assert not steers(text)


@pytest.mark.parametrize(
    "text", ["\x1b[2J", "a\x00", "a\x7f", "\x9b31m", "a\nb", "\u202egnp.exe", "a\u2066b"], ids=ascii
)
def test_what_steers_is_told(text):
    """Control characters, and marks that turn the direction of writing."""
    assert steers(text)


@pytest.mark.parametrize("text", ["می‌خواهم", "नि‍", "\u200e1 Road"], ids=ascii)
def test_marks_that_scripts_need_do_not_steer(text):
    """Joiners, and the marks that a phone copies along with an address."""
    assert not steers(text)


@pytest.mark.parametrize("said", ["Not a code", "a@example.com", "", None, "X" * 41, "REFUND\n"])
def test_what_is_no_code_is_not_shown_as_one(said):
    """A reason may be anything that somebody wrote; a code is shown as it is."""
    assert "one that is no code" == code(said)
    assert "NOT_COVERED" == code("NOT_COVERED")
