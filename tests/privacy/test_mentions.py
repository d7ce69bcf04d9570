"""Whether a body names something."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.privacy.mentions import how_named, is_about


@pytest.mark.parametrize(
    ("body", "how"),
    [
        ({"a": [{"b": "Order-1"}]}, "whole"),
        ({"order-1": None}, "whole"),
        ({"a": " order-1 "}, "whole"),
        ({"a": "about order-1, again"}, "inside"),
        ({"a": "order-2", "b": True, "c": None}, "no"),
    ],
)
def test_a_name_is_a_value_or_stands_in_a_text(body, how):
    """Keys count as values, and the case of letters does not count."""
    assert how == how_named(json.dumps(body).encode(), ["ORDER-1"])


def test_an_id_may_be_a_number():
    """Some bodies write ids as numbers; 1001 is not 10012."""
    assert ("whole", "inside") == tuple(how_named(body, ["1001"]) for body in (b'{"id": 1001}', b'{"id": 10012}'))


@pytest.mark.parametrize("body", [b"broken {order-1", b"\xff order-1", b'{"a": NaN, "b": "order-1"}'])
def test_in_what_is_no_json_any_place_counts(body):
    """Nobody can tell values from texts there."""
    assert "whole" == how_named(body, ["order-1"])


@pytest.mark.parametrize(
    ("body", "is_it"),
    [
        (b'{"body": {"source_order_id": "2"}}', True),
        (b'{"sourceOrderId": 2}', True),
        (b'{"claimId": "C1", "order_id": "9"}', True),
        (b'{"id": "2", "quantity": 2, "price": 2.0, "zip": "2", "order_ids": "22"}', False),
        (b"order 2 {", True),
    ],
)
def test_only_where_ids_stand_a_body_is_about_an_order(body, is_it):
    """A quantity, a price or a house number that equals an id says nothing; in what is no JSON nobody can tell."""
    assert is_it == is_about(body, ["2", "C1"])


def test_letters_that_look_alike_are_one():
    """Composed or not, an accent is the same."""
    assert "whole" == how_named('{"e": "jose\u0301@example.com"}'.encode(), ["jos\u00e9@example.com"])


@given(st.binary(max_size=50), st.text(min_size=1))
def test_whatever_comes_it_answers(body, wanted):
    """No body and no name makes it fail."""
    assert how_named(body, [wanted]) in ("whole", "inside", "no")
