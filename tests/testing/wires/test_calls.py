"""The wire of calls: what the shop's objects do of a broken call, and what the adapter gets."""

import asyncio

import pytest

from op_core.testing.wires import CallWire


class Shop:
    """It counts what it does."""

    name = "a shop"

    def __init__(self):
        self.done = 0

    def refund(self, amount):
        """Do it."""
        self.done += 1
        return f"refunded {amount}"

    async def refund_later(self, amount):
        """Do it once it is awaited."""
        return self.refund(amount)


def plain(shop):
    return shop.refund("5.00")


def awaited(shop):
    async def ask():
        return await shop.refund_later("5.00")

    return asyncio.run(ask())


@pytest.mark.parametrize("ask", [plain, awaited])
@pytest.mark.parametrize(
    ("kind", "done", "heard"),
    [
        ("raise before", 1, ConnectionError),
        ("raise after", 2, ConnectionError),
        ("stall", 2, TimeoutError),
        ("None", 2, None),
        ("wrong type", 2, {"unexpected": 1}),
    ],
)
def test_each_kind_says_whether_the_shop_acted_and_what_is_heard(ask, kind, done, heard):
    """The second call goes wrong; those before and after it pass."""
    shop, wire = Shop(), CallWire()
    far = wire.far(shop)
    wire.cut(2, kind)
    assert "refunded 5.00" == ask(far)
    if isinstance(heard, type):
        with pytest.raises(heard):
            ask(far)
    else:
        assert heard == ask(far)
    assert done == shop.done
    assert "refunded 5.00" == ask(far)


@pytest.mark.parametrize("ask", [plain, awaited])
def test_what_is_late_reaches_the_shop_after_the_next_call(ask):
    """Its caller was told that no answer came, has looked once, and found nothing yet."""
    shop, wire = Shop(), CallWire()
    far = wire.far(shop)
    wire.cut(1, "late")
    with pytest.raises(TimeoutError):
        ask(far)
    assert 0 == shop.done
    ask(far)
    assert 1 == shop.done
    ask(far)
    assert 3 == shop.done


def test_what_is_no_method_is_the_shops_own():
    """Only calls pass the wire."""
    wire = CallWire()
    assert "a shop" == wire.far(Shop()).name
    assert 0 == wire.passed


def test_a_cut_that_could_never_happen_is_refused():
    """A kind that is misspelt would let every test pass."""
    with pytest.raises(ValueError, match="call 1, 'drop afer': calls count from 1, and can go wrong as raise before"):
        CallWire().cut(1, "drop afer")
    with pytest.raises(ValueError, match="call 0"):
        CallWire().cut(0, "stall")


def test_a_wire_that_is_mended_passes_everything():
    """And it counts anew."""
    shop, wire = Shop(), CallWire()
    wire.cut(1, "raise before")
    wire.mend()
    assert "refunded 5.00" == wire.far(shop).refund("5.00")
    assert 1 == wire.passed
