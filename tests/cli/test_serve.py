"""``op-core serve``, as a process of its own."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

ACTING = """
[stores.main.limits]
hold_above = { USD = "250.00" }
"""


@contextmanager
def serving(home, *arguments):
    """Run it on a free port; yield the process and its URL."""
    command = [sys.executable, "-m", "op_core", "serve", "--port", "0", *arguments]
    with subprocess.Popen(
        command, cwd=home.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("listening on ")
            yield process, line.removeprefix("listening on ").strip()
        finally:
            process.kill()


def wait_for(condition):
    """Look until it is so, for at most ten seconds."""
    until = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < until
    return True


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_webhook_is_answered_and_acted_upon(cli, home, claim, how):
    """It stores what is posted, works on it, and stops within seconds when it is told to."""
    home.settings(ACTING)
    with serving(home, "--export-every", "0") as (process, url):
        answer = cli("webhook", "send", claim.decide(), "--url", f"{url}/webhooks/main")

        assert "200 stored\n" == answer.out
        assert wait_for(lambda: list(home.shop.effects()))
        process.send_signal(how)
        _, err = process.communicate(timeout=10)
        assert 0 == process.returncode
    assert "stopped" in err
    assert home.secret not in err


def test_a_shop_that_is_away_is_said_once_and_taken_up_by_itself(home):
    """The export does not wait for its usual pause once the shop is back."""
    (home.folder / "comes.py").write_text(
        "from pathlib import Path\nfrom op_core.demo.shop import DemoShop\nfrom op_core.errors import ShopAway\n"
        "class Shop(DemoShop):\n    def changed_orders(self, *asked):\n"
        "        if Path('away').exists(): raise ShopAway('the database is locked')\n"
        "        return super().changed_orders(*asked)\n"
    )
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", "comes:Shop"))
    (home.folder / "away").touch()
    with serving(home, "--export-every", "300", "--products-every", "0") as (process, _):
        assert "webhooks of store main" in process.stderr.readline()
        assert "store main is parked: the database is locked\n" == process.stderr.readline()
        (home.folder / "away").unlink()
        assert wait_for(lambda: len(home.sandbox.local.store.all("order")) == 6)
        assert any(line == "store main works again\n" for line in process.stderr)
        process.send_signal(signal.SIGTERM)
        assert "parked" not in process.communicate(timeout=10)[1]


def test_changed_orders_are_exported_from_time_to_time(home):
    """The first export comes at once."""
    with serving(home) as (process, _):
        assert wait_for(lambda: len(home.sandbox.local.store.all("order")) == 6)
        process.send_signal(signal.SIGTERM)
        assert 0 == process.wait(10)


def test_products_are_exported_from_time_to_time(home):
    """Beside the orders, the first time at once, and not where it is switched off."""
    with serving(home, "--export-every", "0") as (process, _):
        assert wait_for(lambda: len(home.sandbox.local.store.all("product")) == 11)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
    assert (0, 0) == (process.returncode, len(home.sandbox.local.store.all("order")))
    assert "11 products made known, 0 updated, 0 gone" in err


@pytest.mark.parametrize(("every", "made"), [("6 h", True), ("0 s", False)])
def test_claims_are_read_back_from_time_to_time(cli, home, claim, every, made):
    """The first time at once, and not where it is switched off."""
    claim.decide()
    home.settings(f"[stores.main.sweep]\nevery = '{every}'\ngrace = '0 s'")
    with home.loaded() as core:
        sweeper = core.work("main").sweeper
        with serving(home, "--export-every", "0", "--products-every", "0") as (process, _):
            if made:
                assert wait_for(lambda: sweeper.last() is not None)
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=10)

        assert made == (sweeper.last() is not None)
    assert made == ("claims of 6 orders read back, 1 never delivered, 0 told differently" in err)


def test_a_shop_without_products_is_passed_over(home):
    """Orders go, and nothing is said of products."""
    (home.folder / "bare.py").write_text(
        "from op_core.demo.shop import DemoShop\n"
        "from op_core.stubs import Backend\n"
        "class Shop(DemoShop):\n"
        "    products = Backend.products\n"
    )
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", "bare:Shop"))
    with serving(home) as (process, _):
        assert wait_for(lambda: len(home.sandbox.local.store.all("order")) == 6)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
    assert "product" not in err


def test_a_parked_store_is_said_at_start_and_still_receives(cli, home):
    """Its webhooks are kept until it is mended."""
    body = home.body("empty", "{}")
    broken = home.config.read_text().replace('adapter = "custom_store"', 'adapter = "custom_stor"')
    mended = home.config.read_text()
    home.config.write_text(broken)
    with serving(home) as (process, url):
        home.config.write_text(mended)
        answer = cli("webhook", "send", body, "--url", f"{url}/webhooks/main")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)

    assert "200 stored\n" == answer.out
    assert "store main is parked" in err
    assert "'custom_store'" in err


def test_a_store_whose_secret_cannot_be_read_says_so(home):
    """Its webhooks are not stored, and the line says what to mend."""
    unset = home.config.read_text().replace(f'["{home.secret}"]', '[{ env = "NOT_SET_ANYWHERE" }]')
    home.config.write_text(unset)
    with serving(home) as (process, _):
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)

    assert 1 == err.count("store main is parked")
    assert "NOT_SET_ANYWHERE is not set. Its webhooks are answered with 503 until that is mended" in err
    assert "webhooks of store main: http" not in err


def test_a_shop_that_hangs_does_not_keep_it_from_stopping(home):
    """It says that something still runs, and ends well."""
    (home.folder / "hanging.py").write_text(
        "import threading\n"
        "from op_core.demo.shop import DemoShop\n"
        "class Shop(DemoShop):\n"
        "    def changed_orders(self, since, cursor, limit):\n"
        "        (self.directory / 'asked').touch()\n"
        "        threading.Event().wait(60)\n"
    )
    home.config.write_text(home.config.read_text().replace("op_core.demo.shop:DemoShop", "hanging:Shop"))
    with serving(home) as (process, _):
        assert wait_for((home.folder / "asked").exists)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
        assert 0 == process.returncode
    assert "still runs" in err


def test_a_port_that_is_taken_is_said(cli, home):
    """It is wrong use, in one line."""
    port = home.sandbox.url.rpartition(":")[2]
    ended = cli("serve", "--port", port)

    assert (2, "") == (ended.code, ended.out)
    assert f"cannot listen on 127.0.0.1, port {port}" in ended.err
