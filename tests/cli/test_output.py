"""What is printed."""

import io
import json
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from op_core.cli import output


def test_json_has_utc_times_and_amounts_as_text(capsys):
    """Programs get no floats and no local times."""
    at = datetime(2025, 1, 31, 12, tzinfo=timezone(timedelta(hours=2)))
    output.as_json({"at": at, "amount": Decimal("12.50")})

    assert {"at": "2025-01-31T10:00:00Z", "amount": "12.50"} == json.loads(capsys.readouterr().out)


def test_an_unknown_kind_is_a_defect():
    """Nothing is printed by its repr, which might show what is private."""
    with pytest.raises(TypeError):
        output.as_json({"at": object()})


def test_what_steers_a_terminal_is_taken_out(capsys):
    """Text from outside can neither colour, move nor hide what is shown."""
    output.say("a\x1b[31mred\x9b2J")
    output.note("one\nline\x07")
    output.table(["column"], [["\x1b]0;title\x07[bold]text"]])
    printed = capsys.readouterr()

    assert "a\ufffd[31mred\ufffd2J" in printed.out
    assert "one line\ufffd\n" == printed.err
    assert "[bold]text" in printed.out
    assert "\x1b" not in printed.out


def test_what_is_piped_is_not_cut(capsys):
    """A long cell stays whole where no terminal has a width."""
    output.table(["column"], [["x" * 500]])

    assert "x" * 500 in capsys.readouterr().out


class Terminal(io.StringIO):
    """What somebody watches."""

    def isatty(self):
        return True


def test_nothing_is_left_out_on_a_narrow_terminal(monkeypatch):
    """What is too long goes on in the next line; short words and numbers stay in one piece."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setattr(sys, "stdout", Terminal())
    narrow = sys.stdout
    row = ["1", "main", "refund_protection", "12.00 USD", "order-1001", "claim_179661a2abc32b3b", "so many words " * 9]
    output.table(["id", "store", "verb", "amount", "order", "claim", "why"], [row])
    lines = narrow.getvalue().splitlines()

    assert "…" not in narrow.getvalue()
    assert "refund_protection" in lines[1]
    start = lines[0].index("claim")
    assert row[5] == "".join(line[start:].split("  ")[0].strip() for line in lines[1:])
    assert 9 == narrow.getvalue().count("many")
    assert 80 >= max(map(len, lines))


def test_what_is_piped_is_no_wider_than_needed(capsys):
    """No cell is filled up behind the last one."""
    output.table(["a", "b"], [["1", "x" * 50], ["2", "y"]])

    assert ["a  b", "1  " + "x" * 50, "2  y"] == capsys.readouterr().out.splitlines()


def test_an_amount_is_said_as_money_says_it():
    """With all digits of its currency; what is no amount is shown as it came."""
    assert ["10.500 BHD", "12.00 USD", "1.005 USD", None, "7"] == [
        output.amount("10.5", "BHD"),
        output.amount(Decimal(12), "USD"),
        output.amount("1.005", "USD"),
        output.amount(None, "USD"),
        output.amount("7", None),
    ]
    assert "many dollars" == output.amount("many", "dollars")


def test_values_are_said_as_people_read_them():
    """None is a dash, times are UTC, yes and no are words."""
    at = datetime(2025, 1, 31, 9, 5, tzinfo=UTC)

    assert ["-", "-", "yes", "no", "2025-01-31 09:05:00 UTC", "3"] == [
        output.told(value) for value in (None, "", True, False, at, 3)
    ]


def test_numbers_of_a_body_stay_numbers():
    """A body is shown as it came: an amount as a number, text as text."""
    assert '{\n  "a": 12.50,\n  "b": "12.50",\n  "c": "\\\\u0000"\n}' == output.pretty(
        {"a": Decimal("12.50"), "b": "12.50", "c": "\\u0000"}
    )


def test_the_bar_is_on_stderr_of_a_terminal_alone(capsys, monkeypatch):
    """Nothing of it is on stdout, and nothing at all where nobody watches."""
    with output.bar("work") as step:
        step("work", 1, 2)
    unseen = capsys.readouterr()
    monkeypatch.setattr(sys, "stderr", Terminal())
    with output.bar("work") as step:
        step("counting", 1, 2)
    seen = sys.stderr.getvalue()

    assert ("", "") == (unseen.out, unseen.err)
    assert "counting" in seen
    assert "" == capsys.readouterr().out
