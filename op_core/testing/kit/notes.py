"""Notes for the shop's staff."""

from __future__ import annotations

from typing import ClassVar

from op_core.models import Order
from op_core.requests import NoteRequest
from op_core.testing.hostile import TEXTS
from op_core.testing.kit.asked import a_note
from op_core.testing.kit.cases import case, wrong
from op_core.testing.kit.effects import EffectSuite, Tried
from op_core.testing.model_shop import an_order
from op_core.testing.subject import Subject

__all__ = ["NoteSuite"]


class NoteSuite(EffectSuite):
    """Staff read what was written, and nothing happens because of it."""

    name: ClassVar[str] = "note"
    verb: ClassVar[str] = "note"
    words = {"what": "note", "make": "op_add_note", "find": "op_find_note"}  # noqa: RUF012 - never changed

    def ask(self, order: Order, *, n: int = 1) -> NoteRequest:
        """A short text."""
        return a_note(order, n=n)

    @case("staff would read something else than what was written", "op_add_note")
    def test_is_the_text(self, adapter: Subject, tried: Tried) -> None:
        """The note says what the request says: quotes, brackets and ampersands included, and as many lines."""
        text = 'Box 3 of 5 is "crushed" & wet; see <photo 1>.\nCustomer\'s words: 100% broken.'
        _says(tried, a_note(adapter.put(an_order()), text=text), text)

    @case("whoever writes a message could change the shop, or run code at its staff", "op_add_note")
    def test_is_data(self, adapter: Subject, tried: Tried) -> None:
        """
        Text that is SQL, markup, a template, a header or a path stays text. A shop may strip what it cannot show;
        whatever it does, the order is still there, and the note is one.
        """
        order = adapter.put(an_order())
        for n, text in enumerate(TEXTS, 1):
            request = a_note(order, n=n, text=text)
            tried.attempt(request)
            if len(tried.there(request)) > 1 or tried.store.get_order(order.id).total != order.total:
                wrong(
                    "whoever writes a message to the merchant could change the shop",
                    f"hostile text {n} of {len(TEXTS)} did more than to be noted",
                )
            for one in tried.there(request):
                if "49" in one.text and "7*7" in text:
                    wrong("whoever writes a message could run code in the shop", "a template in a note was worked out")

    @case("of two messages the second would be lost", "op_add_note")
    def test_does_not_replace_another(self, adapter: Subject, tried: Tried) -> None:
        """Two notes of one order are both there, each with its own text."""
        order = adapter.put(an_order())
        first, second = a_note(order, text="The first."), a_note(order, n=2, text="The second.")
        tried.make(first)
        tried.make(second)
        texts = [one.text for one in adapter.effects()]
        if len(texts) != 2 or "The first." not in texts[0] or "The second." not in texts[1]:  # noqa: PLR2004 - both
            wrong("of two messages one would be lost", f"{len(texts)} notes; expected both, each with its own text")


def _says(tried: Tried, request: NoteRequest, text: str) -> None:
    tried.make(request)
    made = tried.only(request)
    if text not in made.text:
        wrong("staff would read something else than what was written", f"a note of {len(made.text)} letters without it")
