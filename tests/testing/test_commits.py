"""The proxy does to a COMMIT what it is told, and the database has taken it by then, or has not."""

import threading

import pytest
import sqlalchemy as sa

from op_core.testing.commits import CommitProxy


@pytest.fixture(params=["postgres_url", pytest.param("mariadb_url", marks=pytest.mark.mariadb)])
def database(request):
    """Give a database with an empty table, and how many rows are in it."""
    url = request.getfixturevalue(request.param)
    engine = sa.create_engine(url, poolclass=sa.NullPool)
    with engine.begin() as db:
        db.exec_driver_sql("create table made (a int)")

    def rows():
        with engine.connect() as db:
            return db.exec_driver_sql("select count(*) from made").scalar_one()

    return url, rows


def commit(proxy):
    """Add a row by way of the proxy."""
    engine = sa.create_engine(proxy.url, poolclass=sa.NullPool)
    with engine.connect() as db:
        db.exec_driver_sql("insert into made values (1)")
        db.commit()


def test_what_passes_is_answered_and_what_is_cut_is_not(database):
    """A COMMIT that passes, one that the database never sees, one whose answer is lost, one that is answered twice."""
    url, rows = database
    found = {}
    for fault in (None, "drop before", "drop after", "twice"):
        with CommitProxy(url, lambda _, fault=fault: fault) as proxy:
            before = rows()
            try:
                commit(proxy)
                answered = True
            except sa.exc.DBAPIError:
                answered = False
            found[fault] = (answered, rows() - before)
            ((said, done),) = proxy.passed
            assert (True, fault) == (b"insert into made" in said, done)

    assert {None: (True, 1), "drop before": (False, 0), "drop after": (False, 1), "twice": (True, 1)} == found


@pytest.mark.parametrize(("fault", "there"), [("late commit", 0), ("late answer", 1)])
def test_what_is_late_waits_until_it_is_released(database, fault, there):
    """The answer is not there before, whether the database has taken the COMMIT or not."""
    url, rows = database
    reached, ended = threading.Event(), threading.Event()

    def told(_):
        reached.set()
        return fault

    with CommitProxy(url, told) as proxy:
        caller = threading.Thread(target=lambda: (commit(proxy), ended.set()))
        caller.start()
        assert reached.wait(20)
        for _ in range(1000):  # the COMMIT passes in a thread of the proxy's
            if rows() == there:
                break
            ended.wait(0.02)
        assert (False, there) == (ended.is_set(), rows())
        proxy.release()
        caller.join(20)

    assert (True, 1) == (ended.is_set(), rows())
