"""An adapter whose calls pass a wire of calls: the plain one passes, one that tries again by itself is found out."""

import pytest

from op_core.hooks import ADDRESSED, hookimpl
from op_core.models import NotFound
from op_core.requests import FindRequest
from op_core.testing import kit
from op_core.testing.kit.blind import Around
from op_core.testing.model import Model
from op_core.testing.wires import CallWire


class _Far:
    """An adapter that asks a model shop over a wire."""

    def __init__(self, shop):
        self.shop = shop

    @property
    def capabilities(self):
        """What the shop can do."""
        return self.shop.capabilities


def _passed_on(name):
    @hookimpl
    def hook(self, request):
        return getattr(self.shop, name)(request)

    return hook


for _name in ADDRESSED:
    setattr(_Far, _name, _passed_on(_name))


class LooksAndTriesAgain(_Far):
    """No answer comes, nothing is there when it looks: so it calls again, and then the first call arrives."""

    @hookimpl
    def op_issue_refund(self, request):
        """Refund, and once more where it seems to be needed."""
        try:
            return self.shop.op_issue_refund(request)
        except TimeoutError:
            question = FindRequest(request.store, request.key, request.reference, request.order, request.amount)
            if self.shop.op_find_refund(question) != NotFound():
                raise
            return self.shop.op_issue_refund(request)


def far(kind):
    """Return the model shop at the far end of a wire, without guards of its own."""
    model, wire = Model(guards=False), CallWire()
    subject = Around(model, kind(wire.far(model.adapter)))
    subject.wire = wire
    return subject


class TestFarWire(kit.WireSuite):
    """A plain adapter keeps every promise, whatever becomes of a call."""

    @pytest.fixture
    def adapter(self):
        """The plain one."""
        return far(_Far)


def test_a_second_call_that_overtakes_the_first_is_found_out(run_case):
    """The shop was asked, and had nothing yet: nothing but the engine's patience tells when that counts."""
    with pytest.raises(kit.Harm, match=r"refunded twice: 20.00 USD \(call \d of \d, late\)"):
        run_case(kit.WireSuite, "test_of_a_refund", far(LooksAndTriesAgain))
