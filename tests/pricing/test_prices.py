"""Prices, fetched once and remembered: a checkout neither hangs nor sells at a price that nobody can date."""

import logging
import threading
from datetime import timedelta

import attrs
import pytest

from op_core.errors import (
    MayHaveLanded,
    NotFoundThere,
    RateLimited,
    RequestNotSent,
    ServerFailed,
    SettingsError,
    UnreadableAnswer,
    WrongArgument,
)
from op_core.money import Money
from op_core.pricing import Prices
from op_core.settings import QuoteSettings
from op_core.testing.clock import START, Clock


@attrs.define
class Api:
    """Answers with what it is told; counts who asked for what."""

    answers: list
    asked: list = attrs.field(factory=list)

    def __call__(self, *said):
        self.asked.append(said)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


AWAY = [
    RequestNotSent("never connected"),
    MayHaveLanded("timed out"),
    ServerFailed("down", status=503),
    RateLimited("too many", status=429),
    UnreadableAnswer("a page in HTML", b"<html>"),
]


def kind(error):
    return type(error).__name__


@pytest.fixture
def clock():
    """Give a clock."""
    return Clock()


@pytest.fixture
def prices(clock, rules):
    """Give what makes the prices of a store whose only rule costs 1 USD, or whose API answers this."""

    def make(*answers, **settings):
        api = Api(list(answers) or [rules(("a", 0, 50, 1))])
        table = QuoteSettings.model_validate({"store_url": "shop.example", **settings})
        return Prices("main", table, "inclusive", api, clock)

    return make


def test_the_rules_are_asked_for_once_within_their_age(prices, clock):
    """Every quote says how old they are."""
    store = prices()
    first = store.quote("10", "USD")
    clock.move(minutes=10)
    second = store.quote("20", "EUR", "0.9")

    assert [("shop.example", None, None)] == store.ask.asked
    assert (START, timedelta(0), START, timedelta(minutes=10)) == (
        first.fetched_at,
        first.age,
        second.fetched_at,
        second.age,
    )
    assert (Money("1.00", "USD"), Money("0.90", "EUR")) == (first.amount, second.amount)
    assert not second.stale


def test_they_are_asked_for_again_beyond_it(prices, clock, rules):
    """A changed price counts from then on."""
    store = prices(rules(("a", 0, 50, 1)), rules(("a", 0, 50, 2)))
    store.quote("10", "USD")
    clock.move(minutes=10, seconds=1)

    assert (Money("2.00", "USD"), timedelta(0)) == ((said := store.quote("10", "USD")).amount, said.age)


def test_the_setting_says_how_old_they_may_be(prices, clock):
    """`quote.max_age` of zero asks each time."""
    store = prices(max_age="0 s")
    store.quote("10", "USD")
    clock.move(seconds=1)
    store.quote("10", "USD")

    assert 2 == len(store.ask.asked)


def test_a_partner_and_its_cohort_are_named(prices):
    """They go into the headers of the call."""
    store = prices(partner_app_id="op_app_1", partner_variant="b")
    store.quote("10", "USD")

    assert [("shop.example", "op_app_1", "b")] == store.ask.asked


@pytest.mark.parametrize("error", AWAY, ids=kind)
def test_older_rules_are_used_where_the_api_cannot_be_reached(prices, clock, rules, error, caplog):
    """Up to `quote.stale_for`, and the result says so; one warning for each try."""
    store = prices(rules(("a", 0, 50, 1)), error)
    store.quote("10", "USD")
    clock.move(hours=24)
    with caplog.at_level(logging.WARNING, "op_core"):
        said = store.quote("10", "USD")
        store.quote("10", "USD")

    assert (True, True, timedelta(hours=24), START) == (said.offered, said.stale, said.age, said.fetched_at)
    assert 1 == len(caplog.records)


@pytest.mark.parametrize("error", AWAY, ids=kind)
def test_beyond_that_the_error_comes_out(prices, clock, rules, error):
    """A price of last week is no price."""
    store = prices(rules(("a", 0, 50, 1)), error)
    store.quote("10", "USD")
    clock.move(hours=24, seconds=1)
    with pytest.raises(type(error)):
        store.quote("10", "USD")


def test_an_answer_that_the_shop_has_no_prices_ends_them(prices, clock, rules):
    """A 404 says something about the rules: the older ones are no longer sold by, not even later."""
    store = prices(rules(("a", 0, 50, 1)), NotFoundThere("no such shop", status=404), RequestNotSent("away"))
    store.quote("10", "USD")
    clock.move(minutes=11)
    with pytest.raises(NotFoundThere):
        store.quote("10", "USD")
    clock.move(minutes=1)
    with pytest.raises(RequestNotSent):
        store.quote("10", "USD")


def test_after_a_failure_nobody_asks_again_for_a_while(prices, clock, rules):
    """An API that is away costs one customer a time-out, not each of them; then it is asked again."""
    store = prices(RequestNotSent("away"), rules(("a", 0, 50, 1)))
    for _ in range(3):
        with pytest.raises(RequestNotSent):
            store.quote("10", "USD")
        clock.move(seconds=4)
    assert 1 == len(store.ask.asked)
    clock.move(seconds=3)

    assert store.quote("10", "USD").offered
    assert 2 == len(store.ask.asked)


def test_a_clock_that_is_put_back_makes_them_be_asked_for(prices, clock):
    """Rules from the future are of no known age."""
    store = prices()
    store.quote("10", "USD")
    clock.move(hours=-1)
    said = store.quote("10", "USD")

    assert (2, timedelta(0)) == (len(store.ask.asked), said.age)


def test_without_a_host_no_price_is_asked(prices):
    """The text names the key and what belongs there."""
    with pytest.raises(SettingsError, match=r"stores\.main\.quote\.store_url: missing.*shop\.example"):
        prices(store_url=None).quote("10", "USD")


def test_a_wrong_cart_is_refused_before_anybody_is_asked(prices):
    """Nothing goes out for it."""
    store = prices()
    with pytest.raises(WrongArgument):
        store.quote(12.5, "USD")

    assert [] == store.ask.asked


# --- Many threads --------------------------------------------------------------------------------------------------


class SlowApi(Api):
    """Answers only when it may."""

    def __init__(self, answer):
        super().__init__([answer])
        self.begun, self.may = threading.Event(), threading.Event()

    def __call__(self, *said):
        self.begun.set()
        assert self.may.wait(10)
        return super().__call__(*said)


def together(count, work):
    """Run *work* in so many threads; return what is to be joined, and where their results go."""
    results = []

    def run():
        try:
            results.append(work())
        except Exception as error:  # noqa: BLE001 - it is looked at
            results.append(error)

    threads = [threading.Thread(target=run, daemon=True) for _ in range(count)]
    for thread in threads:
        thread.start()
    return threads, results


@pytest.mark.parametrize("fails", [False, True])
def test_many_threads_ask_once(prices, rules, fails):
    """Where nothing is known they wait for the one that asks, and share its answer or its failure."""
    store = prices()
    store.ask = api = SlowApi(RequestNotSent("away") if fails else rules(("a", 0, 50, 1)))
    threads, results = together(8, lambda: store.quote("10", "USD").amount)
    assert api.begun.wait(10)
    api.may.set()
    for thread in threads:
        thread.join(10)

    assert 1 == len(api.asked)
    assert ["RequestNotSent" if fails else "Money"] * 8 == list(map(kind, results))


def test_while_one_asks_the_others_use_what_is_known(prices, clock, rules):
    """Nobody waits for an answer that is only to be fresher."""
    store = prices()
    store.quote("10", "USD")
    clock.move(minutes=11)
    store.ask = api = SlowApi(rules(("a", 0, 50, 2)))
    threads, results = together(1, lambda: store.quote("10", "USD"))
    assert api.begun.wait(10)
    meanwhile = store.quote("10", "USD")
    api.may.set()
    threads[0].join(10)

    assert (Money("1.00", "USD"), True) == (meanwhile.amount, meanwhile.stale)
    assert (Money("2.00", "USD"), False) == (results[0].amount, results[0].stale)
