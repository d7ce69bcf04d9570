"""What a webhook says in words, in each place where a manifest may put it: data there, and nothing else."""

import html
import json
from urllib.parse import parse_qs, urlsplit

import attrs
import httpx
import pytest
from op_rest_shop import RestShopAdapter, RestShopSettings

from op_core.errors import NotSent, OrderNotFound
from op_core.models import Outcome
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest, NoteRequest, OperationKey
from op_core.testing.hostile import TEXTS
from op_core.untrusted import Untrusted

NOTE = """
[note]
id = "note.id"
[[note.calls]]
name = "note"
post = "/orders/{order_id}/notes"
"""
PLACES = {
    "json": ('json = { whole = "{text}", inside = "<p>{text} ({reference})</p>", list = ["{text}"] }', "/notes"),
    "html": ('json = { whole = "{html(text)}", ref = "{reference}" }', "/notes"),
    "form": ('form = { whole = "{text}", inside = "note: {text}", ref = "{reference}" }', "/notes"),
    "query": ('query = { whole = "{text}", inside = "note: {text}", ref = "{reference}" }', "/notes"),
    "graphql": ('graphql = "mutation { note }"\nvariables = { whole = "{text}", ref = "{reference}" }', "/notes"),
    "path": ('json = { ref = "{reference}" }', "/notes/{text}/x"),
    "header": ('headers = { X-Note = "{text}" }\njson = { ref = "{reference}" }', "/notes"),
}


@attrs.define
class Sent:
    """A transport that keeps what would go out, and answers that it is done."""

    requests: list = attrs.Factory(list)

    def __call__(self, request):
        """Keep it."""
        self.requests.append(request)
        return httpx.Response(200, json={"id": "n1"})


@pytest.fixture
def sent():
    return Sent()


@pytest.fixture
def noting(manifest, sent, order, tmp_path):
    """Return what notes a text, by a manifest that puts it into one place."""
    made = []

    def note(place, text):
        said, path = PLACES[place]
        (tmp_path / "noting.toml").write_text(manifest + NOTE.replace("/notes", path) + said)
        given = {
            "manifest": "noting.toml",
            "url": "https://shop.example/admin",
            "env": {"SHOP_TOKEN": "not-a-real-one"},
        }
        settings, info = RestShopSettings.model_validate(given), StoreInfo("main", "main-1", tmp_path)
        made.append(RestShopAdapter(settings, info, transport=httpx.MockTransport(sent)))
        return made[-1].op_add_note(request=NoteRequest(**an_effect(order), text=Untrusted(text)))

    yield note
    for one in made:
        one.close()


def an_effect(order):
    key = OperationKey("main-1", "message:1", "note", 1)
    return {"store": "main", "key": key, "reference": "OP-1", "order": order, "deadline": order.created_at}


def read(place, request):
    """Return each value that the shop would read, and leave out what stands around it."""
    match place:
        case "json":
            body = json.loads(request.content)
            return [body["whole"], body["inside"][len("<p>") : -len(" (OP-1)</p>")], *body["list"]]
        case "form" | "query":
            raw = request.content.decode() if place == "form" else urlsplit(str(request.url)).query
            said = parse_qs(raw, keep_blank_values=True, strict_parsing=True)
            assert {"whole", "inside", "ref"} == set(said)
            return [*said["whole"], *(each[len("note: ") :] for each in said["inside"])]
    return [json.loads(request.content)["variables"]["whole"]]


@pytest.mark.parametrize("place", ["json", "form", "query", "graphql"])
def test_a_text_is_one_value(noting, sent, place):
    """Neither braces nor quotes, ampersands or line ends in it make more of it, and none of it is lost."""
    for text in TEXTS:
        assert Outcome("done", shop_id="n1") == noting(place, text)
        request = sent.requests.pop()

        assert ("/admin/orders/order_1/notes", {text}) == (request.url.path, set(read(place, request)))
    assert [] == sent.requests


def test_a_text_is_one_segment_of_a_path(noting, sent):
    """A slash in it is no slash of the path; what would be another place is not sent at all."""
    for text in TEXTS:
        if text == "..":
            with pytest.raises(NotSent, match="another place"):
                noting("path", text)
            continue
        noting("path", text)
        raw = sent.requests.pop().url.raw_path.decode()
        assert raw.startswith("/admin/orders/order_1/notes/")
        assert raw.endswith("/x")
        assert "/admin/orders/order_1/notes//x".count("/") == raw.count("/")
    assert [] == sent.requests


def test_a_text_is_one_header(noting, sent):
    """What would end a header, or cannot stand in one, is not sent at all."""
    for text in (*TEXTS, "Größe", "plain"):
        if text.isascii() and text.isprintable():
            noting("header", text)
            assert text == sent.requests.pop().headers["X-Note"]
        else:
            with pytest.raises(NotSent, match="other than printable ASCII"):
                noting("header", text)
    assert [] == sent.requests


@pytest.mark.parametrize("text", TEXTS)
def test_a_shop_that_shows_html_is_given_none(noting, sent, text):
    """``html()`` escapes a text for it, once."""
    noting("html", text)
    said = json.loads(sent.requests.pop().content)["whole"]

    assert not set("<>\"'") & set(said)
    assert text == html.unescape(said)


@pytest.mark.parametrize("order_id", ["..", "."])
def test_an_order_id_is_no_place(adapter, shop, order_id):
    """Another call of the shop's API is not made in its name."""
    with pytest.raises(NotSent, match="another place"):
        adapter.op_get_order(request=GetOrderRequest("main", order_id))
    assert [] == shop.asked


@pytest.mark.parametrize("order_id", ["../credits", "order_1/../../credits", "order_1?x=1", "order_1#x", "%2e%2e"])
def test_an_order_id_is_one_segment(adapter, shop, order_id):
    """The shop is asked for just this one, and has none."""
    with pytest.raises(OrderNotFound):
        adapter.op_get_order(request=GetOrderRequest("main", order_id))
    (asked,) = shop.asked
    assert "/" not in asked.removeprefix("GET /orders/")
