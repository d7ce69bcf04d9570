"""What MariaDB's refusals mean, in the words of its driver."""

import pytest
from op_sql_shop.faults import meaning
from pymysql import err
from sqlalchemy.exc import DBAPIError

from op_core.errors import NotSent, Refused, ShopAway


@pytest.mark.parametrize(
    ("code", "sqlstate", "kind", "words"),
    [
        (1205, "HY000", NotSent, "somebody else holds a row"),
        (1213, "40001", NotSent, "somebody else holds a row"),
        (1142, "42000", ShopAway, "may not do that"),
        (1146, "42S02", ShopAway, "not there"),
        (1062, "23000", Refused, "a constraint"),
        (2013, None, ShopAway, "does not answer"),
    ],
)
def test_the_number_counts_and_not_the_state(code, sqlstate, kind, words):
    """A state such as 42000 stands for many numbers: no rights, no such function, no SQL."""
    orig = err.OperationalError(code, "said by the server")
    orig.sqlstate = sqlstate  # newer drivers tell it

    told = meaning(DBAPIError("select 1", {}, orig), "shop.toml: note.steps[0]")

    assert kind is type(told)
    assert words in str(told)


def test_a_syntax_error_quotes_no_value():
    """The driver writes values into the statement, and the server answers with a piece of it."""
    said = "You have an error in your SQL syntax; check the right syntax to use near ''ada@shop.example')' at line 1"

    told = str(meaning(DBAPIError("select 1", {}, err.ProgrammingError(1064, said)), "shop.toml: note.steps[0]"))

    assert "does not understand the statement" in told
    assert "ada" not in told
