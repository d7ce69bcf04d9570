"""Effects are made to prove that they can be, and taken back: what each changed is said, and nothing stays."""

import pytest
import sqlalchemy as sa


def test_each_effect_is_made_and_taken_back(small_shop, proofs_of, rows_of_all):
    """What each step changed is said in rows of its table, and afterwards every table is as it was."""
    proofs_of()
    before = rows_of_all(small_shop[1])

    found = proofs_of(writes=True)

    said = "on order 1, taken back: steps[0] update orders: 1 row; steps[1] insert refunds: 1 row"
    assert ("well", said) == found["rehearsal of refund"]
    said = "on order 1, taken back: steps[0] update stock: 1 row; steps[1] insert sent: 1 row"
    assert ("well", said) == found["rehearsal of reship"]
    assert ("well", "on order 2, taken back: steps[0] insert notes: 1 row") == found["rehearsal of note"]
    assert before == rows_of_all(small_shop[1])


def test_without_being_asked_nothing_is_made(proofs_of):
    """A plain look rehearses nothing."""
    assert [] == [check for check in proofs_of() if "rehearsal" in check]


def test_a_guard_that_refuses_is_shown_as_one(proofs_of):
    """A guard's own words are said, with what was done before it."""
    found = proofs_of(("and free >= :quantity", "and free >= 1000 * :quantity"), writes=True)

    state, text = found["rehearsal of reship"]
    assert "look" == state
    assert "its guard refused: not enough in stock (before that: steps[0] update stock: 0 rows)" in text


STOCK = 'line_id = :line_id and free >= :quantity"\nexpect_rows = 1\nrefused = "not enough in stock"'


def test_a_step_that_matches_no_row_says_what_becomes_of_the_effect(proofs_of):
    """A wrong WHERE is refused each time, or told as done, by what the mapping says; what to write is said."""
    (_, refused), anyway = proofs_of((STOCK, 'line_id = 0"'), writes=True)["rehearsal of reship"], 'expect_rows = "any"'
    state, said = proofs_of((STOCK, f'line_id = 0"\n{anyway}'), writes=True)["rehearsal of reship"]

    assert "it would be refused: reship.steps[0] (update stock) matched no row" in refused
    assert 'Write refused = "why" where it is a guard, and expect_rows = "any" where no row is fine' in refused
    assert "look" == state
    assert "steps[0] changed no row, and the reship would be told as done all the same" in said
    assert "(taken back: steps[0] update stock: 0 rows; steps[1] insert sent: 1 row)" in said


def test_an_effect_that_changes_nothing_is_not_well(proofs_of):
    """It would be told as done without a row that says so."""
    note = "insert into notes values (:reference, :order_id, :text)"
    nothing = """update notes set said = :text where reference = 'none'"\nexpect_rows = "any"""
    state, said = proofs_of((note, nothing), writes=True)["rehearsal of note"]

    assert "not well" == state
    assert "none of its steps changed a row, and the note would be told as done" in said


def test_a_step_that_leaves_what_is_there_may_change_nothing(small_shop, proofs_of):
    """So may one whose answer a later step asks for."""
    insert = "insert ignore" if small_shop[0] == "mysql" else "insert"
    conflict = "" if small_shop[0] == "mysql" else " on conflict do nothing"
    note = "insert into notes values (:reference, :order_id, :text)"
    more = f'{note}"\n[[note.steps]]\nexpect_rows = "any"\nsql = "{insert} into stock values (11, 3){conflict}'

    assert "well" == proofs_of((note, more), writes=True)["rehearsal of note"][0]


def test_what_the_database_refuses_is_not_well(proofs_of):
    """A constraint that no effect can meet is found before the first claim does; no value of it is repeated."""
    old, new = "insert into notes values (:reference, :order_id, :text)", "insert into other values (1)"
    again = f'{new}"\n[[note.steps]]\nsql = "{new}'
    state, text = proofs_of((old, again), writes=True)["rehearsal of note"]

    assert ("not well", True) == (state, "note.steps[1]: a constraint of the database refuses it" in text), text


def test_a_verb_that_is_not_understood_is_not_tried(proofs_of):
    """What the database cannot prepare is not run; the others are."""
    found = proofs_of(("set free =", "set fee ="), writes=True)

    assert ("not well", "not tried: reship.steps[0].sql cannot be run, see there") == found["rehearsal of reship"]
    assert "well" == found["rehearsal of note"][0]


@pytest.mark.parametrize(
    "small_shop", [pytest.param("mysql", marks=pytest.mark.mariadb)], indirect=True, scope="module"
)
def test_a_table_that_takes_nothing_back_is_refused_first(small_shop, proofs_of, rows_of_all):
    """Where an engine has no transactions, nothing is tried, and what to run is said."""
    changed = ("insert into notes values (:reference, :order_id, :text)", "insert into loose values (:reference)")
    found = proofs_of(changed, writes=True)

    assert ("not well", "not tried: loose can take nothing back") == found["rehearsal of note"]
    assert "loose (MyISAM); run: ALTER TABLE loose ENGINE=InnoDB;" in found["transactions"][1]
    assert [] == rows_of_all(small_shop[1])["loose"]


def test_what_somebody_else_holds_is_waited_for_two_seconds(small_shop, proofs_of):
    """A lock of the shop's own is let be: the rehearsal gives up, and says so."""
    kind, url = small_shop
    proofs_of()
    with sa.create_engine(url, poolclass=sa.NullPool).connect() as other:
        other.exec_driver_sql("begin immediate" if kind == "sqlite" else "select 1 from orders for update")
        found = proofs_of(writes=True, install=False, lock_timeout="1 s")

    state, text = found["rehearsal of note"]
    assert "not well" == state
    assert "locked by somebody else" in text or "somebody else holds a row" in text


def test_a_gateway_is_not_called(proofs_of, tmp_path):
    """Where a function pays, the rows are tried and the function is not; that is said."""
    (tmp_path / "gate_for_proofs.py").write_text(
        "def pay(request):\n    raise SystemExit('called')\n", encoding="utf-8"
    )
    found = proofs_of(('money = "booked"', 'money = "gate_for_proofs:pay"'), writes=True)

    state, text = found["rehearsal of refund"]
    assert "well" == state
    assert text.endswith("steps[1] insert refunds: 1 row; gate_for_proofs:pay was not called, so no money moved")
    assert "gate_for_proofs:pay pays" in found["money of refund"][1]
