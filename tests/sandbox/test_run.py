"""The sandbox on a socket, and what outlives it."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest

from op_core.errors import SettingsError
from op_core.sandbox import Sandbox
from op_core.sandbox.answers import Refusal
from op_core.sandbox.local import LocalOrderProtection
from op_core.sandbox.run import _opened


def test_nothing_is_left(send, order):
    """After the block no thread runs and nobody listens."""
    before = set(threading.enumerate())
    with Sandbox(backoff=(60,)) as sandbox:
        send(sandbox.url, "PUT", "/sandbox/webhooks", {"url": "http://127.0.0.1:9", "secret": "x"})
        body = order()
        send(sandbox.url, "POST", "/v1/orders", body)
        send(sandbox.url, "POST", "/sandbox/claims", {"source_order_id": body["sourceOrderId"]})
        url = sandbox.url
    assert [] == [one for one in threading.enumerate() if one not in before and one.is_alive()]
    with pytest.raises(ConnectionRefusedError):
        send(url, "GET", "/")


def test_file_outlives_the_process(send, order, tmp_path):
    """With a file, orders, claims, targets and waiting deliveries are there after a restart; switches are not."""
    db, body = tmp_path / "sandbox.db", order(total=Decimal("95.400"))
    with Sandbox(db=db, backoff=(60,)) as sandbox:
        send(sandbox.url, "PUT", "/sandbox/behaviour", {"dialect": "slash"})
        send(sandbox.url, "PUT", "/sandbox/webhooks", {"url": "http://127.0.0.1:9", "secret": "x"})
        send(sandbox.url, "POST", "/v1/orders", body)
        filed = send(sandbox.url, "POST", "/sandbox/claims", {"source_order_id": body["sourceOrderId"]}).json
    with Sandbox(db=db, backoff=(0,)) as sandbox:
        assert sandbox.settle()
        [delivery] = send(sandbox.url, "GET", "/sandbox/deliveries").json["deliveries"]
        assert ("failed", filed["event_id"]) == (delivery["state"], delivery["event_id"])
        path = f"/v1/orders/{body['sourceOrderId']}"
        assert "95.400" == str(send(sandbox.url, "GET", path).json["total"])
        assert [filed["claim_id"]] == [claim["id"] for claim in send(sandbox.url, "GET", f"{path}/claims").json]
        assert send(sandbox.url, "POST", "/v1/orders", body).status == 409
        assert "reference" == send(sandbox.url, "GET", "/sandbox/behaviour").json["dialect"]


def test_memory_is_forgotten(send, order):
    """Without a file a new sandbox knows nothing."""
    with Sandbox() as sandbox:
        send(sandbox.url, "POST", "/v1/orders", order())
    with Sandbox() as sandbox:
        assert send(sandbox.url, "GET", "/v1/orders").json["totalCount"] == 0


def test_many_at_once(send, order, sandbox):
    """Of many equal orders at once exactly one is taken, and different ones are all taken, from any thread."""
    same = order()
    with ThreadPoolExecutor(8) as pool:
        over_http = pool.map(lambda body: send(sandbox.url, "POST", "/v1/orders", body).status, [same] * 8)
        directly = [
            pool.submit(sandbox.local.orders.create, order(sourceOrderId=f"T{number % 4}")) for number in range(8)
        ]
    assert [201] + [409] * 7 == sorted(over_http)
    assert 4 == sum(isinstance(future.exception(), Refusal) for future in directly)


def test_port_taken():
    """A port that is taken is named, with what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SettingsError, match="port, or 0"):
        Sandbox(port=taken.getsockname()[1]).__enter__()


@pytest.mark.parametrize("content", [None, b"this is no database, whatever its name says"])
def test_file_that_cannot_be_used(tmp_path, content):
    """A file that cannot be opened, or is no database, is named."""
    db = tmp_path / ("none/x.db" if content is None else "x.db")
    if content is not None:
        db.write_bytes(content)
    with pytest.raises(SettingsError, match=r"x\.db"):
        Sandbox(db=db).__enter__()


def test_serve_in_the_foreground(send):
    """``serve`` says where it listens, serves, and ends well when it is interrupted."""
    code = "from op_core.sandbox import serve; serve(port=0, ready=lambda url: print(url, flush=True))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        url = process.stdout.readline().decode().strip()
        assert send(url, "GET", "/v1/orders").status == 200
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert 0 == process.returncode


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_extra_is_missing(missing):
    """Without the extra, the error says what to install."""
    code = f"import sys; sys.modules[{missing!r}] = None; import op_core.sandbox"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "SettingsError: the sandbox needs" in done.stderr
    assert 'install op-core with its extra "server"' in done.stderr


def test_answers_do_not_wait():
    """Connections are answered at once, not after 40 ms for an acknowledgement."""
    listener, local = _opened("127.0.0.1", 0, LocalOrderProtection())
    with listener, socket.create_connection(listener.getsockname()):
        accepted, _ = listener.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    local.close()
