"""``op-core claims list | show``."""


def test_a_list_has_what_both_sides_know(cli, claim):
    """Each claim of the order comes with the API's state and with our actions."""
    claim.arrive()
    (one,) = cli("claims", "list", "main", "--order", claim.order_id, "--json").json

    assert (claim.id, "APPROVED") == (one["id"], one["state"])
    assert ["held"] == [action["state"] for action in one["ledger"]["actions"]]
    assert claim.id in cli("claims", "list", "main", "--order", claim.order_id).out


def test_people_are_hidden_unless_revealed(cli, home, claim):
    """Name, e-mail and the customer's words are shown with --reveal alone."""
    asked = ("claims", "show", "main", claim.id, "--order", claim.order_id, "--json")
    hidden, shown = cli(*asked), cli(*asked, "--reveal")

    assert ("***", "***") == (hidden.json["claim"]["author_email"], hidden.json["claim"]["description"])
    assert "customer-1@example.com" == shown.json["claim"]["author_email"]
    assert "example.com" not in hidden.out


def test_a_person_reads_a_claim(cli, claim):
    """What Order Protection says and what the ledger has stand side by side."""
    claim.arrive()
    ended = cli("claims", "show", "main", "--order", claim.order_id, claim.id)

    assert 0 == ended.code
    assert "Order Protection" in ended.out
    assert "the ledger" in ended.out


def test_a_claim_that_order_protection_does_not_list_is_not_well(cli, home, claim):
    """Who made a claim up is found out here."""
    made_up = claim.decide().read_text().replace(claim.id, "made-up")
    cli("webhook", "send", home.body("made-up", made_up))
    cli("run")
    ended = cli("claims", "show", "main", "made-up", "--order", claim.order_id, "--json")

    assert 1 == ended.code
    assert (None, 1) == (ended.json["claim"], len(ended.json["ledger"]["actions"]))


def test_an_unknown_claim_names_the_nearest(cli, claim):
    """A mistyped id is wrong use."""
    ended = cli("claims", "show", "main", claim.id[:-1], "--order", claim.order_id)

    assert 2 == ended.code
    assert f"nearest known: '{claim.id}'" in ended.err


def test_an_unknown_order_exits_1(cli, claim):
    """The API's answer is said."""
    ended = cli("claims", "list", "main", "--order", "order-9")

    assert 1 == ended.code
    assert "404" in ended.err
