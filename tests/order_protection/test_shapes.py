"""A shape is keys and types: nothing else changes it, and nothing of what people wrote gets into it."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.order_protection.jsonmoney import dumps
from op_core.order_protection.shapes import (
    NOTHING,
    TOO_LARGE,
    UNREADABLE,
    Known,
    news_of,
    shape_of,
    shape_of_body,
)

NAMES = st.from_regex(r"[a-z][a-z_]{0,7}[0-9]?", fullmatch=True)
SCALARS = st.none() | st.booleans() | st.integers(-99, 99) | st.decimals(-9, 9, places=2) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4), max_leaves=20
)
CANARY = "Canary McMarked"


def paths(value):
    return list(shape_of(value).paths)


def news(value, *known):
    return news_of(shape_of(value), Known.of([shape_of(one).paths for one in known]))


# --- What a shape is -----------------------------------------------------------------------------------------------


def test_a_shape_is_keys_and_types():
    """Each place is named with its type, an object and a list as well; elements stand together."""
    value = {
        "topic": "claim.approved",
        "body": {"items": [{"price": Decimal("4.20"), "quantity": 1}, {"flat": None}], "on": True, "none": []},
    }

    assert [
        "$:object",
        "body.items:list",
        "body.items[].flat:null",
        "body.items[].price:number",
        "body.items[].quantity:number",
        "body.items[]:object",
        "body.none:list",
        "body.on:boolean",
        "body:object",
        "topic:text",
    ] == paths(value)


def test_a_whole_that_is_no_object_has_a_shape_too():
    """A list of claims, a bare word, lists of lists."""
    assert ["$:list", "[].id:text", "[]:object"] == paths([{"id": "clm1"}])
    assert ["$:list", "[]:list", "[][]:number"] == paths([[1], [2]])
    assert ["$:text"] == paths("ok")


def shuffled(value, random):
    """Return the same data in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], random) for key in random.sample(sorted(value), len(value))}
    if isinstance(value, list):
        return [shuffled(part, random) for part in random.sample(value, len(value))]
    return value


@given(VALUES, st.randoms(use_true_random=False))
def test_no_order_changes_a_shape(value, random):
    """Neither the order of keys nor that of elements counts."""
    assert shape_of(value).hash == shape_of(shuffled(value, random)).hash


def replaced(value, text, number):
    """Return data of the same keys and types with other values."""
    match value:
        case dict():
            return {key: replaced(part, text, number) for key, part in value.items()}
        case list():
            return [replaced(part, text, number) for part in value]
        case str():
            return text
        case bool():
            return not value
        case int() | Decimal():
            return number
        case _:
            return value


@given(VALUES, st.text(), st.integers() | st.decimals(-9, 9, places=2))
def test_no_value_changes_a_shape(value, text, number):
    """What stands under a key does not count, and a whole number is a number as any other."""
    assert shape_of(value).hash == shape_of(replaced(value, text, number)).hash


@given(VALUES)
def test_a_repeated_element_changes_nothing(value):
    """A list of twice the same has the shape of a list of one."""
    assert shape_of([value]).hash == shape_of([value, value]).hash


@given(VALUES)
def test_no_value_stands_in_a_path(value):
    """What people wrote is nowhere in a shape, marked or not."""
    marked = replaced(value, CANARY, 424242)

    assert not [path for path in paths(marked) if "Canary" in path or "424242" in path]


@pytest.mark.parametrize(
    "key",
    [
        CANARY,
        "customer@example.com",
        "Canary",
        "CANARY",
        "+1 555 0100",
        "cm0b57zjv00myq52xh0c590b8",
        "order_12345",
        "canary-mcmarked",
        "a" * 60,
        "",
        "émile",
        "canary\n",
        "$",
        "[]",
        "x:text",
        "a.b",
    ],
)
def test_a_key_that_may_be_data_is_folded(key):
    """Only what looks like a field's name is told."""
    assert ["$:object", "*:number"] == paths({key: 1})


@pytest.mark.parametrize("key", ["source_order_id", "sourceOrderId", "address1", "_meta", "x", "lat"])
def test_a_usual_name_is_told(key):
    """Field names as the pages have them."""
    assert sorted(["$:object", f"{key}:number"]) == paths({key: 1})


def test_an_object_of_very_many_keys_is_folded():
    """A map from ids to things is one path, whatever the ids look like."""
    letters = "abcdefghijk"
    keys = [first + second for first in letters for second in letters][:101]

    assert ["$:object", "*.n:number", "*:object"] == paths({key: {"n": 1} for key in keys})
    assert 101 == len(paths(dict.fromkeys(keys[:100], 1)))


def nested(levels, value):
    for _ in range(levels):
        value = {"a" * 40: value}
    return value


HOSTILE = {
    "a mebibyte of numbers": b"[" + b"0," * 500_000 + b"0]",
    "100,000 keys": dumps({f"{number:x}": 0 for number in range(100_000)}),
    "64 levels": dumps(nested(63, 1)),
    "100,000 different places": dumps({f"a{chr(97 + n)}": {f"b{chr(97 + m)}": nested(8, 1) for m in range(26)}
                                       for n in range(26)}),
    "deep lists": b"[" * 63 + b"[0]," * 250_000 + b"0" + b"]" * 63,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_takes_bounded_time_and_room(name):
    """No body of a mebibyte keeps the reader longer than a few times its parsing, or fills the ledger."""
    body = HOSTILE[name]
    begun = time.process_time()
    shape = shape_of_body(body)

    assert len(body) <= 1024 * 1024
    assert 5 > time.process_time() - begun
    assert 100_000 > len("\n".join(shape.paths))


def test_what_is_too_large_to_be_told_has_one_shape():
    """However it is ordered; too many values, or too many places."""
    assert TOO_LARGE == shape_of([0] * 300_000)
    assert TOO_LARGE == shape_of({f"a{chr(97 + n)}": {f"b{chr(97 + m)}": {"c": {"d": 1}} for m in range(26)}
                                  for n in range(26)})  # fmt: skip


def test_what_is_no_json_has_one_shape():
    """Broken, not UTF-8, or nested too deep: unreadable; an empty body is named."""
    assert [UNREADABLE] * 3 == [shape_of_body(body) for body in (b"{", b"\xff", b"[" * 5000)]
    assert [NOTHING] * 2 == [shape_of_body(body) for body in (b"", b" \n")]
    assert ["no JSON that can be read"] == news_of(UNREADABLE, Known.of([shape_of({"a": 1}).paths])).words()


def test_a_hash_is_short_and_says_the_shape():
    """Sixteen hex digits; another key or another type is another hash."""
    hashes = {shape_of(value).hash for value in ({"a": 1}, {"b": 1}, {"a": "1"}, {"a": None}, [])}

    assert 5 == len(hashes)
    assert {16} == {len(one) for one in hashes}


# --- What is new ---------------------------------------------------------------------------------------------------


def test_a_key_that_no_known_shape_has_is_news():
    """It is told with its type."""
    found = news({"a": 1, "x": {"y": "z"}}, {"a": 1})

    assert (("x.y:text", "x:object"), ()) == (found.added, found.lacking)
    assert ["+x.y:text", "+x:object"] == found.words()


def test_a_key_that_all_known_shapes_have_is_missed():
    """Unless one of them did without."""
    assert ["-b:text"] == news({"a": 1}, {"a": 1, "b": ""}).words()
    assert [] == news({"a": 1}, {"a": 1, "b": ""}, {"a": 2}).words()


def test_another_type_says_which_it_was():
    """A place that turns from a number into text is told as such."""
    found = news({"a": "1"}, {"a": 1})

    assert (("a:text",), ()) == (found.added, found.lacking)
    assert ["a: was number, now text"] == found.words()
    assert ["a: was null or number, now text"] == news({"a": "1"}, {"a": 1}, {"a": None}).words()


def test_a_field_that_was_of_two_types_is_missed_when_it_goes():
    """Null or a number, it was always there."""
    assert ["-a:null or number"] == news({}, {"a": 1}, {"a": None}).words()


def test_a_new_combination_of_known_parts_is_no_news():
    """What is optional may be there in any company."""
    known = ({"a": 1}, {"a": 1, "b": 1}, {"a": 1, "c": None}, {"a": 1, "c": 2})

    assert [[], []] == [news(one, *known).words() for one in ({"a": 1, "b": 1, "c": None}, {"a": 2, "c": 3})]


def test_what_lacks_its_holder_is_not_missed_twice():
    """Only the object that went is told, and an empty list lacks nothing."""
    known = {"list": [{"n": 1}], "part": {"n": {"m": 1}}}

    assert ["-part:object"] == news({"list": []}, known).words()
    assert ["part: was object, now null"] == news({"list": [], "part": None}, known).words()
    assert ["-list[].n:number"] == news({"list": [{}], "part": {"n": {"m": 1}}}, known).words()


def test_what_begins_later_may_be_needed_from_then_on():
    """The parts of an object that is optional are missed where the object is there."""
    known = ({"a": 1}, {"a": 1, "part": {"n": 1}})

    assert ["-part.n:number"] == news({"a": 1, "part": {}}, *known).words()
    assert [] == news({"a": 1, "part": {}}, *known, {"a": 1, "part": {}}).words()


def test_what_is_needed_stays_so_where_its_holder_was_not_there():
    """A shape without an optional object says nothing of the object's parts."""
    assert ["-part.n:number"] == news({"a": 1, "part": {}}, {"a": 1, "part": {"n": 1}}, {"a": 1}).words()


def test_the_first_of_its_kind_says_so():
    """Where nothing was known, everything is new."""
    assert ["the first of its kind", "+a:number"] == news({"a": 1}).words()


@given(st.lists(VALUES, min_size=1, max_size=4))
def test_what_is_known_is_no_news(values):
    """Once a shape is known it is never news again, whatever was known before or came after."""
    assert [] == [word for value in values for word in news(value, *values).words()]


@given(VALUES, st.lists(VALUES, max_size=3))
def test_words_tell_no_value(value, known):
    """News are made of paths and types only."""
    marked = replaced(value, CANARY, 424242)

    assert not [word for word in news(marked, *known).words() if "Canary" in word or "424242" in word]
