"""The processes of op-core that are killed: `op-core serve`, a second runner beside it, and a web app of the shop's."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import attrs

__all__ = ["Process", "commands", "said"]

_RUNNER = "import op_core; core = op_core.load('op.toml'); print('works'); core.runner.serve()"
_WEB = "import op_core, uvicorn; uvicorn.run(op_core.load('op.toml').asgi, port={port}, lifespan='off')"
_ENVIRON = {name: value for name, value in os.environ.items() if name not in ("OP_CRASH_POINT", "OP_CONFIG")}
_ENVIRON["PYTHONUNBUFFERED"] = "1"  # what a process says is in its log at once
_START = 60  # seconds which a process may take to start


def commands(port: int) -> dict[str, list[str]]:
    """
    Return each process by its name.

    ``serve`` receives, acts, reports and exports; ``runner`` acts and reports; ``web`` receives, on the port of serve.
    """
    serve = ["-m", "op_core", "serve", "--port", str(port), "--export-every", "2", "--products-every", "0"]
    own = {"serve": serve, "runner": ["-c", _RUNNER], "web": ["-c", _WEB.format(port=port)]}
    return {name: [sys.executable, *command] for name, command in own.items()}


@attrs.define(eq=False)
class Process:
    """
    One process that is started again and again.

    Attributes:
        name: Of its log as well.
        kills: How often SIGKILL ended it.
        ended: How often it ended by itself in another way, which it should not.
    """

    name: str
    command: list[str]
    folder: Path
    kills: int = 0
    ended: int = 0
    _running: subprocess.Popen[bytes] | None = None
    _unsaid: int = 0  # size of its log when it was started

    def start(self, point: str | None = None) -> None:
        """Start it, to die at a crash point or to work on."""
        environ = _ENVIRON | ({"OP_CRASH_POINT": point} if point else {})
        with self._log.open("ab") as log:
            self._unsaid = log.tell()
            self._running = subprocess.Popen(self.command, cwd=self.folder, env=environ, stdout=log, stderr=log)

    def work(self) -> None:
        """Wait until it works, which is when it first says something, or has ended."""
        until = time.monotonic() + _START
        while self.runs and self._log.stat().st_size == self._unsaid and time.monotonic() < until:
            time.sleep(0.05)

    @property
    def runs(self) -> bool:
        """Whether it was started, and has not ended yet."""
        return self._running is not None and self._running.poll() is None

    @property
    def _log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def died(self, seconds: float) -> bool:
        """Wait until it has killed itself at its crash point; False where it does not come to it."""
        assert self._running is not None
        try:
            self._running.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return self._buried()

    def kill(self) -> None:
        """Kill it wherever it is, and wait until it is gone."""
        if self._running is not None:
            self._running.kill()
            self._running.wait()
            self._buried()

    def keep(self) -> None:
        """Start it where it does not run; what ended by itself is counted."""
        if self._running is None:
            self.start()
        elif self._running.poll() is not None:
            self.ended += 1
            self.start()

    def _buried(self) -> bool:
        assert self._running is not None
        killed = self._running.returncode == -signal.SIGKILL
        self.kills += killed
        self.ended += not killed
        self._running = None
        return killed


def said(folder: Path, *arguments: str, well: tuple[int, ...] = (0,)) -> Any:
    """
    Run a verb of `op-core`, and return its JSON.

    Raises:
        SystemExit: It ended in another way than *well*; with the end of what it said.
    """
    command = [sys.executable, "-m", "op_core", *arguments]
    ended = subprocess.run(command, cwd=folder, env=_ENVIRON, capture_output=True, check=False)
    if ended.returncode not in well:
        raise SystemExit(f"{' '.join(arguments)}: {ended.returncode} {ended.stderr.decode()[-1000:]}")
    return json.loads(ended.stdout) if "--json" in arguments else ended.stdout.decode()
