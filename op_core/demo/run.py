"""
The demo: a shop, a local Order Protection and op-core between them, the whole way round.

Orders and products are exported, claims filed and decided, webhooks delivered several times, in three spellings and
out of order; then the shop's own tables are counted. In a folder that is kept, a second run delivers everything once
more and must find that nothing changes.
"""

from __future__ import annotations

import json
import socket
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from op_core import core as front
from op_core.demo import seed
from op_core.demo.count import DemoResult, count
from op_core.demo.scenario import CASES, MESSAGES, PROTECTIONS, WAVES, Wave
from op_core.demo.settings import SECRET, TOKEN, settings_text
from op_core.demo.shop import DemoShop
from op_core.errors import SettingsError
from op_core.http import Session
from op_core.order_protection import jsonmoney
from op_core.order_protection.messages import Request
from op_core.sandbox import Sandbox
from op_core.testing.serving import listening

__all__ = ["Progress", "run"]

Progress = Callable[[str, int, int], None]  # what is being done, how much of it is, of how many
_ORDERS = 40
_BROKEN = b'{"topic": "claim.approved", "body": {"claim_id": "clm-broken", }'
_STEPS = 7
_KEPT = "demo.json"  # the mark of a folder that a demo made


def run(*, directory: Path | None = None, progress: Progress = lambda *_: None) -> DemoResult:
    """
    Run the demo.

    Args:
        directory: Where shop, ledger, sandbox and ``op.toml`` are kept; None: nowhere.
        progress: Told of each step.

    Raises:
        SettingsError: The folder cannot be used, or the extra ``server`` is missing.
    """
    with _folder(directory) as folder:
        is_new = _is_new(folder)
        shop = DemoShop("shop.db", directory=folder)
        if is_new:
            progress("filling the shop", 0, _STEPS)
            seed.fill(shop, _ORDERS, now=datetime.now(UTC))
        ports = _ports(folder)
        (folder / "op.toml").write_text(settings_text(ports[0]))
        with (
            Sandbox(port=ports[0], db=folder / "sandbox.db", token=TOKEN) as sandbox,
            front.load(folder / "op.toml") as core,
            listening(core.asgi, ports[1]) as url,
            Session(sandbox.url, TOKEN) as session,
        ):
            story = _Story(core, session, f"{url}/webhooks/main", progress)
            if is_new:
                story.first()
                (folder / _KEPT).write_text(json.dumps({"ports": ports, "told": True}))
            story.again()
            progress("counting", _STEPS, _STEPS)
            return count(core, shop, story.there())


@contextmanager
def _folder(directory: Path | None) -> Iterator[Path]:
    if directory is not None:
        directory.mkdir(parents=True, exist_ok=True)
        yield directory.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="op-core-demo-") as made:
        yield Path(made)


def _is_new(folder: Path) -> bool:
    """
    Tell whether the folder is empty of demos; it is left alone if it holds anything else of ours.

    Raises:
        SettingsError: It holds files that no demo made, or a demo that was interrupted.
    """
    there = [name for name in ("op.toml", "op.db", "shop.db", "sandbox.db") if (folder / name).exists()]
    kept = folder / _KEPT
    if kept.exists() and json.loads(kept.read_text()).get("told"):
        return False
    if kept.exists():
        raise SettingsError(
            f"{folder}: an earlier demo was interrupted here; remove the folder, or name another by --dir"
        )
    if there:
        raise SettingsError(f"{folder} holds {', '.join(there)}, which no demo made; name another folder by --dir")
    return True


def _ports(folder: Path) -> list[int]:
    """Return the ports of sandbox and shop: those of the run before if they are free, so that op.toml stays true."""
    kept = folder / _KEPT
    known = json.loads(kept.read_text()) if kept.exists() else {"ports": [0, 0]}
    ports = [_free(port) for port in known["ports"]]
    kept.write_text(json.dumps({**known, "ports": ports}))
    return ports


def _free(wanted: int) -> int:
    try:
        listener = socket.create_server(("127.0.0.1", wanted))
    except OSError:
        listener = socket.create_server(("127.0.0.1", 0))
    with listener:
        return int(listener.getsockname()[1])


class _Story:
    """What customers, Order Protection's staff and the network do."""

    def __init__(self, core: front.Core, session: Session, webhooks: str, progress: Progress) -> None:
        self.core = core
        self.session = session
        self.progress = progress
        self._call("PUT", "/sandbox/webhooks", {"url": webhooks, "secret": SECRET})

    def first(self) -> None:
        """Export, file and decide in three waves, then amend what was acted upon."""
        self.progress("exporting orders and products", 1, _STEPS)
        self._export()
        claims: dict[int, str] = {}
        for at, wave in enumerate(WAVES, 2):
            self.progress(f"claims are filed and decided ({wave} spelling)", at, _STEPS)
            self._wave(wave, claims)
        self.progress("decisions are changed, protection too", 5, _STEPS)
        self._call("PUT", "/sandbox/behaviour", {"dialect": "reference", "duplicates": 2, "shuffle": 4})
        for case in CASES:
            if case.amended:
                self._call("POST", f"/sandbox/claims/{claims[case.order]}/approve", {"resolutions": case.amended})
        for order, action, amount, _ in PROTECTIONS:
            said = {"source_order_id": f"order-{order}", "action": action}
            self._call("POST", "/sandbox/protection", said if amount is None else {**said, "amount": amount})
        self.core.receive("main", {"x-webhook-secret": SECRET}, _BROKEN)
        self._deliver()

    def _wave(self, wave: Wave, claims: dict[int, str]) -> None:
        # The short body names no order: it is joined to it through claim.created, which must not be lost.
        behaviour = {"dialect": wave, "duplicates": 3, "shuffle": len(wave)}
        self._call("PUT", "/sandbox/behaviour", behaviour)
        cases = [case for case in CASES if case.wave == wave]
        for case in cases:
            filed = self._call("POST", "/sandbox/claims", {"source_order_id": case.order_id})
            claims[case.order] = str(filed["claim_id"])
        if wave == "camel":
            self._deliver()
        for case in cases:
            claim = claims[case.order]
            if case.resolutions:
                self._call("POST", f"/sandbox/claims/{claim}/approve", {"resolutions": case.resolutions})
            else:
                self._call("POST", f"/sandbox/claims/{claim}/deny", {})
            if case.order in MESSAGES:
                self._call("POST", f"/sandbox/claims/{claim}/message", {"message": "The claim was decided."})
        self._deliver()

    def again(self) -> None:
        """Deliver every webhook once more: nothing may change."""
        self.progress("every webhook is delivered once more", 6, _STEPS)
        sent = self._call("GET", "/sandbox/deliveries")["deliveries"]
        for delivery in {delivery["event_id"]: delivery for delivery in sent}.values():
            self._call("POST", f"/sandbox/deliveries/{delivery['id']}/resend")
        self._deliver()
        self._export()

    def there(self) -> Mapping[str, list[dict[str, Any]]]:
        """Return what Order Protection holds."""
        kinds = ("orders", "fulfillments", "claims", "products")
        return {what: self._call("GET", f"/sandbox/{what}")[what] for what in kinds}

    def _export(self) -> None:
        self.core.export("main")
        self.core.export_products("main")

    def _deliver(self) -> None:
        self._call("POST", "/sandbox/flush", {"wait": 30})
        self.core.run_once("main")

    def _call(self, method: str, path: str, body: Any = None) -> Any:
        return jsonmoney.loads(self.session.send(Request(method=method, path=path, body=body)).body)
