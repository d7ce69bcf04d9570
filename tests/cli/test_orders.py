"""``op-core orders export``."""


def test_everything_is_sent_once(cli, home):
    """A first run makes every order known, a second one says that nothing is new."""
    first, again = cli("orders", "export", "main", "--json"), cli("orders", "export", "main", "--json")

    assert [0, 0] == [first.code, again.code]
    assert (6, 6) == (first.json["counts"]["seen"], first.json["counts"]["created"])
    assert 0 == again.json["counts"]["created"] + again.json["counts"]["updated"]
    assert 6 == len(home.sandbox.local.store.all("order"))


def test_full_begins_with_the_first_order(cli, home):
    """All orders are looked at again; equal ones are not sent again."""
    cli("orders", "export", "main")
    counts = cli("orders", "export", "main", "--full", "--json").json["counts"]

    assert (6, 6) == (counts["seen"], counts["unchanged"])


def test_single_orders_can_be_sent(cli, home):
    """Only the named orders are sent; one that the shop does not have has failed."""
    one = cli("orders", "export", "main", "--order", "order-1001", "--json")
    none = cli("orders", "export", "main", "--order", "order-9", "--json")

    assert (0, 1) == (one.code, one.json["counts"]["created"])
    assert (1, 1) == (none.code, none.json["counts"]["failed"])


def test_a_person_reads_the_counts(cli, home):
    """The numbers are on stdout, and no bar where stderr is no terminal."""
    ended = cli("orders", "export", "main")

    assert "created" in ended.out
    assert "" == ended.err


def test_an_api_that_fails_exits_1(cli, home):
    """What went wrong is one line."""
    home.token = "another-token-0000"
    home.settings()
    ended = cli("orders", "export", "main")

    assert (1, "") == (ended.code, ended.out)
    assert "401" in ended.err
    assert 1 == ended.err.count("\n")
