"""States are a table, checked at start, and written by one function."""

import ast
from pathlib import Path

import pytest

from op_core.claims import states
from op_core.ledger import actions
from op_core.testing import bodies
from op_core.testing.scene import Scene

PACKAGE = Path(states.__file__).parents[1]


def test_the_table_is_whole(monkeypatch):
    """Every state is reached, and none leads to one that is not there."""
    states.check()
    monkeypatch.setitem(states.TRANSITIONS, "lost", ())
    with pytest.raises(ValueError, match="no way leads to the states"):
        states.check()
    monkeypatch.setitem(states.TRANSITIONS, "lost", ())
    monkeypatch.setitem(states.TRANSITIONS, "done", ("undone",))
    with pytest.raises(ValueError, match="unknown state 'undone'"):
        states.check()


def test_done_and_replaced_are_the_end():
    """Nothing leads away from what is done or replaced: no effect is ever undone by a state."""
    assert {"done", "replaced"} == {state for state, after in states.TRANSITIONS.items() if not after}


def test_what_a_person_declined_may_still_turn_out_to_be_done():
    """A late word of the shop is the truth; nothing else leads away from a decline."""
    assert ("done",) == states.TRANSITIONS["declined"]


def test_the_call_is_reached_from_due_alone():
    """Whatever is not due is not called."""
    assert ["due"] == [before for before in states.TRANSITIONS if states.may(before, "calling")]


def test_from_unknown_the_way_to_a_second_call_leads_over_due():
    """Unknown and pending are never called directly, and pending never again."""
    assert not states.may("unknown", "calling")
    assert not states.may("pending", "due")


@pytest.mark.parametrize("after", states.TRANSITIONS)
def test_the_one_writer_refuses_what_the_table_does_not_know(after):
    """`move` takes the ways of the table and no other."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()
    action = scene.action()
    if states.may("due", after):
        assert after == scene.ledger.write(actions.move, action, after, scene.clock()).state
    else:
        with pytest.raises(ValueError, match=f"due cannot become {after}"):
            scene.ledger.write(actions.move, action, after, scene.clock())


def test_one_module_writes_actions():
    """No other module changes a row of the table of actions."""
    changes = ("actions.update()", "actions.insert()", "update(actions)", "insert(actions)")
    found = {
        path.relative_to(PACKAGE).as_posix()
        for path in PACKAGE.rglob("*.py")
        if any(change in path.read_text(encoding="utf-8") for change in changes)
    }

    assert {"ledger/actions.py"} == found


def test_one_function_writes_states():
    """In that module, `move` alone says a state."""
    tree = ast.parse((PACKAGE / "ledger" / "actions.py").read_text(encoding="utf-8"))
    says = {
        function.name
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call) and "state" in {keyword.arg for keyword in call.keywords}
    }

    assert {"move"} == says


def test_a_note_on_an_action_cannot_hold_a_state():
    """Other columns may change; the state may not."""
    scene = Scene.make()
    scene.deliver(bodies.approved())
    scene.plan()
    with pytest.raises(AssertionError):
        scene.ledger.write(actions.note, scene.action(), state="done")
