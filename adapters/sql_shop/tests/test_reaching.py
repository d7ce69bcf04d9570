"""Why no connection came about is told by its kind, and no text repeats a part of the URL."""

import socket
import ssl
import sys
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from op_sql_shop import SqlShopSettings
from op_sql_shop.client import connect
from op_sql_shop.faults import meaning
from pymysql import err
from sqlalchemy.exc import DBAPIError

from op_core.errors import SettingsError, ShopAway

AT = 'connection failed: connection to server at "10.0.0.7", port 5432 failed: '


def cannot(cause):
    """Return what PyMySQL raises where the system lets it not connect."""
    raised = err.OperationalError(2003, f"Can't connect to MySQL server on 'canary' ({cause})")
    raised.original_exception = cause
    return raised


@pytest.mark.parametrize(
    ("raised", "words"),
    [
        (psycopg.OperationalError("failed to resolve host 'canary': [Errno -2] Name"), "the host in url is not known"),
        (psycopg.OperationalError(f"{AT}Connection refused\n\tIs the server running"), "nothing listens"),
        (psycopg.errors.ConnectionTimeout("connection timeout expired"), "nothing answers in time"),
        (
            psycopg.OperationalError(f'{AT}FATAL:  password authentication failed for "canary"'),
            "user and password",
        ),
        (psycopg.OperationalError(f'{AT}FATAL:  role "canary" does not exist'), "user and password"),
        (psycopg.OperationalError(f"{AT}fe_sendauth: no password supplied"), "user and password"),
        (psycopg.OperationalError(f'{AT}FATAL:  no pg_hba.conf entry for host "canary", SSL off'), "from this machine"),
        (psycopg.OperationalError(f'{AT}FATAL:  database "canary" does not exist'), "no database of the name"),
        (psycopg.OperationalError(f"{AT}FATAL:  sorry, too many clients already"), "too many are open"),
        (psycopg.OperationalError(f"{AT}server does not support SSL, but SSL was required"), "no TLS came about"),
        (psycopg.OperationalError(f"{AT}FATAL:  the database system is starting up"), "starting or stopping"),
        (psycopg.OperationalError("consuming input failed: SSL SYSCALL error: EOF detected"), "does not answer"),
        (cannot(socket.gaierror(-2, "Name or service not known")), "the host in url is not known"),
        (cannot(ConnectionRefusedError(111, "refused")), "nothing listens"),
        (cannot(TimeoutError("timed out")), "nothing answers in time"),
        (cannot(ssl.SSLCertVerificationError(1, "self-signed certificate")), "no TLS came about"),
        (err.OperationalError(2026, "SSL is required but the server doesn't support it"), "no TLS came about"),
        (err.OperationalError(1045, "Access denied for user 'canary'@'localhost'"), "user and password"),
        (err.OperationalError(1049, "Unknown database 'canary'"), "no database of the name"),
        (err.OperationalError(1040, "Too many connections"), "too many are open"),
        (err.OperationalError(1130, "Host 'canary' is not allowed to connect"), "from this machine"),
    ],
)
def test_each_cause_has_its_words(raised, words):
    """Host, port, user, database, TLS and number are told apart; the driver's text is not repeated."""
    told = meaning(DBAPIError("connect", {}, raised), "shop.toml")

    assert ShopAway is type(told)
    assert words in str(told)
    assert "canary" not in str(told)
    assert "10.0.0.7" not in str(told)


def test_a_driver_that_is_not_installed_is_named_with_its_extra(monkeypatch, tmp_path):
    """No index is named, as nothing is published on one."""
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(SettingsError) as caught:
        connect(SqlShopSettings(url="postgresql://canary@canary/canary", mapping="shop.toml"), tmp_path, "shop.toml")

    said = 'url: the driver postgresql+psycopg is not installed; it comes with the extra "postgres" of op-sql-shop'
    assert f"{said}, whose README says how" == str(caught.value)


def refused(url, folder):
    """Return why a client does not get into a database."""
    client = connect(SqlShopSettings(url=url, mapping="shop.toml"), Path(folder), "shop.toml")
    try:
        with pytest.raises(ShopAway) as caught, client.reading():
            pass
        return str(caught.value)
    finally:
        client.close()


def test_a_file_that_is_none_is_told_from_one_that_is_not_there(tmp_path):
    """A missing file, a folder, and a file of something else."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "text.db").write_text("canary " * 1000, encoding="utf-8")

    assert "there is no file where url says" in refused("sqlite:///none.db", tmp_path)
    assert "url names a folder" in refused("sqlite:///folder", tmp_path)
    assert "is no SQLite database" in refused("sqlite:///text.db", tmp_path)


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_port_on_which_nothing_listens(scheme, tmp_path):
    """The drivers' own words of today are known."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"{scheme}://canary:canary@127.0.0.1:{held.getsockname()[1]}/canary"
        told = refused(url, tmp_path)

    assert "nothing listens" in told
    assert "canary" not in told


@pytest.mark.parametrize("kind", ["postgres", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def test_a_user_or_a_database_that_is_not_there(kind, request, tmp_path):
    """The servers' own words of today are known."""
    url = sa.make_url(request.getfixturevalue(f"{kind}_url"))
    nobody = url.set(username="canary", password="canary").render_as_string(hide_password=False)
    nowhere = url.set(database="canary").render_as_string(hide_password=False)

    assert "shop.toml: the server does not take the user and password in url" == refused(nobody, tmp_path)
    assert "shop.toml: the server has no database of the name in url" == refused(nowhere, tmp_path)
