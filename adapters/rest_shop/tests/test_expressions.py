"""What an expression finds, and whether the way to it is there at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from op_rest_shop.expressions import Expression
from op_rest_shop.trials.inverse import SOMETHING, Underivable, found_in, lacking

REFUNDS = "order.payments[].refunds[] | [?ours(note)]"


@pytest.mark.parametrize(
    ("path", "body", "lack"),
    [
        (REFUNDS, {"order": {"payments": [{"refunds": []}]}}, None),
        (REFUNDS, {"order": {"payments": []}}, None),
        (REFUNDS, {"order": {"payments": None}}, None),
        (REFUNDS, {"order": {"payments": [{"refunds": None}]}}, None),
        (REFUNDS, {"order": {"payments": [{"refunds": [{"id": 1}]}]}}, None),
        (REFUNDS, {"order": {"payments": [{"refunds": []}, {"id": 1}]}}, "refunds"),
        (REFUNDS, {"order": {}}, "payments"),
        (REFUNDS, {"order": None}, "payments"),
        (REFUNDS, {"data": {}}, "order"),
        (REFUNDS, {}, "order"),
        (REFUNDS, [], "order"),
        (REFUNDS, None, REFUNDS),
        ("claims[?ours(op)]", {"claims": [{}]}, None),
        ("claims[?ours(op)]", {}, "claims"),
        ("sum(refunds[].amount)", {"refunds": []}, None),
        ("sum(refunds[].amount)", {"refunds": [{"amount": 1}]}, None),
        ("sum(refunds[].amount)", {}, "refunds"),
        ("refunds || `[]`", {}, None),
        ("sum(refunds[].amount || `[]`)", {}, None),
        ("@", [], None),
        ("*.items[]", {"a": {"items": []}}, None),
        ("*.items[]", {"a": {}}, "items"),
    ],
)
def test_a_list_that_is_empty_is_told_from_one_that_is_not_there(path, body, lack):
    """Null and [] are none; a key that is missing, or a table that is null on the way, is another answer."""
    assert lack == Expression(path).lacks(body)


NAMES = st.sampled_from(["a", "b", "c"])
STEPS = st.sampled_from([".{}", "[].{}", "[0].{}", "[-1].{}", ".*.{}", "[?{0}].{0}", "[?ours({0})].{0}", " | {}"])


@given(NAMES, st.lists(st.tuples(STEPS, NAMES), max_size=4))
def test_what_an_expression_looks_for_is_found_in_what_is_made_of_it(first, steps):
    """Read backwards and forwards again; what cannot be made is said, and nothing half-right is returned."""
    path = Expression(first + "".join(step.format(name) for step, name in steps))
    try:
        made = found_in(path, None, SOMETHING, "OP-1")
    except Underivable:
        assert steps, "a single name fits"
        return
    assert path.of(made, "OP-1")
    assert path.lacks(made) is None


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (REFUNDS, [{"id": "1"}, {"id": "2"}]),
        ("made.payment.refunds[?ours(note)] | [-1].id", "1"),
        ("claims[?metadata.op && !claim_items && !canceled_at]", [{"id": "1"}]),
        ("data.refund.state == 'Pending' && data.refund.id", "1"),
        ("to_string(id)", "1"),
        ("[?contains(note, 'x')].id", ["1"]),
    ],
)
def test_an_answer_is_made_of_what_is_wanted_of_it(path, wanted):
    """Ids, conditions and lists of several stand where the expression looks for them."""
    found = Expression(path).of(found_in(Expression(path), None, wanted, "OP-1"), "OP-1")

    assert found == wanted if isinstance(wanted, str) else len(found) == len(wanted)


@pytest.mark.parametrize("path", ["state != 'ok'", "!ok", "a && state != 'ok'", "!ok || state != 'ok'", "error"])
def test_an_answer_is_made_in_which_a_test_fails(path):
    """Also where that takes something to be there."""
    assert not Expression(path).of(lacking(Expression(path), {}))


def test_what_no_answer_fits_is_said():
    """A text cannot be two."""
    with pytest.raises(Underivable):
        found_in(Expression("state == 'a' && state == 'b'"), None)
