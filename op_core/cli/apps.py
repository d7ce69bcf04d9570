"""``op-core app authorize | finish | status | revoke``: letting an app in, and throwing it out. It shows no token."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, StoreName, WrongUse, command

if TYPE_CHECKING:
    from op_core.tokens import AppStatus

__all__ = ["authorize", "finish", "revoke", "status"]

_MOST = 64 * 1024  # characters of a redirect


def authorize(store: StoreName, config: Config = None, json: Json = False) -> None:
    """Print the address where the merchant lets the app in. It is good for an hour, and replaces an earlier one."""
    from op_core.cli.opened import app_of, opened

    with opened(config, quiet=True) as core:
        url = app_of(core, store).authorize()
    if json:
        return output.as_json({"url": url})
    output.say(url)
    output.note(f"open it in a browser, agree, then: {command(f'app finish {store} --redirect', config)} '…'")
    return None


def finish(
    store: StoreName,
    redirect: Annotated[
        str | None,
        typer.Option(
            "--redirect", metavar="ADDRESS", help="The whole address, a file of it or its JSON, or - (stdin)."
        ),
    ] = None,
    code: Annotated[str | None, typer.Option("--code", metavar="CODE", help="What the address said.")] = None,
    state: Annotated[str | None, typer.Option("--state", metavar="STATE", help="What the address said.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Take what came to the redirect address, and keep the token that it is good for."""
    from op_core.cli.opened import app_of, opened

    if redirect is not None and (code is not None or state is not None):
        raise WrongUse("--redirect holds code and state; give it alone, or --code with --state")
    if redirect is None and (code is None or state is None):
        raise WrongUse("expected --redirect, or --code with --state: what came to the redirect address")
    said = {"code": code, "state": state} if redirect is None else _read(redirect)
    with opened(config, quiet=True) as core:
        got = app_of(core, store).authorized(said)
    if json:
        return output.as_json(_plain(got))
    return _show(got, f"store {store} has a token of the app")


def status(store: StoreName, config: Config = None, json: Json = False) -> None:
    """Say how long the app's token lasts and what it may do. Order Protection is not asked."""
    from op_core.cli.opened import app_of, opened

    with opened(config, quiet=True) as core:
        found = app_of(core, store).status()
    if json:
        output.as_json(_plain(found))
    else:
        _show(found)
    if not (found.is_usable or (found.renewable and found.reason is None)):
        raise typer.Exit(1)


def revoke(store: StoreName, config: Config = None, json: Json = False) -> None:
    """End the app's tokens at Order Protection, and forget them."""
    from op_core.cli.opened import app_of, opened

    with opened(config, quiet=True) as core:
        app = app_of(core, store)
        count = app.revoke()
        after = app.status()
    if json:
        return output.as_json({"revoked": count, "renewable": after.renewable})
    output.say(f"{count} revoked and forgotten" if count else "there was no token")
    if after.renewable:
        output.say("the next request gets a new one, as the settings say how; uninstall the app to end that")
    return None


def _read(redirect: str) -> str:
    if redirect == "-":
        return sys.stdin.read(_MOST)
    try:
        with Path(redirect).open(encoding="utf-8") as file:
            return file.read(_MOST)
    except (OSError, ValueError):  # it is no file, then: not there, too long a name, not UTF-8
        return redirect


def _plain(status: AppStatus) -> dict[str, object]:
    import attrs

    return attrs.asdict(status)


def _show(status: AppStatus, title: str = "") -> None:
    scopes = "not said" if status.scopes is None and status.is_usable else " ".join(status.scopes or ())
    output.facts(
        [
            ("grant", status.grant),
            ("app", status.client_id),
            ("token", "there is one" if status.is_usable else "none that has not ended"),
            ("ends", status.ends_at),
            ("scopes", scopes),
            ("renewed by itself", status.renewable),
            ("why there is none", status.reason),
            ("authorization awaited since", status.awaited_since),
        ],
        title,
    )
