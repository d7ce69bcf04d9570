"""What the commands say of a store whose shop is away, and with which exit code."""

import logging
from datetime import UTC, datetime, timedelta

import pytest

from op_core import load

AWAY = "the user shop may only read"
SHOP = f"""
from pathlib import Path
from op_core.demo.shop import DemoShop
from op_core.errors import ShopAway

class Shop(DemoShop):
    def order(self, order_id):
        if Path("away").exists():
            raise ShopAway("{AWAY}")
        return super().order(order_id)

    def changed_orders(self, since, cursor, limit):
        if Path("away").exists():
            raise ShopAway("{AWAY}")
        return super().changed_orders(since, cursor, limit)
"""


@pytest.fixture
def away(home):
    """Give a function that makes the shop away, or (False) brings it back."""
    name = f"away_{home.folder.name}"
    (home.folder / f"{name}.py").write_text(SHOP)

    def write(*, is_away=True):
        text = home.config.read_text().replace("op_core.demo.shop:DemoShop", f"{name}:Shop")
        home.config.write_text(text)
        mark = home.folder / "away"
        if is_away:
            mark.touch()
        else:
            mark.unlink()

    return write


def test_a_run_says_it_and_the_next_one_goes_on(cli, home, claim, away):
    """Which store, why, and how many webhooks wait, once; nothing is lost."""
    cli("webhook", "send", claim.decide())
    away()
    ended = cli("run", "--json")

    assert (1, {"main": {"reason": AWAY, "waiting": 1}}) == (ended.code, ended.json["parked"])
    line = f"store main is parked: {AWAY}. Its webhooks are stored, and wait until that is mended; 1 waits now"
    assert [line] == [one for one in ended.err.splitlines() if "parked" in one]
    away(is_away=False)
    with load(home.config, clock=lambda: datetime.now(UTC) + timedelta(minutes=1)) as core:
        after = core.run_once()
    assert ({}, 1) == (after.parked, after.counts["delivery planned"])


@pytest.mark.parametrize(
    "command", [("orders", "export", "main"), ("orders", "export", "main", "--order", "order-1001")], ids=len
)
def test_an_export_says_it(cli, home, away, command):
    """In the adapter's words, and ends with 1."""
    away()
    ended = cli(*command)

    assert (1, True) == (ended.code, AWAY in ended.out + ended.err)


def test_doctor_says_it(cli, home, away):
    """The shop is not well, and the rest is looked at all the same."""
    away()
    ended = cli("doctor", "main", "--json")
    said = {one["check"]: (one["state"], one["said"]) for one in ended.json["checks"]}

    assert (1, ("not well", f"cannot be read: {AWAY}")) == (ended.code, said["shop"])
    assert "Order Protection" in said


def test_the_log_of_a_runner_has_both_lines(home, away, caplog):
    """Once each."""
    caplog.set_level(logging.INFO, "op_core")
    away()
    with home.loaded() as core:
        core.order_changed("main", "order-1001")
        core.run_once()
        core.runner.stores["main"].desk.shop.absence.clock = lambda: float("inf")
        away(is_away=False)
        core.run_once()

    assert [f"store main is parked: {AWAY}", "store main works again"] == [
        line for line in caplog.messages if "parked" in line or "works" in line
    ]
