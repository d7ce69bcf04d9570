"""What doctor says of words and of the row that a write locks."""


def test_a_word_without_a_meaning_is_named_with_the_nearest(proofs_of):
    """It would leave its orders unread."""
    found = proofs_of(more="[orders.columns.status]\ncolumn = 'number'\nvalues = { a1 = 'new', A3 = 'old' }\n")

    state, said = found["words of orders"]
    assert "not well" == state
    assert "shop.toml: orders.columns.status.values: the shop has words without a meaning: 'A1' (nearest: 'a1')" in said


def test_a_meaning_without_a_word_is_a_remark(proofs_of):
    """It may be misspelt, or of a status that no order has now."""
    found = proofs_of(more="[orders.columns.status]\ncolumn = 'number'\nvalues = { A1 = 'x', A2 = 'y', A22 = 'z' }\n")

    state, said = found["words of orders"]
    assert "look" == state
    assert "no row has these words: 'A22'" in said


def test_words_that_all_have_a_meaning_are_well(proofs_of):
    """And of a mapping without words nothing is said."""
    found = proofs_of(more="[orders.columns.status]\ncolumn = 'number'\nvalues = { A1 = 'x', A2 = 'y' }\n")

    assert "well" == found["words"][0]
    assert "words" not in proofs_of()


def test_the_row_that_a_write_locks_is_looked_for(proofs_of):
    """One of another table would let two writes of one order run side by side."""
    assert "well" == proofs_of()["orders.lock"][0]
    state, said = proofs_of(('lock = "orders.id"', 'lock = "order_lines.id"'))["orders.lock"]
    assert "not well" == state
    assert "shop.toml: orders.lock: order_lines.id has 0 rows with the key of an order; expected one" in said
    said = proofs_of(('lock = "orders.id"', 'lock = "ordres.id"'))["orders.lock"]
    assert ("not well", "shop.toml: orders.lock: there is no table ordres; did you mean orders?") == said
    state, said = proofs_of(('lock = "orders.id"', 'lock = "payers.order_id"'))["orders.lock"]
    assert "look" == state
    assert "payers.order_id has one row with the key of an order, which is orders.id" in said
