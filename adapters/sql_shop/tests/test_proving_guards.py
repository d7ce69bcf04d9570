"""What doctor says of guards: of those that are missing, and of those that compare an amount as text."""

import pytest

GUARD = " and paid - refunded >= :amount"
SQLITE = pytest.mark.parametrize("small_shop", ["sqlite"], indirect=True, scope="module")
DECIMALS = ('money = "minor_units"', 'money = "decimal"')


def test_a_refund_without_a_guard_is_a_remark(proofs_of):
    """Nothing but a constraint would keep it from giving back more than is left; with a guard nothing is said."""
    assert "guard of refund" not in proofs_of()
    state, said = proofs_of((GUARD, ""))["guard of refund"]
    assert "look" == state
    assert "shop.toml: refund.steps: none of them compares :amount with what is left" in said
    assert "captured - refunded >= :amount, and expect_rows = 1" in said


@pytest.mark.parametrize(
    "guard",
    [
        " and paid >= refunded + :amount",
        " and :amount between 1 and paid - refunded",
        '"\n[[refund.steps]]\nsql = "select id as checked_id from orders where id = :payment_id and refunded <= paid',
    ],
)
def test_guards_have_many_forms(proofs_of, guard):
    """What is compared before the change, or after it, is compared."""
    assert "guard of refund" not in proofs_of((GUARD, guard))


@pytest.mark.parametrize(
    "guard",
    [" and :amount > 0", " and id >= :order_id", '"\nexpect_rows = "any"\n[[refund.steps]]\nsql = "select 1 as one'],
)
def test_not_each_comparison_is_a_guard(proofs_of, guard):
    """One with a number, or with something else than the amount, leaves the amount free."""
    changes = [(GUARD, guard)] if "any" not in guard else [(GUARD, f"{GUARD}{guard}")]

    assert "look" == proofs_of(*changes)["guard of refund"][0]


@SQLITE
def test_what_to_write_compares_right_in_sqlite(proofs_of):
    """A guard that is copied out of the remark is not the next error."""
    said = proofs_of(DECIMALS, (GUARD, ""))["guard of refund"][1]

    assert "such as round(captured - refunded, 2) >= cast(:amount as decimal(12, 2)), and expect_rows = 1" in said


@SQLITE
@pytest.mark.parametrize(
    ("guard", "wrong"),
    [
        (GUARD, "write cast(:amount as decimal(12, 2)), and round(…, 2) around the other side"),
        (" and :amount between refunded and paid", ""),
        (" and :amount > 0", "write cast(:amount as decimal(12, 2))"),
        (" and :amount <= (paid)", ""),
        (" and coalesce(paid, 0) >= :amount", "write cast(:amount as decimal(12, 2))"),
        (" and round(paid - refunded, 2) >= cast(:amount as decimal(12, 2))", ""),
        (" and paid >= refunded + :amount", ""),
    ],
)
def test_an_amount_that_sqlite_compares_as_text_is_wrong(proofs_of, guard, wrong):
    """SQLite makes a number of it beside a column of numbers, a cast, or a sum, and nowhere else."""
    found = proofs_of(DECIMALS, (GUARD, guard))

    state, said = found.get("refund.steps[0].sql", ("well", ""))
    assert ("not well" if wrong else "well", True) == (state, wrong in said), said
    assert "refund.steps[0].sql" not in proofs_of((GUARD, guard))  # cents are bound as numbers
