"""Whether a body names something."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.privacy.mentions import how_named


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


@given(st.binary(max_size=50), st.text(min_size=1))
def test_whatever_comes_it_answers(body, wanted):
    """No body and no name makes it fail."""
    assert how_named(body, [wanted]) in ("whole", "inside", "no")
