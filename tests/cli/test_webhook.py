"""``op-core webhook send``."""

import socket

from op_core.testing.serving import listening


def test_a_file_is_stored_as_if_it_had_arrived(cli, home):
    """Byte for byte, also what is no JSON."""
    ended = cli("webhook", "send", home.body("broken", "{\n"), "--json")

    assert (0, {"store": "main", "url": None, "status": 200, "answer": "stored"}) == (ended.code, ended.json)
    assert "op-core run" in ended.err
    assert "op-core deliveries list main" in ended.err
    assert 2 == cli("deliveries", "show", "1", "--json").json["bytes"]


def test_a_file_is_posted_to_an_endpoint(cli, home):
    """With the secret of the settings, over a socket."""
    with home.loaded() as core, listening(core.asgi) as url:
        ended = cli("webhook", "send", home.body("empty", "{}"), "--url", f"{url}/webhooks/main")
        wrong = cli("webhook", "send", home.body("empty", "{}"), "--url", f"{url}/webhooks/other")

    assert (0, "200 stored\n") == (ended.code, ended.out)
    assert (1, "404 no such store\n") == (wrong.code, wrong.out)


def test_an_endpoint_that_does_not_answer_exits_1(cli, home):
    """What went wrong is said by kind."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    ended = cli("webhook", "send", home.body("empty", "{}"), "--url", f"http://127.0.0.1:{port}/webhooks/main")

    assert (1, "nothing answers at --url (ConnectionRefusedError)\n") == (ended.code, ended.out)


def test_wrong_use_is_said(cli, home):
    """A file that is not there, an address that is none, several stores and none named."""
    home.body("empty", "{}")
    missing = cli("webhook", "send", "not-there.json")
    address = cli("webhook", "send", "empty.json", "--url", "ftp://127.0.0.1")
    two = home.config.read_text()
    home.config.write_text(
        two + two[two.index("[stores") :].replace("stores.main", "stores.two").replace("main-1", "t-2")
    )
    several = cli("webhook", "send", "empty.json")

    assert [2, 2, 2] == [missing.code, address.code, several.code]
    assert "there are: main, two" in several.err
