"""Cursor lists, in both colours: whole, resumable, and never endless."""

from __future__ import annotations

import asyncio

import pytest

from op_core.errors import ServerFailed, UnreadableAnswer
from op_core.order_protection.answers import ReadOrder
from op_core.order_protection.endpoints import Page
from op_core.order_protection.listing import AsyncListing, Listing

PAGES = {None: ("a", ["1", "2"]), "a": ("b", ["3", "4"]), "b": (None, ["5"])}


class Api:
    """Pages by their cursor; *fails* is the cursor at which the next call fails, once."""

    def __init__(self, pages=PAGES, fails="none"):
        self.pages, self.fails, self.asked = pages, fails, []

    def __call__(self, cursor):
        self.asked.append(cursor)
        if cursor == self.fails:
            self.fails = "none"
            raise ServerFailed("503", status=503)
        following, ids = self.pages[cursor]
        return Page(tuple(ReadOrder.model_validate({"sourceOrderId": one}) for one in ids), following, 5)

    async def later(self, cursor):
        return self(cursor)


def read(listing, most=None):
    """Return the ids that a listing of either colour yields, at most so many."""

    async def gathered():
        found = []
        async for order in listing:
            found.append(order.source_order_id)
            if len(found) == most:
                break
        return found

    if isinstance(listing, AsyncListing):
        return asyncio.run(gathered())
    found = []
    for order in listing:
        found.append(order.source_order_id)
        if len(found) == most:
            break
    return found


@pytest.fixture(params=["def", "async def"])
def opened(request):
    """Return what makes a listing of one colour over an API."""
    if request.param == "def":
        return Listing
    return lambda api, cursor=None: AsyncListing(api.later, cursor)


def test_a_list_is_read_whole(opened):
    """Page by page; at the end it says so, and how many there are."""
    api = Api()
    listing = opened(api)

    assert ["1", "2", "3", "4", "5"] == read(listing)
    assert ([None, "a", "b"], True, 5) == (api.asked, listing.done, listing.total)


def test_a_page_is_asked_for_when_it_is_reached(opened):
    """Who stops early has not asked for what comes later."""
    api = Api()

    assert ["1", "2"] == read(opened(api), most=2)
    assert [None] == api.asked


@pytest.mark.parametrize("most", range(1, 6))
def test_a_listing_that_was_stopped_resumes_and_leaves_nothing_out(opened, most):
    """The cursor of the page that was being read begins the next listing; some of that page come again."""
    first = opened(Api())
    seen = read(first, most=most)
    again = read(opened(Api(), first.cursor))

    assert {"1", "2", "3", "4", "5"} == {*seen, *again}
    assert len(again) <= 5 - most + 2


def test_a_listing_goes_on_after_a_failure(opened):
    """The same listing, iterated again, begins with the page that could not be had."""
    api = Api(fails="b")
    listing = opened(api)
    with pytest.raises(ServerFailed):
        read(listing)

    assert (["5"], True) == (read(listing), listing.done)


@pytest.mark.parametrize("pages", [{None: ("a", ["1"]), "a": ("a", ["2"])},
                                   {None: ("a", []), "a": ("b", []), "b": ("a", [])}])  # fmt: skip
def test_a_list_that_would_never_end_is_an_error(opened, pages):
    """A cursor that came before, however long ago, is an unreadable answer."""
    with pytest.raises(UnreadableAnswer, match="the same cursor twice"):
        read(opened(Api(pages)))
