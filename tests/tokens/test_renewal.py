"""What is used to renew a token, what ends it for good, and what the ledger keeps of it."""

import logging

import pytest

from op_core.errors import (
    MayHaveLanded,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    TokenRevoked,
    Unauthorized,
    UnreadableAnswer,
)
from op_core.ledger import tokens
from op_core.tokens.held import Keeping

LOST = MayHaveLanded("the answer is lost")


def row(home):
    return home.ledger.read(tokens.get, "main-1")


# --- Refresh tokens ------------------------------------------------------------------------------------------------


def test_the_newest_refresh_token_is_used(by_code, issuer):
    """Each answer's refresh token is the one of the next renewal; the one of the settings only begins."""
    one = by_code.process()
    for _ in range(4):
        one.token()
        by_code.clock.move(hours=1)

    assert "op_at_not_real_5" == one.token()
    assert {"RefreshGrant"} == set(issuer.asked)


def test_a_refresh_token_stays_where_none_comes_back(by_code, issuer):
    """Without rotation the answer has none, and the old one is good."""
    issuer.rotates = False
    by_code.process().token()
    for _ in range(3):
        by_code.clock.move(hours=1)
        last = by_code.process(refresh_token=None).token()

    assert "op_at_not_real_4" == last


@pytest.mark.parametrize("lost", [LOST, ServerFailed("no", status=502)])
def test_a_lost_answer_is_asked_for_once_more(by_code, issuer, lost):
    """The API had not acted: the same refresh token gets the token."""
    issuer.faults = [lost]

    assert "op_at_not_real_1" == by_code.process().token()
    assert 2 == len(issuer.asked)


def test_a_lost_answer_with_rotation_ends_it(by_code, issuer):
    """The API had acted, and takes the old refresh token no more: the error says why, and what to do."""

    def lose():
        raise LOST

    issuer.faults = [lose]
    with pytest.raises(TokenRevoked, match=r"answer was lost .* op-core app authorize main"):
        by_code.process().token()


def test_two_lost_answers_are_no_end(by_code, issuer):
    """It is tried again with the next request."""
    issuer.faults = [LOST, LOST]
    one = by_code.process()
    with pytest.raises(RequestNotSent, match="right now: the answer is lost"):
        one.token()

    assert "op_at_not_real_1" == one.token()


@pytest.mark.parametrize("error", [RequestNotSent("never"), RateLimited("slow", status=429), LOST])
def test_a_renewal_that_fails_leaves_a_good_token(home, issuer, error, caplog):
    """It is used until its end, and the next try is half a minute later."""
    one = home.process()
    one.token()
    home.clock.move(minutes=56)
    issuer.faults = [error, error]
    with caplog.at_level(logging.WARNING, "op_core"):
        assert ["op_at_not_real_1"] * 2 == [one.token(), one.token()]
    asked = len(issuer.asked)
    assert "is not renewed yet" in caplog.text
    issuer.faults = []
    home.clock.move(seconds=29)
    assert ("op_at_not_real_1", asked) == (one.token(), len(issuer.asked))
    home.clock.move(seconds=1)

    assert "op_at_not_real_2" == one.token()


# --- What ends it --------------------------------------------------------------------------------------------------


def test_a_thrown_out_app_is_named_as_such(any_home, issuer):
    """The error is of its own kind, says what to do, and is known to the next process without another call."""
    one = any_home.process()
    one.token()
    issuer.installed = False
    any_home.clock.move(hours=1)
    with pytest.raises(TokenRevoked, match=r"400 invalid_grant, .* installed on store store_123") as caught:
        one.token()
    asked = len(issuer.asked)
    with pytest.raises(TokenRevoked, match="invalid_grant"):
        any_home.process().token()

    assert isinstance(caught.value, Unauthorized)
    assert asked == len(issuer.asked)
    assert (None, None) == (row(any_home).access_token, row(any_home).ends_at)


def test_an_app_that_was_installed_anew_works_again(home, issuer):
    """After five minutes it is tried again."""
    one = home.process()
    issuer.installed = False
    with pytest.raises(TokenRevoked):
        one.token()
    issuer.installed = True
    home.clock.move(minutes=4, seconds=59)
    with pytest.raises(TokenRevoked):
        one.token()
    home.clock.move(seconds=1)

    assert "op_at_not_real_1" == one.token()
    assert row(home).reason is None


def test_a_new_refresh_token_in_the_settings_mends_it(by_code, issuer):
    """Where the kept one is refused, the one of the settings is tried."""
    by_code.process().token()
    issuer.good.clear()
    by_code.clock.move(hours=1)

    assert "op_at_not_real_2" == by_code.process(refresh_token=issuer.refresh_token()).token()


def test_an_app_that_nobody_let_in_is_not_revoked(home, issuer):
    """It is not installed yet; the error says how, and nothing is asked."""
    with pytest.raises(Unauthorized, match=r"not installed yet, .*op-core app authorize main") as caught:
        home.process(grant="authorization_code").token()

    assert Unauthorized is type(caught.value)
    assert [] == issuer.asked


def test_a_wrong_secret_is_no_revocation(home, issuer):
    """The settings are wrong; the tokens stay."""
    home.process().token()
    before = row(home)
    issuer.secret = "op_secret_another_one"
    home.clock.move(hours=1)
    with pytest.raises(Unauthorized, match=r"client_id and client_secret of stores\.main\.oauth") as caught:
        home.process().token()

    assert Unauthorized is type(caught.value)
    assert (before.access_token, None, None) == (row(home).access_token, row(home).reason, row(home).lease_until)


def test_an_unreadable_answer_is_told_without_its_body(home, issuer):
    """It stops the work as a wrong token does."""
    issuer.faults = [UnreadableAnswer("the API answered 200 in an unknown form; expected an access_token")]
    with pytest.raises(Unauthorized, match="unknown form"):
        home.process().token()


# --- What is kept --------------------------------------------------------------------------------------------------


def test_what_is_kept_is_sealed(by_code, issuer):
    """Neither token stands in the row, and its ``repr`` shows neither them nor what they are sealed as."""
    token = by_code.process().token()
    kept = row(by_code)

    assert token not in (kept.access_token + kept.refresh_token)
    assert not any(secret in repr(kept) for secret in (token, kept.access_token, kept.refresh_token, *issuer.good))


def test_another_secret_opens_nothing(by_code, issuer):
    """What was kept under another client secret counts as none: the app is installed anew."""
    by_code.process().token()
    issuer.secret = "op_secret_another_one"

    with pytest.raises(Unauthorized, match="client_secret was changed"):
        by_code.process(client_secret="op_secret_another_one", refresh_token=None).token()
    assert (
        "op_at_not_real_2"
        == by_code.process(client_secret="op_secret_another_one", refresh_token=issuer.refresh_token()).token()
    )


def test_another_app_has_its_own_token(home, issuer):
    """What was kept for another client id counts as none: its token, and that it is revoked."""
    home.process().token()
    assert "op_at_not_real_2" == home.process(client_id="op_app_2").token()
    home.clock.move(hours=1)
    issuer.installed = False
    with pytest.raises(TokenRevoked):
        home.process(client_id="op_app_2").token()
    issuer.installed = True

    assert "op_at_not_real_3" == home.process().token()


def test_one_store_cannot_open_what_another_keeps(home):
    """The same app on two stores seals each store's tokens for that store alone."""
    home.process().token()
    sealed = row(home).access_token
    one, other = home.store(), home.store().model_copy(update={"id": "other-1"})

    assert ("op_at_not_real_1", None) == (Keeping(one).seal.open(sealed), Keeping(other).seal.open(sealed))


def test_forgotten_tokens_are_looked_for_again(home, issuer):
    """After `forget` the ledger is asked before the next request."""
    one = home.process()
    one.token()
    home.ledger.write(tokens.forget, "main-1")
    assert "op_at_not_real_1" == one.token()
    one.forget()

    assert "op_at_not_real_2" == one.token()
