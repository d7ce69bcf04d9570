"""``op-core app``, and what the other verbs do with the token of an app: against the sandbox, by real requests."""

import io
import logging
import re
import sqlite3
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest

from op_core.sandbox.oauth_bodies import Installed, OpenSession
from op_core.tokens import AppStatus


def finished(cli, *said):
    return cli("app", "finish", "main", *said)


def test_orders_go_out_with_the_token_of_an_app(cli, shop):
    """The first request gets a token, and the export ends as with an API token."""
    ended = cli("orders", "export", "main", "--json")

    assert (0, 6) == (ended.code, ended.json["counts"]["created"])
    status = cli("app", "status", "main", "--json")
    assert (0, True, True) == (status.code, status.json["is_usable"], status.json["renewable"])
    assert {"read_orders", "write_orders", "read_claims", "write_claims", "write_products"} == set(
        status.json["scopes"]
    )


def test_a_token_that_ends_is_renewed_between_two_commands(cli, shop):
    """Each command takes the token of the ledger, and a new one where that has ended."""
    assert 0 == cli("orders", "export", "main", "--order", "order-1001").code
    assert 0 == cli("orders", "export", "main", "--order", "order-1002").code
    assert 1 == len(shop.rows("token"))
    with sqlite3.connect("op.db") as ledger:
        ledger.execute("UPDATE tokens SET ends_at = '2025-01-01 00:00:00'")
    assert 0 == cli("orders", "export", "main", "--order", "order-1003").code

    assert 2 == len(shop.rows("token"))


@pytest.mark.parametrize("form", ["address", "stdin", "file", "parts", "json"])
def test_a_merchant_lets_the_app_in(cli, by_code, form, monkeypatch, tmp_path):
    """Address, browser, and what came back from it in any form; then orders go out."""
    url = cli("app", "authorize", "main").out.strip()
    back = by_code.agree(url)
    query = {name: values[0] for name, values in parse_qs(urlsplit(back).query).items()}
    if form == "stdin":
        monkeypatch.setattr("sys.stdin", io.StringIO(back + "\n"))
        said = ("--redirect", "-")
    elif form == "file":
        (tmp_path / "back").write_text(back)
        said = ("--redirect", tmp_path / "back")
    elif form == "parts":
        said = ("--code", query["code"], "--state", query["state"])
    elif form == "json":
        said = (
            "--redirect",
            f'{{"code": "{query["code"]}", "state": "{query["state"]}", "store_id": "store_sandbox"}}',
        )
    else:
        said = ("--redirect", back)
    ended = finished(cli, *said)

    assert 0 == ended.code, ended.err
    assert "store main has a token of the app" in ended.out
    assert (0, 6) == ((exported := cli("orders", "export", "main", "--json")).code, exported.json["counts"]["created"])


def test_what_comes_back_is_for_whoever_began(cli, by_code):
    """Another state, or a second time, ends with 1 and says what to do."""
    url = cli("app", "authorize", "main", "--json").json["url"]
    back = by_code.agree(url)
    wrong = finished(cli, "--redirect", re.sub("state=[^&]+", "state=another", back))
    assert (1, True) == (wrong.code, "op-core app authorize main" in wrong.err)
    assert 0 == finished(cli, "--redirect", back).code

    again = finished(cli, "--redirect", back)
    assert (1, True) == (again.code, "no authorization of the last hour" in again.err)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ((), "expected --redirect, or --code with --state"),
        (("--code", "x"), "expected --redirect, or --code with --state"),
        (("--redirect", "x", "--state", "y"), "give it alone"),
    ],
)
def test_half_of_what_came_back_is_wrong_use(cli, by_code, said, why):
    """Nothing is asked, and it ends with 2."""
    ended = finished(cli, *said)

    assert (2, True) == (ended.code, why in ended.err)


@pytest.mark.parametrize("verb", ["authorize", "finish", "status", "revoke"])
def test_a_store_with_an_api_token_has_no_app(cli, home, verb):
    """It ends with 2, and the text names both keys."""
    more = ("--code", "x", "--state", "y") if verb == "finish" else ()
    ended = cli("app", verb, "main", *more)

    assert 2 == ended.code
    assert "has an api_token, expected a table oauth" in ended.err


def test_the_status_of_an_app_that_nobody_let_in(cli, by_code):
    """It ends with 1, and no number of the API is asked for."""
    ended = cli("app", "status", "main")

    assert 1 == ended.code
    assert "none that has not ended" in ended.out


def test_a_thrown_out_app_is_named(cli, shop):
    """Export and status say that it has to be installed again, and end with 1."""
    assert 0 == cli("orders", "export", "main", "--order", "order-1001").code
    shop.oauth.uninstall(Installed(client_id="op_app_test"))
    with sqlite3.connect("op.db") as ledger:  # a token of a minute's age is not refused for its age
        ledger.execute("UPDATE tokens SET changed_at = '2025-01-01 00:00:00'")
    ended = cli("orders", "export", "main", "--order", "order-1002")
    status = cli("app", "status", "main")

    assert 1 == ended.code
    assert "see that the app is installed on store store_sandbox" in ended.out
    assert 1 == status.code
    assert "does not take the app" in status.out


def test_revoked_tokens_are_forgotten_on_both_sides(cli, by_code):
    """Order Protection takes neither any more, and the ledger has none."""
    finished(cli, "--redirect", by_code.agree(cli("app", "authorize", "main").out.strip()))
    ended = cli("app", "revoke", "main", "--json")

    assert (0, {"revoked": 2, "renewable": False}) == (ended.code, ended.json)
    assert {True} == {token["revoked"] for _, token in by_code.rows("token")}
    assert "there was no token" in cli("app", "revoke", "main").out
    assert 1 == cli("orders", "export", "main").code


def test_a_revoked_token_that_comes_again_is_said(cli, shop):
    """With the app's own secret the next request gets a new one."""
    cli("orders", "export", "main", "--order", "order-1001")

    assert "the next request gets a new one" in cli("app", "revoke", "main").out


def test_a_session_says_who_is_there(shop):
    """The core asks Order Protection, once for each session token."""
    token = shop.home.sandbox.local.sessions.open(OpenSession(client_id="op_app_test"))
    with shop.home.loaded() as core:
        session = core.verify_session("main", token)

    assert ("staff@example.com", "store_sandbox") == (session.email, session.store_id)


# --- The canary ------------------------------------------------------------------------------------------------------


def test_no_token_is_ever_shown(cli, by_code, caplog):
    """Whatever is asked, and however it fails: no output, log, error or file of ours holds a token or the secret."""
    for logger in (None, "httpx", "httpcore"):  # the last two are quiet, unless somebody asks them to speak
        caplog.set_level(logging.DEBUG, logger)
    shown = []

    def asked(*arguments):
        ended = cli(*arguments)
        shown.extend((ended.out, ended.err))
        return ended

    asked("app", "status", "main")
    asked("orders", "export", "main")
    url = asked("app", "authorize", "main").out.strip()
    asked("app", "finish", "main", "--redirect", by_code.agree(url))
    asked("orders", "export", "main", "--order", "order-1001")
    asked("doctor")
    asked("doctor", "--json")
    asked("app", "status", "main", "--json")
    with by_code.home.loaded() as core:
        work = core.work("main")
        shown.append(repr((core, work, work.app, work.tokens, work.app.status(), vars(work.tokens), vars(work.app))))
    by_code.oauth.uninstall(Installed(client_id="op_app_test"))
    asked("orders", "export", "main", "--order", "order-1002")
    asked("claims", "list", "main", "--order", "order-1001")
    asked("app", "revoke", "main")
    secrets = ["op_secret_not_real", *(token for token, _ in by_code.rows("token"))]
    verifier = [value for name in ("code_verifier",) for value in re.findall(rf"{name}=(\S+)", "".join(shown))]
    kept = b"".join(path.read_bytes() for path in by_code.home.folder.glob("op.db*"))

    assert 3 <= len(secrets)
    assert [] == verifier + [one for one in secrets if one in "".join(shown) + caplog.text or one.encode() in kept]
    assert "httpcore" in caplog.text


def test_a_status_holds_no_token():
    """There is no field for one."""
    assert not {"access", "refresh", "token"} & {field.name for field in attrs.fields(AppStatus)}
