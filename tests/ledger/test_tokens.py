"""Rows of an app's credentials: one process holds the lease, and only it gives it back."""

from datetime import timedelta

import pytest

from op_core.ledger import Ledger, tokens
from op_core.ledger.writer import Conflict
from op_core.testing.clock import START, Clock

LEASE = START + timedelta(minutes=1)
TOKEN = {"client_id": "op_app_1", "access_token": "sealed", "refresh_token": None, "scopes": None,
         "ends_at": START + timedelta(hours=1)}  # fmt: skip


@pytest.fixture
def ledger(ledger_url):
    """Give an empty ledger of each kind."""
    made = Ledger.open(ledger_url, clock=Clock(), upgrade=True)
    yield made
    made.close()


def take(ledger, version=None, now=START, until=LEASE):
    return ledger.write(tokens.take, "main-1", "op_app_1", version, now, until)


def row(ledger):
    return ledger.read(tokens.get, "main-1")


def test_the_lease_is_one_process_s(ledger):
    """Until it ends nobody else gets it; then whoever comes first does."""
    assert [True, False, False] == [take(ledger), take(ledger), take(ledger, 0)]
    later = LEASE + timedelta(minutes=1)

    assert [False, True] == [take(ledger, 0, LEASE - timedelta(seconds=1)), take(ledger, 0, LEASE, later)]
    assert later == row(ledger).lease_until


def test_a_row_that_has_changed_is_looked_at_again(ledger):
    """Who saw an older version gets no lease: there may be a new token."""
    take(ledger)
    assert ledger.write(tokens.put, "main-1", 0, LEASE, now=START, **TOKEN)

    assert [False, False, True] == [take(ledger), take(ledger, 0), take(ledger, 1)]


def test_a_forgotten_row_gives_no_lease(ledger):
    """Who saw one that is gone looks again."""
    assert not take(ledger, 3)


def test_two_first_rows_are_a_conflict_at_most(ledger, ledger_url):
    """Two processes that write the first row at once: one of them has the lease."""
    other = Ledger.open(ledger_url)
    try:
        futures = [one.writer.submit(lambda c: tokens.take(c, "main-1", "op_app_1", None, START, LEASE))
                   for one in (ledger, other)]  # fmt: skip
        errors = [future.exception(30) for future in futures]
        taken = [error is None and future.result() for future, error in zip(futures, errors, strict=True)]
    finally:
        other.close()

    assert 1 == sum(taken)
    assert set(map(type, errors)) <= {type(None), Conflict}


def test_a_token_ends_the_lease(ledger):
    """The version counts on, and what was wrong is forgotten."""
    take(ledger)
    ledger.write(tokens.fail, "main-1", LEASE, START, "refused")
    assert ("refused", None) == (row(ledger).reason, row(ledger).lease_until)
    take(ledger, 0)
    later = START + timedelta(minutes=1)
    ledger.write(tokens.put, "main-1", 0, LEASE, now=later, **TOKEN)

    after = row(ledger)
    assert (1, None, None, "sealed") == (after.version, after.lease_until, after.reason, after.access_token)
    assert later == after.changed_at


def test_a_failure_keeps_what_is_there(ledger):
    """Without a reason only the lease is given back; with one, the token is gone and the refresh token stays."""
    take(ledger)
    ledger.write(tokens.put, "main-1", 0, LEASE, now=START, **{**TOKEN, "refresh_token": "sealed too"})
    take(ledger, 1)
    ledger.write(tokens.fail, "main-1", LEASE, START)
    assert ("sealed", None) == (row(ledger).access_token, row(ledger).lease_until)
    take(ledger, 1)
    ledger.write(tokens.fail, "main-1", LEASE, START, "refused")

    assert (None, "sealed too") == (row(ledger).access_token, row(ledger).refresh_token)


def test_who_lost_the_lease_cannot_give_it_back(ledger):
    """A failure that comes late touches neither the lease of another nor the token."""
    take(ledger)
    later = LEASE + timedelta(minutes=1)
    take(ledger, 0, LEASE, later)
    ledger.write(tokens.fail, "main-1", LEASE, LEASE, "refused")

    assert (later, None) == (row(ledger).lease_until, row(ledger).reason)


def test_a_late_token_leaves_the_lease_of_another(ledger):
    """It is taken where nobody wrote one since; who holds the lease still writes its own."""
    take(ledger)
    later = LEASE + timedelta(minutes=1)
    take(ledger, 0, LEASE, later)

    assert ledger.write(tokens.put, "main-1", 0, LEASE, now=LEASE, **{**TOKEN, "access_token": "late"})
    assert ("late", later) == (row(ledger).access_token, row(ledger).lease_until)
    assert ledger.write(tokens.put, "main-1", 0, later, now=LEASE, **TOKEN)
    assert not ledger.write(tokens.put, "main-1", 0, LEASE, now=LEASE, **{**TOKEN, "access_token": "later still"})
    assert ("sealed", None) == (row(ledger).access_token, row(ledger).lease_until)


def test_an_authorization_is_one_and_ends_with_a_token(ledger):
    """A second beginning replaces the first; the first token of an installation ends it."""
    for state in ("one", "two"):
        ledger.write(tokens.begin, "main-1", state, "verifier", START)
    assert "two" == ledger.read(tokens.pending, "main-1").state
    ledger.write(tokens.replace, "main-1", now=START, **TOKEN)

    assert (None, "sealed") == (ledger.read(tokens.pending, "main-1"), row(ledger).access_token)


def test_a_new_installation_counts_on(ledger):
    """Who still looks at the token of the old one sees that it has changed."""
    for _ in range(3):
        ledger.write(tokens.replace, "main-1", now=START, **TOKEN)

    assert 2 == row(ledger).version
    assert not take(ledger, 1)


def test_what_is_forgotten_is_gone(ledger):
    """Tokens and an authorization under way."""
    ledger.write(tokens.replace, "main-1", now=START, **TOKEN)
    ledger.write(tokens.begin, "main-1", "state", "verifier", START)
    ledger.write(tokens.forget, "main-1")

    assert (None, None) == (row(ledger), ledger.read(tokens.pending, "main-1"))
