"""An offline claim: no order could be asked about it, so an answer that is lost stays lost until a person looks."""

from pathlib import Path

import pytest

from op_core.errors import FilingUnknown, KeyTaken, RequestNotSent, SettingsError, Unprocessable
from op_core.order_protection.jsonmoney import loads
from op_core.testing.transport import Answer, Fault

WIRE = Path(__file__).parents[1] / "data" / "wire"


@pytest.fixture
def url(sqlite_url):
    """Run on SQLite alone: what differs between databases is in test_once.py."""
    return sqlite_url


@pytest.fixture
def sale():
    """Give the sample of page CLM-F."""
    return loads((WIRE / "offline_claim.request.json").read_bytes())


def test_the_order_id_that_the_api_made_up_is_kept(bench, sale):
    """Under it the claim's progress is asked, and its id found; the sample goes out unchanged."""
    filed = bench.filer.offline(sale, "till-7")

    assert ("XX-1234-1234", "c1", "till-7") == (filed.order_id, filed.claim_id, filed.key)
    assert [("/v1/claims/offline", sale)] == [(sent.path, sent.body) for sent in bench.there.posts]
    row = bench.row("till-7")
    assert ("offline", "XX-1234-1234", "c1") == (row.kind, row.order_id, row.claim_id)


def test_a_repeat_returns_the_first_result(bench, sale):
    """Under a key, and without one by its content."""
    assert bench.filer.offline(sale) == bench.filer.offline(sale)
    assert 1 == len(bench.there.posts)


def test_another_content_under_a_key_is_an_error(bench, sale, claim):
    """Also where one is offline and the other is not."""
    bench.filer.offline(sale, "till-7")
    with pytest.raises(KeyTaken):
        bench.filer.offline({**sale, "resolution": "RESHIP"}, "till-7")
    with pytest.raises(KeyTaken):
        bench.filer.online("1001", claim, "till-7")


@pytest.mark.parametrize("step", [Fault("drop after"), Fault("stall"), Answer(500), Answer(200, {"status": "ok"})])
def test_a_lost_answer_stays_unknown(bench, sale, step):
    """However long it was ago it is never filed again by itself; the text says where to look."""
    bench.there.script = [(step, True)]
    for _ in range(2):
        with pytest.raises(FilingUnknown, match=r"no call can tell. Look in Order Protection's dashboard"):
            bench.filer.offline(sale, "till-7")
        bench.clock.move(days=30)

    assert ("unknown", 1) == (bench.row("till-7").state, len(bench.there.posts))


def test_who_has_looked_files_it_under_another_key(bench, sale):
    """A person's decision."""
    bench.there.script = [(Fault("drop after"), False)]
    with pytest.raises(FilingUnknown):
        bench.filer.offline(sale, "till-7")

    assert "XX-1234-1234" == bench.filer.offline(sale, "till-7b").order_id


@pytest.mark.parametrize(("step", "error"), [(Answer(422), Unprocessable), (Fault("refuse"), RequestNotSent)])
def test_what_was_surely_not_filed_may_be_filed_again(bench, sale, step, error):
    """A mended claim, under the same key."""
    bench.there.script = [step]
    with pytest.raises(error):
        bench.filer.offline(sale, "till-7")
    mended = {**sale, "resolution": "RESHIP"}

    assert "c1" == bench.filer.offline(mended, "till-7").claim_id


def test_without_an_answered_order_id_it_is_filed_all_the_same(bench, sale):
    """The API took it; only its progress cannot be asked."""
    bench.there.script = [Answer(201, {"status": "ok", "payload": {}})]
    filed = bench.filer.offline(sale, "till-7")

    assert (None, None) == (filed.order_id, filed.claim_id)
    assert filed == bench.filer.offline(sale, "till-7")


def test_a_store_without_its_id_files_none(make, sale):
    """The setting is named, with the reason."""
    with pytest.raises(SettingsError, match=r"stores\.main\.op_store_id: missing.*page CLM-F"):
        make(op_store_id=None).filer.offline(sale)
