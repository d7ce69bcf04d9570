"""
The whole of op-core with a running Medusa: claims decided by a local Order Protection, each delivered twice.

`op-core serve` receives and acts. It is killed at each call of the manifest, before and after, and started again; the
effects are counted in Medusa itself.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from op_core.models import Line, Order
from op_core.sandbox import Sandbox

__all__ = ["decided"]

_TOKEN, _SECRET = "not-a-real-token", "not-a-real-secret-0000"
# A call that a killed process has sent goes on in Medusa: what is not found meanwhile must not count as not there.
_TIMING = """
[stores.main.timing]
deadline = "10 s"
lease = "11 s"
quiet_period = "20 s"
"""
_PATIENCE = 600  # seconds for all to be done


def decided(example: Path, folder: Path, orders: Sequence[Order], points: Sequence[str], number: int) -> dict[str, Any]:
    """
    Let *number* claims be decided, half of them refunds, and return what became of them.

    Args:
        example: The folder with op.toml and the manifest; a copy of it is run.
        folder: An empty one.
        orders: Those that are claimed for.
        points: The crash points at which the process is killed, one after the other.
    """
    core = shutil.copytree(example, folder / "op")
    with (core / "op.toml").open("a", encoding="utf-8") as settings:
        settings.write(_TIMING)
    with Sandbox(token=_TOKEN, backoff=(0.2,) * 600) as sandbox:
        environ = {**os.environ, "OP_API_URL": sandbox.url, "OP_TOKEN": _TOKEN, "OP_SECRET": _SECRET}
        program = _Program(core, environ)
        exported = program.said("orders", "export", "main")
        sandbox.local.switchboard.change({"duplicates": 2})
        url = f"http://127.0.0.1:{program.port}/webhooks/main"
        sandbox.local.store.put("webhook", url, {"url": url, "secret": _SECRET})
        claimed = list(_units(orders))[:number]
        for at, (order, line) in enumerate(claimed):
            item = {"sourceItemId": line.id, "quantity": 1}
            filed = sandbox.local.claims.file({"source_order_id": order.id, "items": [item]})
            resolution = {"type": "RESHIP" if at % 2 else "REFUND", "details": {"items": [item]}}
            sandbox.local.claims.approve(filed["claim_id"], {"resolutions": [resolution]})
        kills = 0
        for point in points:
            kills += program.killed(point)
            if program.settled() >= len(claimed):
                break
        actions = program.worked(len(claimed))
        delivered = Counter(delivery["state"] for delivery in sandbox.local.store.all("delivery"))
    return {
        "claims": len(claimed),
        "exported": exported["counts"],
        "deliveries": dict(delivered),
        "kills of serve": kills,
        "actions": dict(Counter(action["state"] for action in actions)),
        "refused": [action["why"] for action in actions if action["state"] == "refused"],
        "for a person": [action["why"] for action in actions if action["needs_person"]],
    }


def _units(orders: Sequence[Order]) -> Iterator[tuple[Order, Line]]:
    for order in orders:
        for line in order.lines:
            if not line.is_protection and line.unit_price <= order.refundable:
                yield order, line


class _Program:
    """`op-core` in its folder."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder, self._environ = folder, environ
        with socket.create_server(("127.0.0.1", 0)) as listener:
            self.port = listener.getsockname()[1]

    def said(self, *arguments: str) -> Any:
        """Run a verb, and return its JSON."""
        command = [sys.executable, "-m", "op_core", *arguments, "--json"]
        ended = subprocess.run(command, cwd=self._folder, env=self._environ, capture_output=True, check=False)
        if ended.returncode:
            raise SystemExit(f"{' '.join(arguments)}: {ended.returncode} {ended.stderr.decode()[-1000:]}")
        return json.loads(ended.stdout)

    def _serving(self, point: str | None) -> subprocess.Popen[bytes]:
        environ = dict(self._environ) | ({"OP_CRASH_POINT": point} if point else {})
        command = [sys.executable, "-m", "op_core", "serve", "--port", str(self.port), "--export-every", "0"]
        with (self._folder / "log").open("ab") as log:
            return subprocess.Popen(
                [*command, "--products-every", "0"], cwd=self._folder, env=environ, stdout=log, stderr=log
            )

    def killed(self, point: str) -> bool:
        """Serve until the process kills itself at a crash point; False where it does not come to it."""
        process = self._serving(point)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.terminate()
            process.wait()
        print(f"serve ended at {point}: {process.returncode}", file=sys.stderr)
        return process.returncode == -signal.SIGKILL

    def worked(self, number: int) -> list[Any]:
        """Serve until so many actions have come to an end, or to a person; return all of them."""
        process, until = self._serving(None), time.monotonic() + _PATIENCE
        try:
            while time.monotonic() < until and process.poll() is None:
                if self.settled() >= number:
                    break
                time.sleep(1)
        finally:
            process.terminate()
            process.wait()
        return self._actions()

    def settled(self) -> int:
        """Return how many actions have come to an end, or to a person."""
        return sum(one["needs_person"] or one["state"] in ("done", "refused") for one in self._actions())

    def _actions(self) -> list[Any]:
        listed: list[Any] = self.said("actions", "list", "main", "--limit", "1000")
        return listed
