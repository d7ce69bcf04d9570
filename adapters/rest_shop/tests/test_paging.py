"""Going through a list in five ways, also while it moves."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from op_rest_shop.calls import Call
from op_rest_shop.landing import Answer
from op_rest_shop.mapping import Listing
from op_rest_shop.paging import address, packed, unpacked, walk

from op_core.errors import ContractBroken

PAGED = {
    "keyset": {"by": "keyset"},
    "offset": {"by": "offset", "overlap": 2},
    "page": {"by": "page"},
    "cursor": {"by": "cursor", "next": "next"},
    "link": {"by": "link"},
}


class List:
    """A list of ``[id, changed]`` in the order of change, and what happens between two pages of it."""

    def __init__(self, rows, moves=()):
        self.rows = list(rows)
        self.moves = list(moves)
        self.asked = 0
        self.moved = set()

    def ask(self, context, link):
        """Answer as a shop does; then one row may change, so that it moves to the end."""
        self.asked += 1
        since, limit = context["since"] or "", context["limit"]
        rows = sorted((row for row in self.rows if row[1] >= since), key=lambda row: row[1])
        begin = (
            context.get("offset", 0) + (context.get("page", 1) - 1) * limit + int(context.get("cursor") or link or 0)
        )
        found, end = rows[begin : begin + limit], begin + limit
        if self.moves and rows:
            moving = rows[self.moves.pop() % len(rows)]
            self.moved.add(moving[0])
            self.rows = [row for row in self.rows if row[0] != moving[0]] + [(moving[0], f"9{self.asked:03d}")]
        headers = {"link": f'<{end}>; rel="next"'} if end < len(rows) else {}
        return Answer("done", body={"next": str(end) if end < len(rows) else None}, headers=headers), found


def listing(by, **more):
    paging = {**PAGED[by], **more}
    return Listing.model_validate({"get": "/things", "items": "things", "paging": paging})


def walked(by, rows, limit, **more):
    """Return the ids that a whole walk gives; each state goes through its text."""
    found, state, done, pages = [], {}, False, 0
    while not done and pages < 200:
        page = walk(listing(by, **more), rows.ask, lambda row: (row[0], row[1]), None, state, limit, "things")
        state, done, pages = json.loads(packed(page.state)), page.done, pages + 1
        found += [row[0] for row in page.items]
    assert done
    return found


TIMES = st.lists(st.integers(0, 8), max_size=40)


@pytest.mark.parametrize("by", PAGED)
@given(times=TIMES, limit=st.integers(1, 7))
def test_every_item_comes_once_while_nothing_moves(by, times, limit):
    """In each way, for any times of change, also where many are the same."""
    rows = [(f"id{at}", f"{time:04d}") for at, time in enumerate(times)]

    assert sorted(row[0] for row in rows) == sorted(walked(by, List(rows), limit))


@pytest.mark.parametrize("by", ["keyset", "offset", "page"])
@given(times=TIMES, limit=st.integers(3, 7), moves=st.lists(st.integers(0, 99), max_size=12))
def test_none_is_skipped_while_rows_move(by, times, limit, moves):
    """
    A row that changes moves to the end, and what moves up into a page that was read is not lost.

    The one that changed may be left to the next walk, which asks for what changed since this one.
    """
    rows = List([(f"id{at}", f"{time:04d}") for at, time in enumerate(times)], moves)
    ids = {row[0] for row in rows.rows}
    found = set(walked(by, rows, limit))

    assert ids - rows.moved <= found


def test_an_offset_without_overlap_would_skip():
    """What the overlap is for: without it, the same walk loses a row."""
    rows = [(f"id{at}", f"{at:04d}") for at in range(9)]

    assert {row[0] for row in rows} <= set(walked("offset", List(rows, [0]), 3))
    assert "id3" not in walked("offset", List(rows, [0]), 3, overlap=0)


def test_a_page_of_one_time_is_asked_for_anew_and_larger():
    """More items of one time than a page holds do not stop the walk."""
    rows = List([(f"id{at}", "0001") for at in range(40)])

    assert 40 == len(walked("keyset", rows, 5))


@pytest.mark.parametrize("by", ["cursor", "link"])
def test_a_list_that_leads_to_itself_is_an_error(by):
    """A shop that names the same page again and again would be asked for ever."""

    def ask(_, link):
        return Answer("done", body={"next": "a"}, headers={"link": '<a>; rel="next"'}), [("id", "1")]

    first = walk(listing(by), ask, lambda row: row, None, {}, 5, "things")
    with pytest.raises(ContractBroken, match="again and again"):
        walk(listing(by), ask, lambda row: row, None, first.state, 5, "things")


@pytest.mark.parametrize(
    ("link", "found"),
    [
        ("https://shop.example/api/orders?page=2&q=a%20b", ("/orders", (("page", "2"), ("q", "a b")))),
        ("/api/orders?page=2", ("/orders", (("page", "2"),))),
    ],
)
def test_a_link_is_followed_below_the_shops_address(link, found):
    """Whole or relative, with its query."""
    assert found == address("https://shop.example/api", link, "orders")


@pytest.mark.parametrize(
    "link",
    ["https://elsewhere.example/api/orders", "http://shop.example/api/orders", "/other", "//elsewhere.example/api"],
)
def test_a_link_to_another_place_is_never_followed(link):
    """Our token would go there."""
    with pytest.raises(ContractBroken, match="another address"):
        address("https://shop.example/api", link, "orders")


@pytest.mark.parametrize("cursor", ["x", "[1]", "1"])
def test_a_cursor_of_somebody_else_is_refused(cursor):
    """The advice is to begin anew."""
    with pytest.raises(ContractBroken, match="--full"):
        unpacked(cursor)


def test_a_call_needs_one_method():
    """Two, or none, are refused with their names."""
    with pytest.raises(ValueError, match="one of get, post, put, patch, delete"):
        Call.model_validate({"get": "/a", "post": "/b"})
