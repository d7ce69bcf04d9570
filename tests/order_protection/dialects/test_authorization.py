"""What comes back from an authorization is read in either form, or refused by name and without showing any of it."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from op_core.errors import InstallFailed
from op_core.order_protection.dialects.authorization import Authorization, read_authorization, refusal

CODE = "op_code_not_real"
FOUND = Authorization(CODE, "s-1", None)


@pytest.mark.parametrize(
    "said",
    [
        f"https://shop.example/done?code={CODE}&state=s-1",
        f"http://localhost:3000/done?at=home&state=s-1&code={CODE}#top",
        f"/done?code={CODE}&state=s-1",
        f"?code={CODE}&state=s-1",
        f"  code={CODE}&state=s-1\n",
        f"code={CODE}&state=s-1".encode(),
        f'{{"code": "{CODE}", "state": "s-1"}}',
        f' {{"code": "{CODE}", "state": "s-1", "store_id": null, "more": [1]}} '.encode(),
        {"code": CODE, "state": "s-1", "store_id": ""},
    ],
)
def test_every_form_is_read(said):
    """An address, its query, the JSON that was posted, as text, bytes or already read."""
    assert FOUND == read_authorization(said)


def test_a_query_is_decoded():
    """Percent-encoded values come out as they were sent."""
    found = read_authorization("code=a%2Bb%3D&state=s+1&store_id=store_1")

    assert Authorization("a+b=", "s 1", "store_1") == found


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (f"https://shop.example/done?code={CODE}", "state: missing"),
        (f"https://shop.example/done?code={CODE}&state=", "state: empty"),
        ("https://shop.example/done", "holds no query"),
        (f"https://shop.example/{CODE}", "holds no query"),
        (f"code={CODE}&code=x&state=s", "code stands in it twice"),
        (f'{{"code": "{CODE}", "code": "x", "state": "s"}}', "begins like JSON"),
        (f'{{"code": "{CODE}"', "begins like JSON"),
        ({"code": [CODE], "state": "s"}, "code: list"),
        ({"code": CODE, "state": 7}, "state: int"),
        ({"code": CODE, "state": "s", "store_id": 7}, "store_id: int"),
        ({}, "code: missing"),
        ("", "holds no query"),
        (b"\xff", "not UTF-8"),
        (f"code={CODE}&state={'x' * 20000}", "longer than"),
        ("https://shop.example/done?error=access_denied&state=s", "not given (access_denied)"),
        (f"https://shop.example/done?error={CODE}&state=s", "not given (another reason)"),
        ({"error": {"code": CODE}}, "not given (another reason)"),
    ],
)
def test_anything_else_is_refused_by_name(said, why):
    """The text says what is wrong and what to do, and shows nothing of what came."""
    with pytest.raises(InstallFailed) as caught:
        read_authorization(said)

    assert why in str(caught.value)
    assert "begin it again" in str(caught.value)
    assert CODE not in str(caught.value)


@given(st.text() | st.binary() | st.dictionaries(st.text(), st.none() | st.text() | st.integers()))
def test_whatever_comes_is_read_or_refused(said):
    """Nothing else than our own error comes out."""
    with contextlib.suppress(InstallFailed):
        read_authorization(said)


def test_neither_code_nor_state_is_shown():
    """``repr`` shows the store's id only."""
    assert "Authorization(store_id='store_1')" == repr(Authorization(CODE, "s-1", "store_1"))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"error": "invalid_grant"}', "invalid_grant"),
        (b'{"error": "INVALID_CLIENT", "message": "x"}', "invalid_client"),
        (b'{"error": {"code": "invalid_scope"}}', "invalid_scope"),
        (b'{"status": 400, "code": "invalid_grant"}', "invalid_grant"),
        (b'{"error": "op_rt_not_real"}', ""),
        (b'{"error": ["invalid_grant"]}', ""),
        (b'["invalid_grant"]', ""),
        (b"<html>", ""),
        (b"", ""),
        (b"[" * 100_000, ""),
    ],
)
def test_a_refusal_is_known_by_its_code(body, code):
    """A known code under a usual name; anything else of the body, such as an echoed token, is not looked at."""
    assert code == refusal(body)
