"""The WSGI face: ``POST /webhooks/{store}``, for Django, Flask and others that are not async."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from op_core.webhooks.receive import MOST_BYTES, Answer, Receiver, Rejected, announced, check_size

__all__ = ["wsgi_app"]

StartResponse = Callable[[str, list[tuple[str, str]]], Any]
App = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]
_PREFIX = "/webhooks/"


def wsgi_app(receiver: Receiver) -> App:
    """Return the app."""

    def app(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        answer = _handle(receiver, environ)
        headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(answer.body)))]
        start_response(f"{answer.status} {HTTPStatus(answer.status).phrase}", headers)
        return [answer.body]

    return app


def _handle(receiver: Receiver, environ: dict[str, Any]) -> Answer:
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    if not path.startswith(_PREFIX):
        return Answer(404, "no such page; webhooks go to /webhooks/{store}")
    store = unquote(path[len(_PREFIX) :])
    headers = {name[5:]: value for name, value in environ.items() if name.startswith("HTTP_")}
    try:
        receiver.admit(store, headers)
        if environ.get("REQUEST_METHOD") != "POST":
            return Answer(405, "webhooks are POSTed")
        body = _body(environ)
    except Rejected as rejected:
        return rejected.answer
    return receiver.receive(store, headers, body)


def _body(environ: dict[str, Any]) -> bytes:
    """
    Read the body.

    Raises:
        Rejected: 413, above 1 MiB; 400 if it broke off; 411 if the server does not say where it ends.
    """
    length = environ.get("CONTENT_LENGTH") or ""
    if not length and environ.get("wsgi.input_terminated"):
        body: bytes = environ["wsgi.input"].read(MOST_BYTES + 1)
        check_size(len(body))
        return body
    if not length and environ.get("HTTP_TRANSFER_ENCODING"):
        raise Rejected(411, "this server cannot read a body without Content-Length")
    size = announced(length)
    body = environ["wsgi.input"].read(size)
    if len(body) < size:
        raise Rejected(400, "the body broke off")
    return body
