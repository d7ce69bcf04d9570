"""The adapter over a socket, as it runs in a shop."""

from corner_served import listening
from corner_subject import TOKEN, CornerShopSubject
from op_corner_shop import CornerShopAdapter, CornerShopSettings

from op_core.models import Found
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.requests import GetOrderRequest
from op_core.testing.kit.asked import a_refund, the_question
from op_core.testing.model_shop import an_order


def test_it_reads_and_pays_over_a_socket(tmp_path):
    """What the shop made over HTTP is read over HTTP, and is found again by its reference."""
    subject = CornerShopSubject()
    order = subject.put(an_order(id="10/01", number="#10/01"))
    with listening(subject.shop) as url:
        settings = CornerShopSettings.model_validate({"url": url, "token": TOKEN})
        adapter = CornerShopAdapter(settings, StoreInfo("main", "main-1", tmp_path))
        request = a_refund(order, Money("12.50", "USD"))

        assert order == adapter.op_get_order(GetOrderRequest("main", order.id))
        outcome = adapter.op_issue_refund(request)
        assert Found(outcome) == adapter.op_find_refund(the_question(request))
        adapter.close()

    assert [outcome.shop_id] == [one.shop_id for one in subject.effects()]
