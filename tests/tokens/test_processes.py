"""One refresh for all threads of all processes, and a killed one keeps nobody for long: real ones, over loopback."""

import json
import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from op_core.ledger import Ledger

THREADS = 6
CHILD = """
import sys, threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from op_core.ledger import Ledger
from op_core.order_protection.client import Client
from op_core.testing.scene import settings_of
from op_core.tokens import AppToken
from op_core.tokens.asking import MANNERS

url, database, lease, threads, stale = sys.argv[1:]
oauth = {"client_id": "op_app_1", "client_secret": "op_secret_not_a_real_one", "grant": "authorization_code",
         "refresh_token": "op_rt_not_real_0"}
ledger = Ledger.open(database)
store = settings_of(api_token=None, api_url=url, oauth=oauth)
with Client(url, manners=MANNERS) as endpoint:
    token = AppToken(store, ledger, endpoint, lease=timedelta(seconds=float(lease)))
    together = threading.Barrier(int(threads))
    print("ready", flush=True)
    sys.stdin.readline()

    def ask(_):
        together.wait()
        return token.renewed(stale) if stale else token.token()

    with ThreadPoolExecutor(int(threads)) as pool:
        print(" ".join(pool.map(ask, range(int(threads)))), flush=True)
ledger.close()
"""


@pytest.fixture
def issuer():
    """Run an issuer whose refresh tokens are good for once; give its address and what was asked."""
    asked, lock = [], threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            said = json.loads(self.rfile.read(int(self.headers["content-length"])))
            with lock:
                good = said["refresh_token"] == f"op_rt_not_real_{len(asked)}"
                asked.append(said["refresh_token"])
                n = len(asked)
            answer = {"access_token": f"op_at_not_real_{n}", "token_type": "Bearer", "expires_in": 3600,
                      "refresh_token": f"op_rt_not_real_{n}", "scope": "read_orders"}  # fmt: skip
            body = json.dumps(answer if good else {"error": "invalid_grant"}).encode()
            self.send_response(200 if good else 400)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


def started(url, database, lease=60, stale="", crash=None):
    """Start a process and return it when it is ready to ask."""
    environment = {name: value for name, value in os.environ.items() if name != "OP_CRASH_POINT"}
    if crash:
        environment["OP_CRASH_POINT"] = crash
    arguments = [sys.executable, "-c", CHILD, url, database, str(lease), str(THREADS), stale]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    process = subprocess.Popen(arguments, env=environment, **pipes)
    assert "ready" == process.stdout.readline().strip()
    return process


def asked_of(processes):
    """Let all ask at the same moment, and return the tokens of all threads."""
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [token for process in processes for token in process.communicate(timeout=60)[0].split()]


def test_three_processes_of_six_threads_refresh_once(sqlite_url, issuer):
    """Eighteen threads get the first token by one call, and the second, after a 401, by one more."""
    url, asked = issuer
    Ledger.open(sqlite_url).close()

    first = asked_of([started(url, sqlite_url) for _ in range(3)])
    assert (["op_at_not_real_1"] * 3 * THREADS, 1) == (first, len(asked))
    ledger = Ledger.open(sqlite_url)  # a token of a minute's age is not refused for its age
    ledger.write(lambda connection: connection.exec_driver_sql("UPDATE tokens SET changed_at = '2025-01-01 00:00:00'"))
    ledger.close()

    second = asked_of([started(url, sqlite_url, stale="op_at_not_real_1") for _ in range(3)])
    assert (["op_at_not_real_2"] * 3 * THREADS, 2) == (second, len(asked))


@pytest.mark.parametrize(("crash", "calls"), [("token:before", 1), ("token:after", 2)])
def test_a_killed_process_keeps_nobody(sqlite_url, issuer, crash, calls):
    """Whoever holds the lease is killed by SIGKILL: another one refreshes when the lease has ended, and once."""
    url, asked = issuer
    Ledger.open(sqlite_url).close()
    killed = started(url, sqlite_url, lease=2, crash=crash)
    asked_of([killed])
    assert -signal.SIGKILL == killed.returncode
    before = len(asked)
    assert calls - 1 == before

    survivors = [started(url, sqlite_url) for _ in range(2)]
    tokens = asked_of(survivors)
    if before == 0:
        assert (["op_at_not_real_1"] * 2 * THREADS, [0, 0]) == (tokens, [one.returncode for one in survivors])
    else:  # its answer died with it, and the refresh token was good for once: only a person can mend that
        assert [1, 1] == [one.returncode for one in survivors]
    assert calls == len(asked)
