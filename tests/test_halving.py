"""One thing that cannot be read stops only itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.errors import ContractBroken
from op_core.halving import readable


class Reader:
    """Reads numbers; those below 0 cannot be."""

    def __init__(self):
        self.calls = 0

    def __call__(self, numbers):
        self.calls += 1
        if bad := [number for number in numbers if number < 0]:
            raise ContractBroken(f"number {bad[0]}")
        return list(numbers)


@given(st.lists(st.integers(), max_size=60))
def test_what_can_be_read_is_read_in_its_order(numbers):
    """And each of the others comes with its own reason, unless more than ten are all of them."""
    well, wrong = [n for n in numbers if n >= 0], [n for n in numbers if n < 0]
    if not well and len(numbers) > 10:
        with pytest.raises(ContractBroken, match=f"number {numbers[0]}$"):
            readable(numbers, Reader())
        return

    found, faults = readable(numbers, Reader())

    assert well == [number for part in found for number in part]
    assert [(number, f"number {number}") for number in wrong] == [(number, str(error)) for number, error in faults]


def test_a_page_that_can_be_read_costs_one_call():
    """And one bad order among a hundred costs some fifteen."""
    reader = Reader()
    readable(range(100), reader)
    assert 1 == reader.calls

    reader = Reader()
    readable([*range(50), -1, *range(50)], reader)
    assert 15 >= reader.calls
