"""Shops that are unlike the model and not broken pass too: one that queues, one that cannot be asked, and so on."""

import pytest

from op_core.capabilities import Capability
from op_core.errors import NotSupported
from op_core.hooks import EFFECTS, QUESTIONS, hookimpl
from op_core.testing import kit
from op_core.testing.model import Model
from op_core.testing.model_shop import ModelShop


class Queueing(ModelShop):
    """It pays later."""

    def _change(self, verb, request):
        self.money = "queued"
        return self._act(verb, request).outcome


class Reading(ModelShop):
    """It can be read, and no more."""

    @property
    def capabilities(self):
        """None of what changes it."""
        no = Capability("unsupported", "it is an archive")
        return super().capabilities | dict.fromkeys([*EFFECTS.values(), *QUESTIONS.values()], no)

    def _change(self, verb, request):
        raise NotSupported("it is an archive")


def _awaited(name):
    @hookimpl
    async def hook(self, request):
        return getattr(ModelShop, name)(self, request)

    return hook


Awaited = type("Awaited", (ModelShop,), {name: _awaited(name) for name in [*EFFECTS.values(), *QUESTIONS.values()]})


class _Queues:
    @pytest.fixture
    def adapter(self):
        """A shop that pays later."""
        return Model(shop=Queueing)


class _Blind:
    @pytest.fixture
    def adapter(self):
        """A shop that cannot be asked."""
        return Model(find=False)


class _Lags:
    @pytest.fixture
    def adapter(self):
        """A shop whose search shows nothing of the last minute and a half."""
        return Model(lag=90)


class _Awaits:
    @pytest.fixture
    def adapter(self):
        """A shop with asynchronous hooks."""
        return Model(shop=Awaited)


SUITES = (
    kit.NoteSuite,
    kit.ProtectionSuite,
    kit.ProtectionBackSuite,
    kit.StoreCreditSuite,
    kit.ReshipSuite,
    kit.RefundSuite,
    kit.BorderSuite,
    kit.WireSuite,
)
for variant in (_Queues, _Lags, _Awaits):
    for suite in SUITES:
        name = f"Test{variant.__name__}{suite.__name__}"
        globals()[name] = type(name, (variant, suite), {})


class TestQueuesHistories(_Queues, kit.HistoriesSuite):
    """Histories of a shop that pays later."""


class TestBlindRefund(_Blind, kit.RefundSuite):
    """What needs an answer of a shop that cannot be asked is skipped, and all else passes."""


@pytest.mark.parametrize("suite", SUITES[:-2])
def test_the_money_core_is_tried_of_a_shop_that_changes_nothing(failures, suite):
    """No statement of an adapter skips it, and one that does nothing and says so keeps it."""
    core = {one.id for one in kit.cases([suite]) if one.core}
    assert not core & set(failures(suite, lambda: Model(shop=Reading)))
    assert core
