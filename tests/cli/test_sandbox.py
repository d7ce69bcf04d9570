"""``op-core sandbox``."""

import signal
import subprocess
import sys

from op_core.http import Session
from op_core.order_protection.messages import Request


def test_it_answers_until_it_is_stopped(tmp_path):
    """It says where it listens, takes its one token, keeps its file, and ends well on SIGTERM."""
    command = [sys.executable, "-m", "op_core", "sandbox", "--port", "0", "--token", "t-0000", "--db", "sandbox.db"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as run:
        url = run.stdout.readline().removeprefix("listening on ").strip()
        session = Session(url, "t-0000")
        status = session.send(Request(method="GET", path="/v1/orders")).status
        session.close()
        run.send_signal(signal.SIGTERM)

        assert 0 == run.wait(10)
    assert 200 == status
    assert (tmp_path / "sandbox.db").exists()


def test_without_the_extra_it_says_what_to_install():
    """No traceback, but the extra, and no advice to ask an index; so does `serve`."""
    for verb in ("sandbox", "serve", "demo"):
        code = f"import sys; sys.modules['uvicorn'] = None; from op_core.cli import main; main(['{verb}'])"
        ended = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)

        assert 2 == ended.returncode
        assert 'extra "server"' in ended.stderr
        assert "pip install" not in ended.stderr
        assert 1 == ended.stderr.count("\n")
