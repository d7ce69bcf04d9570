"""The WSGI face: ``POST /webhooks/{store}``, for Django, Flask and others that are not async."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from op_core.webhooks.receive import MOST_BYTES, Answer, Receiver, Rejected, check_size

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
        length = environ.get("CONTENT_LENGTH") or "0"
        size = int(length) if length.isdigit() else 0
        check_size(size)
        body = environ["wsgi.input"].read(min(size, MOST_BYTES))
    except Rejected as rejected:
        return rejected.answer
    if len(body) < size:
        return Answer(400, "the body broke off")
    return receiver.receive(store, headers, body)
