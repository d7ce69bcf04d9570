"""The mapping prover looks at real rows, at the order of pages, and at what stands behind it."""

import json

import pytest


def test_rows_that_fit_are_well(proofs_of):
    """Keys are unique, the order of pages is total and indexed, and no value is missing."""
    found = proofs_of()

    assert ("well", "no NULL where a value is needed and no key twice, in 10 rows") == found["rows"]
    assert ("well", "id is orders.id, which the database keeps unique") == found["key of orders"]
    assert ("well", "each time of change has an index in its order") == found["index behind orders"]


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("id, number,", "id, nullif(number, 'A2') as number,", "orders.select", "column number is NULL in 1 of 2 rows"),
        ("select id, number,", "select 1 as id, number,", "orders.select", "id 1 is there more than once"),
        (
            "select order_id, id, title",
            "select 1 as order_id, 11 as id, title",
            "lines.select",
            "order_id, id 1, 11 is",
        ),
        ("paid as captured", "nullif(paid, 900) as captured", "payments.select", "column captured is NULL in 1 of 2"),
    ],
)
def test_values_that_are_missing_or_twice_are_counted(proofs_of, old, new, place, said):
    """A NULL that is needed and a key that is there twice are found in the rows, and no value of a person is told."""
    state, text = proofs_of((old, new))[place]

    assert ("not well", True) == (state, said in text), text


def test_a_default_stands_for_null(proofs_of):
    """What the mapping gives in the place of NULL is no lack."""
    changed = ("id, number,", "id, nullif(number, 'A2') as number,")

    assert "well" == proofs_of(changed, ("[lines]", "columns = { number = { default = '-' } }\n[lines]"))["rows"][0]


def test_an_index_that_is_missing_is_written_out(proofs_of):
    """Where no index is in the order of the change column, the statement that makes one is said."""
    state, text = proofs_of(('lock = "orders.id"', 'lock = "orders.id"\nchanged_at = "created_at"'))[
        "index behind orders"
    ]

    assert ("look", "CREATE INDEX op_orders_placed_at ON orders (placed_at, id);") == (state, text.splitlines()[-1])


def test_each_part_of_the_greatest_time_has_its_index(proofs_of):
    """Of several times those without an index are named, each by itself; a row without a time is counted."""
    parts = (
        "select id as order_id, updated_at as changed_at from orders",
        "select id, placed_at as changed_at from orders",
    )
    parts = (parts[0], parts[1].replace("select id,", "select id as order_id,"))
    nulls = "select id as order_id, case when id = 1 then updated_at end as changed_at from orders"
    greatest = f"changed_at = {{ greatest_of = ['{parts[0]}', '{parts[1]}', '{nulls}'] }}"
    found = proofs_of(("[lines]", f"{greatest}\n[lines]"))

    assert [
        "CREATE INDEX op_orders_placed_at ON orders (placed_at, id);",
        "-- orders.changed_at.greatest_of[2]: changed_at is no plain column; an index on what it is made of may serve",
    ] == found["index behind orders"][1].splitlines()[1:]
    state, text = found["orders.changed_at.greatest_of[2]"]
    assert ("look", True) == (state, "column changed_at is NULL in 1 of 2 rows" in text), text


def test_a_real_order_is_shown_as_it_would_be_exported(adapter_of):
    """The public part says its id and whether its parts make its total; the whole is private."""
    adapter = adapter_of()
    list(adapter.install())
    (proof,) = [proof for proof in adapter.prove(writes=False) if proof.check == "a real order"]

    said = "order 2 as it would be exported: 1 line; its total is its lines less discount, plus shipping and taxes"
    assert ("well", said) == (proof.state, proof.said)
    assert "somebody@example.com" == json.loads(proof.private)["customerEmail"]


def test_a_total_that_its_parts_do_not_make_is_said(proofs_of):
    """A column that is not read shows in the sum."""
    state, text = proofs_of(("cents as total", "cents + 1 as total"))["a real order"]

    assert ("look", True) == (state, "its total is 0.01 USD off" in text), text


@pytest.mark.parametrize("small_shop", ["postgresql"], indirect=True, scope="module")
def test_a_look_that_takes_too_long_does_not_end_the_others(proofs_of):
    """What could not be looked at in time is said, and all else is looked at."""
    slow = (
        "select id as order_id, id, paid",
        "select id as order_id, id, case when pg_sleep(2) is null then 0 end + paid",
    )
    found = proofs_of(slow, statement_timeout="1 s")

    state, text = found["payments.select"]
    assert ("look", True) == (state, "shop.toml: payments.select: the statement took too long" in text), text
    assert "well" == found["isolation"][0]


@pytest.mark.parametrize("small_shop", ["postgresql"], indirect=True, scope="module")
def test_a_statement_that_its_rows_break_does_not_hide_another(proofs_of):
    """Each is named once, and what PostgreSQL says of a transaction that one of them broke is not repeated."""
    found = proofs_of(
        ("cents as unit_price", "cents / (id - 21) as unit_price"), ("paid as captured", "paid / (id - 1) as captured")
    )

    broken = "the database does not take a value; one of its rows breaks it, such as a division by zero"
    for place in ("lines.select", "payments.select"):
        assert ("not well", True) == (found[place][0], f"shop.toml: {place}: {broken}" in found[place][1])
    assert [] == [said for _, said in found.values() if "25P02" in said]


def test_an_order_that_cannot_be_read_does_not_hide_another(proofs_of):
    """Why it cannot be is said, and the newest of the others is shown; effects are tried on those."""
    found = proofs_of(("id, number,", "id, case when id = 2 then 'x' else '0' end as tax, number,"), writes=True)

    state, text = found["a real order"]
    assert "not well" == state
    assert "shop.toml: orders.select: column tax of id 2: found a str" in text
    assert "order 1 as it would be exported" in text
    assert "well" == found["rehearsal of note"][0]
