"""The cursor list of orders."""

from __future__ import annotations

import pytest

from op_core.sandbox import Sandbox


@pytest.fixture
def seven(send, order):
    """Run a sandbox with seven orders."""
    with Sandbox() as sandbox:
        for number in range(1, 8):
            send(sandbox.url, "POST", "/v1/orders", order(sourceOrderId=f"N{number}"))
        yield lambda query="": send(sandbox.url, "GET", f"/v1/orders{query}")


def ids(page):
    return [edge["node"]["sourceOrderId"] for edge in page["edges"]]


def test_walk(seven):
    """Following endCursor visits every order once, oldest first, and ends."""
    page = seven("?size=3").json
    walked = [ids(page)]
    while page["pageInfo"]["hasNextPage"]:
        page = seven(f"?size=3&cursor={page['pageInfo']['endCursor']}").json
        walked.append(ids(page))
    assert [["N1", "N2", "N3"], ["N4", "N5", "N6"], ["N7"]] == walked
    assert (7, True) == (page["totalCount"], page["pageInfo"]["hasPreviousPage"])


def test_page_cursors(seven):
    """The cursor of a page button leads to that page; ``buttonNum`` limits the buttons."""
    around = seven("?size=3&buttonNum=2").json["pageCursors"]["around"]
    assert [(1, True), (2, False)] == [(button["page"], button["isCurrent"]) for button in around]
    page = seven(f"?size=3&cursor={around[1]['cursor']}").json
    assert ["N4", "N5", "N6"] == ids(page)
    assert [2] == [button["page"] for button in page["pageCursors"]["around"] if button["isCurrent"]]


@pytest.mark.parametrize("query", ["size=0", "size=-1", "size=x", "size=99999", "buttonNum=0", "cursor=mine"])
def test_refused(seven, query):
    """A size, a button number or a cursor that cannot be is refused with 400 and its name."""
    answer = seven(f"?{query}")
    assert (400, query.partition("=")[0]) == (answer.status, answer.json["field"])


def test_empty(send):
    """Without orders there is one empty page."""
    with Sandbox() as sandbox:
        page = send(sandbox.url, "GET", "/v1/orders").json
    assert ([], 0, False, None) == (
        page["edges"],
        page["totalCount"],
        page["pageInfo"]["hasNextPage"],
        page["pageInfo"]["endCursor"],
    )
