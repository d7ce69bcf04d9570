"""What ``op-core doctor`` says of the scopes of an app."""


def scopes_of(cli):
    ended = cli("doctor", "--json")
    (check,) = [one for one in ended.json["checks"] if one["check"] == "scopes"]
    return ended.code, check["state"], check["said"]


def test_doctor_is_content_with_all_scopes(cli, shop):
    """It says which there are."""
    code, state, said = scopes_of(cli)

    assert (0, "well") == (code, state)
    assert "all that is needed" in said
    assert "read_claims" in said


def test_doctor_names_a_scope_that_is_missing(cli, shop):
    """What happens by itself lacks one: not well, with the feature and what to do."""
    shop.install("read_orders", "write_products", "write_claims", "read_claims")
    code, state, said = scopes_of(cli)

    assert (1, "not well") == (code, state)
    assert said.startswith("export of orders lacks write_orders.")
    assert "install it again" in said


def test_doctor_only_mentions_what_somebody_has_to_ask_for(cli, shop):
    """A shop that files no claims needs no scope for it."""
    shop.install("read_orders", "write_orders", "read_claims", "write_products")
    code, state, said = scopes_of(cli)

    assert (0, "look") == (code, state)
    assert said.startswith("filing of claims lacks write_claims.")


def test_doctor_knows_no_scopes_of_an_api_token(cli, home):
    """It says so, and what an app would need."""
    code, state, said = scopes_of(cli)

    assert (0, "well") == (code, state)
    assert "an API token names none" in said
    assert "verify_claims: read_claims" in said


def test_doctor_says_that_an_app_is_not_installed(cli, by_code):
    """The API check says how, the scopes are not known."""
    code, state, _ = scopes_of(cli)
    ended = cli("doctor")

    assert (1, "look") == (code, state)
    assert "op-core app authorize main" in ended.out
