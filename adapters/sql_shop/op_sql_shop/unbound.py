"""Names that a statement binds and nothing gives."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from op_sql_shop.binding import LINE_NAMES, NAMES
from op_sql_shop.texts import Text

__all__ = ["unknown_names"]


def unknown_names(stated: Iterable[Text]) -> Iterator[tuple[Text, str]]:
    """
    Yield each statement that binds what it is not given, and what is wrong with it, in words.

    A step is given what its request says, what steps before it returned, and, where it is done for each line, that
    line; what was returned for one line is known for this line alone.
    """
    verb, each, known, everything = None, None, set[str](), False
    of_line: set[str] = set()
    for text in stated:
        if text.parsed is None:
            continue
        if text.given is not None:
            yield from _wrong(text, text.parsed.binds, text.given)
            continue
        assert text.step is not None
        assert text.verb is not None
        if text.verb != verb:
            verb, each, everything, of_line = text.verb, None, False, set()
            known = {*NAMES[text.verb], *text.more} - set(LINE_NAMES)
        if text.step.each != each:
            each = text.step.each
            of_line = set(NAMES[text.verb]) & set(LINE_NAMES) if each else set()
        if not everything:
            wanted = text.parsed.binds | ({text.step.when} if text.step.when else set())
            yield from _wrong(text, wanted, frozenset(known | of_line))
        into = of_line if each else known
        if text.parsed.returns is None:  # only the database knows; so any name may be one of its columns
            everything = True
        else:
            into.update(text.parsed.returns)
        if text.step.last_id:
            into.add(text.step.last_id)


def _wrong(text: Text, wanted: Iterable[str], given: frozenset[str]) -> Iterator[tuple[Text, str]]:
    for name in sorted(set(wanted) - given):
        if name in LINE_NAMES and text.step is not None and text.step.each is None and name in NAMES[str(text.verb)]:
            yield text, f'it binds :{name}, which is known only in a step with each = "lines"'
            continue
        near = difflib.get_close_matches(name, sorted(given), 1)
        nearest = f"did you mean :{near[0]}?" if near else f"known are {', '.join(sorted(given)) or 'none'}"
        yield text, f"it binds :{name}, which no request gives and no step before it returns; {nearest}"
