"""JSON without floats: every digit survives, and nothing doubtful is read."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.errors import Unreadable
from op_core.order_protection.jsonmoney import dumps, loads, number_from

AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | AMOUNTS | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_round_trip(value):
    """Whatever is written reads back as the same value."""
    assert value == loads(dumps(value))


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,14})\.[0-9]{1,15}", fullmatch=True))
def test_digits_survive(text):
    """An amount goes through reading and writing digit for digit, its trailing zeros included."""
    assert text.encode() == dumps(loads(text.encode()))


@given(VALUES)
def test_written_json_is_json(value):
    """What is written is JSON to everybody else too."""
    json.loads(dumps(value))


def test_no_float_and_no_exponent():
    """A number is read as int or Decimal, and a Decimal is written without an exponent."""
    assert [Decimal, int] == [type(number) for number in loads(b"[0.1, 1]")]
    assert b'{"a":100000,"b":0.0000001}' == dumps({"a": Decimal("1E+5"), "b": Decimal("1E-7")})


@pytest.mark.parametrize("value", [1.5, {"a": [0.5]}, {1: "a"}, {"a"}, Decimal])
def test_what_has_no_form_is_refused(value):
    """A float, a key that is no text and a foreign type are never written."""
    with pytest.raises(TypeError):
        dumps(value)


@pytest.mark.parametrize("value", [Decimal("NaN"), Decimal("Infinity"), Decimal("1E+60"), "a\ud800"])
def test_what_no_reader_takes_is_refused(value):
    """NaN, infinity, numbers beyond reason and lone surrogates are never written."""
    with pytest.raises(ValueError, match=r"not an amount|surrogate"):
        dumps(value)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "not JSON: Expecting value"),
        (b'{"a": 1,}', r"not JSON: .* \(line 1, column"),
        (b'{"a": "caf\xe9"}', "not UTF-8 at byte 10"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
        (b'{"a": NaN}', "NaN is no number"),
        (b'{"a": -Infinity}', "-Infinity is no number"),
        (b'{"a": 1, "a": 2}', "two keys of one name"),
        (b'{"a": {"b": 1, "b": 1}}', "two keys of one name"),
        (b"[" * 5000 + b"]" * 5000, "nested too deep"),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, "nested too deep"),
        (b"[" * 65 + b"]" * 65, "nested too deep: more than 64 levels"),
        (b"[" * 1_000_000, "not JSON|nested too deep"),
        (b'{"a": ' + b"9" * 5000 + b"}", "too many characters"),
        (b'{"a": 1e400}', "too many digits"),
        (b'{"a": 0.' + b"1" * 41 + b"}", "too many digits"),
        (b'["\\ud800"]', "lone surrogate"),
        (b'["\\uDFFF x"]', "lone surrogate"),
        (b'{"\\u0000": 1}', r"U\+0000"),
    ],
)
def test_unreadable(body, reason):
    """A body that could be read in two ways, or that no database could hold, is refused with its reason."""
    with pytest.raises(Unreadable, match=reason):
        loads(body)


@pytest.mark.parametrize(("body", "value"), [(b'["\\ud83d\\ude00"]', ["😀"]), (b"[" * 64 + b"]" * 64, None)])
def test_what_only_looks_doubtful_is_read(body, value):
    """A pair of surrogates is a letter, and nesting up to the limit is read."""
    result = loads(body)
    assert value is None or value == result


NO_NUMBERS = ["", " 1", "1 ", "1_000", "1,000", "+1", "01", ".5", "1.", "NaN", "Infinity", "0x1", "\u0661", "1e99"]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_text_that_is_no_json_number_is_no_amount(text):
    """Text counts as an amount only where it spells a JSON number of a sane length."""
    with pytest.raises(ValueError, match="not an amount"):
        number_from(text)


@pytest.mark.parametrize("value", [1.5, True, None, [], {}])
def test_other_types_are_no_amounts(value):
    """A float, a truth value and nothing are no amounts."""
    with pytest.raises(ValueError, match="not an amount"):
        number_from(value)


@pytest.mark.parametrize(
    ("value", "amount"), [("12.50", "12.50"), ("-0.1", "-0.1"), (3, "3"), (Decimal("1.10"), "1.10")]
)
def test_amounts(value, amount):
    """Numbers and text that spells one keep their digits."""
    assert amount == str(number_from(value))
