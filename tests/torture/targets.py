"""What is fed to whom, and what may come of it: each target takes bytes, and says in a word or a line what happened."""

from __future__ import annotations

import asyncio
import io
import logging
import tempfile
import zlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import sqlalchemy as sa
from op_rest_shop import RestShopAdapter, RestShopSettings
from op_sql_shop import SqlShopAdapter, SqlShopSettings

from op_core.errors import SettingsError, Unreadable
from op_core.ledger import deliveries, schema
from op_core.models import Address
from op_core.order_protection import dialects
from op_core.plugins import StoreInfo
from op_core.settings import load_settings
from op_core.testing.scene import SECRET, Scene
from op_core.untrusted import steers
from op_core.webhooks.asgi import asgi_app
from op_core.webhooks.receive import MOST_BYTES
from op_core.webhooks.wsgi import wsgi_app

__all__ = ["TARGETS"]

logging.getLogger("op_core").setLevel(logging.CRITICAL)  # a million wrong secrets are a million warnings
_ANSWERS = {200, 400, 401, 404, 405, 411, 413}
_MOST_DELIVERIES = 200  # in one ledger; a new one is quicker than a full one
_ENDS = {"quarantined", "planned", "duplicate", "conflict", "received"}


# --- The receiver: an HTTP request as text, in both faces ------------------------------------------------------------


def receiver(data: bytes) -> str:
    """Ask both faces; 200 only for the right path, secret and method, and then exactly the body is stored."""
    head, _, body = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    first, *lines = head.split(b"\n")
    method, _, path = first.partition(b" ")
    headers = [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
    shown = next((value for name, value in headers if name.replace(b"_", b"-") == b"x-webhook-secret"), b"")
    scene = _scene("receiver")
    said = []
    for ask in (_asgi, _wsgi):
        before = scene.ledger.read(_count)
        status = ask(scene, method.decode("latin-1"), path.decode("latin-1"), headers, body)
        stored = scene.ledger.read(_count) - before
        assert status in _ANSWERS, f"answered {status}"
        assert (status == 200) == stored, f"{status}, and {stored} stored"
        if status == 200:
            assert shown == SECRET.encode(), "let in without the secret"
            assert method == b"POST"
            (last,) = scene.ledger.read(deliveries.listing, scene.store.id, None, 1)
            kept = scene.ledger.read(deliveries.body, last)
            assert body[: len(kept)] == kept, "another body was stored"
            assert len(kept) <= MOST_BYTES
        said.append(str(status))
    return " ".join(said)


def _asgi(scene: Scene, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
    parts = [body[at : at + 1000] for at in range(0, len(body), 1000)] or [b""]
    messages = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages[-1]["more_body"] = False
    waiting = iter(messages)
    sent: list[Any] = []

    async def receive() -> Any:
        return next(waiting, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": headers, "root_path": ""}
    asyncio.run(asgi_app(scene.receiver)(scope, receive, send))
    return int(sent[0]["status"])


def _wsgi(scene: Scene, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> int:
    said: list[str] = []
    environ: dict[str, Any] = {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": io.BytesIO(body)}
    for name, value in headers:
        key = name.decode("latin-1").upper().replace("-", "_")
        environ.setdefault("CONTENT_LENGTH" if key == "CONTENT_LENGTH" else f"HTTP_{key}", value.decode("latin-1"))
    list(wsgi_app(scene.receiver)(environ, lambda status, _: said.append(status)))
    return int(said[0].split()[0])


# --- Dialects: a webhook's body, read, planned and carried out -------------------------------------------------------


def dialects_(data: bytes) -> str:
    """Read a body and run it through the claim logic: it ends in a known state, and money stays within the caps."""
    try:
        dialects.read(data)
    except Unreadable as error:
        reason = str(error)
        assert len(reason) < 500, "a reason is one line"
    else:
        reason = ""
    if len(data) > MOST_BYTES or (reason and zlib.crc32(data) % 16):
        return f"quarantined: {reason}"  # nearly all input is unreadable, and all that is goes the same way
    scene = _scene("dialects")
    id_ = scene.deliver(data)
    scene.run()
    (found,) = [one for one in scene.deliveries() if one.id == id_]
    assert found.state in _ENDS
    assert not reason or (found.state, found.reason) == ("quarantined", reason), "unreadable, and not quarantined"
    assert scene.ledger.read(deliveries.body, found) == data
    assert scene.shop.doubled() == {}
    for request in scene.shop.requests:
        assert request.reason.isprintable()
        assert not any(map(steers, attrs.astuple(getattr(request, "address", Address()))))
    return f"{found.state}: {found.reason}" if found.reason else found.state


_SCENES: dict[str, Scene] = {}


def _scene(name: str) -> Scene:
    scene = _SCENES.get(name)
    if scene is None or scene.ledger.read(_count) >= _MOST_DELIVERIES:
        if scene is not None:
            scene.ledger.close()
        scene = _SCENES[name] = Scene.make(verify_claims="never")
    return scene


def _count(connection: Any) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(schema.deliveries)).scalar_one())


# --- Files that a person wrote: only SettingsError may come of them --------------------------------------------------


@cache
def _folder() -> Path:
    return Path(tempfile.mkdtemp(prefix="op-core-fuzz-"))


def _written(data: bytes, read: Callable[[Path], str]) -> str:
    path = _folder() / "hostile.toml"
    path.write_bytes(data)
    try:
        return read(path)
    except SettingsError as error:
        return str(error).replace(f"{path}: ", "").replace(f"{path.name}: ", "")


def settings(data: bytes) -> str:
    """Read op.toml."""
    return _written(data, lambda path: "; ".join(load_settings(path, {}).parked.values()) or "read")


def mapping(data: bytes) -> str:
    """Read a mapping of a SQL shop, and write each of its statements for SQLite and for PostgreSQL."""

    def read(path: Path) -> str:
        for url in ("sqlite:///shop.db", "postgresql://shop.example/shop"):
            said = SqlShopSettings.model_validate({"url": url, "mapping": path.name})
            SqlShopAdapter(said, StoreInfo("main", "main-1", path.parent)).close()
        return "read"

    return _written(data, read)


def manifest(data: bytes) -> str:
    """Read a manifest of an HTTP shop, and make its calls ready."""

    def read(path: Path) -> str:
        env = {"SHOP_TOKEN": "not-a-real-token"}
        said = RestShopSettings.model_validate({"url": "https://shop.example", "manifest": path.name, "env": env})
        RestShopAdapter(said, StoreInfo("main", "main-1", path.parent)).close()
        return "read"

    return _written(data, read)


TARGETS: dict[str, Callable[[bytes], str]] = {
    "receiver": receiver,
    "dialects": dialects_,
    "settings": settings,
    "mappings": mapping,
    "manifests": manifest,
}
