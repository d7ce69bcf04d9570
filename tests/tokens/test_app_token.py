"""An app's token is renewed before it ends, once for whoever needs it, and what ends it for good has its own name."""

import threading

import pytest

from op_core.errors import (
    MayHaveLanded,
    RequestNotSent,
    TokenRevoked,
)
from op_core.ledger import tokens

LOST = MayHaveLanded("the answer is lost")


def row(home):
    return home.ledger.read(tokens.get, "main-1")


def test_a_token_is_got_once_and_used_by_all_processes(any_home, issuer):
    """The first request gets a token, every other one takes it, in this process and in the next."""
    one, two = any_home.process(), any_home.process()

    assert ["op_at_not_real_1"] * 4 == [one.token(), one.token(), two.token(), any_home.process().token()]
    assert ["StoreGrant"] == issuer.asked


def test_it_is_renewed_ahead_of_its_end(any_home, issuer):
    """Five minutes before its end another one is got, once; until then nothing is asked."""
    one, two = any_home.process(), any_home.process()
    one.token()
    any_home.clock.move(minutes=54, seconds=59)
    assert "op_at_not_real_1" == one.token()
    any_home.clock.move(seconds=1)

    assert ["op_at_not_real_2"] * 3 == [one.token(), two.token(), one.token()]
    assert 2 == len(issuer.asked)


def test_a_short_life_is_not_renewed_at_every_request(home, issuer):
    """A token that lives for less than `ahead` is renewed at half its life."""
    issuer.life = 120
    one = home.process()
    one.token()
    home.clock.move(seconds=59)
    assert "op_at_not_real_1" == one.token()
    home.clock.move(seconds=1)

    assert "op_at_not_real_2" == one.token()


@pytest.mark.parametrize("said", [None, 0, -5])
def test_a_life_that_is_not_said_is_an_hour(home, issuer, said):
    """The page says 3600 seconds."""
    issuer.life = said
    one = home.process()
    one.token()

    assert 3600 == (row(home).ends_at - home.clock()).total_seconds()


def test_a_refused_token_is_renewed_for_all_who_hold_it(home, issuer):
    """Whoever was refused with the same token takes the one that the first of them got."""
    one, two = home.process(), home.process()
    one.token(), two.token()
    home.clock.move(minutes=10)

    assert ["op_at_not_real_2"] * 3 == [one.renewed("op_at_not_real_1"), two.renewed("op_at_not_real_1"), two.token()]
    assert 2 == len(issuer.asked)


def test_a_token_that_is_refused_when_new_is_not_renewed_again_and_again(home, issuer):
    """Within a minute it stays, and the request ends in an error that says what to do; then another one is got."""
    one = home.process()
    token = one.token()
    home.clock.move(seconds=59)
    assert token == one.renewed(token)
    assert 1 == len(issuer.asked)
    home.clock.move(seconds=1)

    assert "op_at_not_real_2" == one.renewed(token)
    with pytest.raises(TokenRevoked, match=r"GET /v1/orders: 401 .* installed on store store_123"):
        raise one.refused("GET /v1/orders")


def test_a_very_short_life_is_renewed_when_it_ends(home, issuer):
    """A token that lives for less than a minute is not taken for new when its life is half over."""
    issuer.life = 20
    one = home.process()
    token = one.token()
    home.clock.move(seconds=9)
    assert token == one.renewed(token)
    home.clock.move(seconds=1)

    assert "op_at_not_real_2" == one.renewed(token)


def test_threads_go_on_while_another_renews(home, issuer):
    """A token that ends soon is good until then: nobody waits for whoever renews it."""
    one = home.process()
    one.token()
    home.clock.move(minutes=56)
    seen = []
    issuer.faults = [lambda: seen.append(one.token())]

    assert "op_at_not_real_2" == one.token()
    assert ["op_at_not_real_1"] == seen


def test_another_process_goes_on_while_the_lease_is_taken(home, issuer):
    """A good token is used while another process renews it; it asks for none of its own."""
    one, two = home.process(), home.process()
    one.token()
    home.clock.move(minutes=56)
    seen = []
    issuer.faults = [lambda: seen.append(two.token())]

    assert "op_at_not_real_2" == one.token()
    assert (["op_at_not_real_1"], 2, []) == (seen, len(issuer.asked), home.waits)


def test_without_a_good_token_it_waits_for_whoever_fetches(home, issuer):
    """A process that has none waits until the other has written its own down, and takes that."""
    one = home.process()
    got = []
    waiting = threading.Event()

    def wait(_):
        waiting.set()
        done.wait(10)

    two = home.process(wait=wait)
    done = threading.Event()
    other = threading.Thread(target=lambda: got.append(two.token()))

    def meanwhile():
        other.start()
        assert waiting.wait(10)

    issuer.faults = [meanwhile]
    got.append(one.token())
    done.set()
    other.join(10)

    assert ["op_at_not_real_1"] * 2 == got
    assert 1 == len(issuer.asked)


def test_a_lease_that_ends_goes_to_another(any_home, issuer):
    """Whoever took it and died keeps it no longer than it says; the next one fetches then, and no earlier."""
    now = any_home.clock()
    lease = any_home.clock.now.replace(minute=now.minute, second=29)
    assert any_home.ledger.write(tokens.take, "main-1", "op_app_1", None, now, lease)

    assert "op_at_not_real_1" == any_home.process().token()
    assert pytest.approx(29, abs=0.5) == sum(any_home.waits)


def test_waiting_has_an_end(home):
    """Where others hold the lease for ever, the request is not sent, and may be sent later."""
    one = home.process(wait=lambda _: None)
    now = home.clock()
    home.ledger.write(tokens.take, "main-1", "op_app_1", None, now, now.replace(hour=23))

    with pytest.raises(RequestNotSent, match="another process"):
        one.token()


def test_a_late_answer_is_kept_where_there_is_no_newer_one(by_code, issuer):
    """The lease has passed to another, who has not written yet: what came late is used, and by the other too."""
    one, two = by_code.process(), by_code.process()

    def overtaken():
        by_code.clock.move(minutes=2)
        with pytest.raises(TokenRevoked):  # the refresh token is used up, and the late answer is not there yet
            two.token()

    issuer.faults = [overtaken]

    assert "op_at_not_real_1" == one.token()
    assert (None, "op_at_not_real_1") == (row(by_code).reason, by_code.process().token())


def test_a_newer_answer_is_not_overwritten_by_a_late_one(home, issuer):
    """The lease has passed to another, who has written its own: that one is used by both."""
    one, two = home.process(), home.process()

    def overtaken():
        home.clock.move(minutes=2)
        assert "op_at_not_real_2" == two.token()

    issuer.faults = [overtaken]

    assert "op_at_not_real_2" == one.token()
    assert "op_at_not_real_2" == home.process().token()


def test_a_refusal_is_no_end_where_another_was_faster(by_code, issuer):
    """The refresh token is used up because another process used it: its token is taken, and nothing is revoked."""
    one, two = by_code.process(), by_code.process()
    one.token()
    by_code.clock.move(hours=2)
    taken = []
    asked = issuer.token

    def slow(grant):
        if not taken:
            taken.append(grant)
            by_code.clock.move(minutes=2)
            two.token()
        return asked(grant)

    issuer.token = slow

    assert "op_at_not_real_2" == one.token()
    assert row(by_code).reason is None
