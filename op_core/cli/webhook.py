"""``op-core webhook send``: post a file as Order Protection would."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, WrongUse

if TYPE_CHECKING:
    from op_core.core import Core

__all__ = ["send"]

_HEADER = "x-webhook-secret"
_STORED = 200
_PATIENCE = 10  # seconds


def send(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The body, sent byte for byte; - reads stdin.")],
    store: Annotated[
        str | None, typer.Option("--store", help="Whose secret is used. Needed where there are several stores.")
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Where to, such as http://127.0.0.1:8000/webhooks/main. Else: stored here."),
    ] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Post a file to a store's endpoint with its secret, or store it here as if it had arrived."""
    from op_core.cli.opened import opened, work_of

    try:
        body = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise WrongUse(f"{file}: cannot be read: {error.strerror}") from None
    with opened(config, quiet=True) as core:
        names = sorted({*core.runner.stores, *core.parked})
        if store is None and len(names) != 1:
            raise WrongUse(f"--store is needed; there are: {', '.join(names) or 'none'}")
        name = store or names[0]
        headers = {_HEADER: work_of(core, name).desk.store.webhook_secrets[0].get_secret_value()}
        status, said = _stored(core, name, headers, body) if url is None else _post(url, headers, body)
    if json:
        output.as_json({"store": name, "url": url, "status": status, "answer": said})
    else:
        output.say(said if status is None else f"{status} {said}")
    if status != _STORED:
        raise typer.Exit(1)
    works = "the `op-core serve` there, or `op-core run`," if url else "`op-core run` or `op-core serve`"
    output.note(f"{works} works on it; `op-core deliveries list {name}` shows what became of it")


def _stored(core: Core, store: str, headers: dict[str, str], body: bytes) -> tuple[int | None, str]:
    answer = core.receive(store, headers, body)
    return answer.status, answer.text


def _post(url: str, headers: dict[str, str], body: bytes) -> tuple[int | None, str]:
    """Post it with the standard library: this stands for Order Protection, not for us."""
    import http.client

    wrong = WrongUse("--url: expected http://host[:port]/webhooks/STORE or https://…")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise wrong from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isascii() or not url.isprintable():
        raise wrong
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname, port, timeout=_PATIENCE)
    try:
        sent = {"content-type": "application/json", **headers}
        connection.request("POST", (parts.path or "/") + (f"?{parts.query}" if parts.query else ""), body, sent)
        answer = connection.getresponse()
        return answer.status, answer.read(200).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        return None, f"nothing answers at --url ({type(error).__name__})"
    finally:
        connection.close()
