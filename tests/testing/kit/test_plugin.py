"""What proves nothing is found out: each test is an author's trick or mistake, tried on one case of the kit."""

import importlib
import json

import pytest

from op_core.testing import kit
from op_core.testing.kit.cases import cases
from op_core.testing.kit.plugin import Watch
from op_core.testing.kit.tiers import verdict
from op_core.testing.kit.unchanged import Unchanged

pytest_plugins = ["pytester"]

ADAPTER = """
from op_core.testing.model_shop import ModelShop

class Acme(ModelShop):
    said = {}

    @property
    def capabilities(self):
        return {**super().capabilities, **self.said}
"""
CONFTEST = """
import pytest
from op_acme import Acme
from op_core.capabilities import Capability, Support
from op_core.testing.model import Model

class AcmeSubject(Model):
    def __attrs_post_init__(self):
        self.adapter = Acme([], faults=self._fault)

@pytest.fixture
def adapter(request):
    made = AcmeSubject()
    # more
    return made
"""
TESTS = """
import pytest
from op_core.testing import kit

class TestLive(kit.LiveSuite):
    pass
"""


@pytest.fixture
def watched(pytester, tmp_path):
    """Run an author's files under the plugin, and return what it told."""
    pytester.makepyfile(op_acme=ADAPTER)
    pytester.syspathinsert()
    adapter = importlib.import_module("op_acme").Acme

    def run(tests=TESTS, conftest=CONFTEST, *options, live=False, suites=(kit.LiveSuite,)):
        told = tmp_path / "told"
        told.write_text("")
        pytester.makeconftest(conftest)
        pytester.makepyfile(test_kit=tests)
        watch = Watch(adapter, told, (Unchanged.of("op_core", "op_acme"),), live, suites)
        pytester.inline_run("-p", "no:cacheprovider", *options, plugins=[watch])
        return [json.loads(line) for line in told.read_text().splitlines()]

    return run


@pytest.fixture
def result(watched):
    """Run an author's files, and return what became of the one case."""

    def run(*files, **more):
        (one,) = verdict(cases([kit.LiveSuite]), watched(*files, **more), live=True).tried
        return one.result, one.why

    return run


def given(line):
    """Return a conftest whose fixture does one thing more."""
    return CONFTEST.replace("# more", line)


def test_an_empty_subclass_and_a_fixture_pass(result):
    """The way that the kit is meant to be used."""
    assert ("passed", "") == result()


def test_a_case_that_is_replaced_proves_nothing(result):
    """An author's own method in the place of the kit's; it is said which class has it."""
    found, why = result(TESTS.replace("    pass", "    def test_nothing_is_left(self): pass"))

    assert "not proven" == found
    assert "TestLive has a test_nothing_is_left of its own" in why


@pytest.mark.parametrize(
    "body",
    [
        "    @pytest.fixture\n    def _as_stated(self): pass",
        "    @pytest.fixture\n    def store(self): return None",
        "    tier = 'bronze'",
    ],
    ids=["the skipping", "a fixture", "the tier"],
)
def test_a_part_of_a_suite_that_is_replaced_proves_nothing(result, body):
    """The cases of the class run on something else than the kit."""
    found, why = result(TESTS.replace("    pass", body))

    assert "not proven" == found
    assert "TestLive has a" in why


@pytest.mark.parametrize(
    ("mark", "expected", "said"),
    [
        ("@pytest.mark.skip(reason='later')", "not proven", "skipped by the author's tests: later"),
        ("@pytest.mark.skipif(True, reason='later')", "not proven", "skipped by the author's tests: later"),
        ("@pytest.mark.xfail(run=False)", "not proven", ""),
        ("@pytest.mark.usefixtures('away')", "not proven", "skipped by the author's tests: away"),
    ],
)
def test_what_an_author_skips_proves_nothing(result, mark, expected, said):
    """By a mark, or by a fixture; only the adapter's statements leave a case out."""
    away = "\n@pytest.fixture\ndef away():\n    pytest.skip('away')\n"
    found, why = result(TESTS.replace("class", f"{mark}\nclass"), CONFTEST + away)

    assert expected == found
    assert said in why


def test_a_failure_that_is_expected_is_a_failure(result):
    """An xfail changes what pytest reports, and nothing here."""
    conftest = given("made.effects = lambda: [1 / 0]")
    found, why = result(TESTS.replace("class", "@pytest.mark.xfail\nclass"), conftest)

    assert "failed" == found
    assert "ZeroDivisionError" in why


def test_a_suite_that_nobody_inherits_is_missed(result):
    """What is not there is told as not run."""
    found, why = result("def test_mine(): pass")

    assert "not run" == found
    assert "of the adapter's tests inherits it" in why


def test_what_is_left_out_of_the_run_is_missed(result):
    """By -k, or by the author's conftest."""
    leave_out = "\ndef pytest_collection_modifyitems(items):\n    items.clear()\n"

    assert "not run" == result(TESTS, CONFTEST, "-k", "other")[0]
    assert "not run" == result(TESTS, CONFTEST + leave_out)[0]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("made.adapter = type('Other', (Acme,), {})([])", "subject of conftest.Other, expected op_acme.Acme"),
        ("made.adapter.op_add_note = print", "has another op_add_note than its class"),
        ("made = Acme([])", "gives op_acme.Acme, expected a Subject"),
    ],
)
def test_another_adapter_proves_nothing(result, line, said):
    """The adapter that was named is tried, and no other: also no subclass of it, and none with a hook put into it."""
    found, why = result(TESTS, given(line))

    assert "not proven" == found
    assert said in why


def test_one_adapter_for_all_cases_proves_nothing(result):
    """Each case gets a fresh shop: what one leaves could be another's success."""
    found, why = result(TESTS, CONFTEST.replace("@pytest.fixture", "@pytest.fixture(scope='module')"))

    assert "not proven" == found
    assert "expected one for each case" in why


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("op_core.testing.kit.live.wrong", "op_core.testing.kit.live.wrong"),
        ("op_acme.Acme.close", "op_acme.Acme"),
        ("op_acme.Acme.said", ""),
        ("op_core.testing.model.Model.effects", "op_core.testing.model.Model.effects"),
        ("op_core.storefront.Storefront.act", "op_core.storefront.Storefront.act"),
    ],
)
def test_code_that_is_replaced_while_a_case_runs_is_seen(result, name, changed):
    """Of the kit, and of op-core; data may change."""
    patch = (
        "\n@pytest.fixture(autouse=True)\ndef easier(monkeypatch):\n"
        f"    monkeypatch.setattr({name!r}, {{}} if {not changed} else lambda *_: [], raising=False)\n"
    )
    found, why = result(TESTS, CONFTEST + patch)

    assert (bool(changed), changed) == (found == "not proven", why.removeprefix("replaced while it ran: "))


def test_a_case_whose_function_never_ran_has_not_passed(result):
    """An author's hook may answer in pytest's place."""
    hook = "\ndef pytest_pyfunc_call():\n    return True\n"
    found, why = result(TESTS, CONFTEST + hook)

    assert "not proven" == found
    assert "did not come to its end" in why


def test_a_subject_that_is_slipped_in_proves_nothing(result):
    """A hook may give the case another one than the fixture, which is looked at."""
    hook = """
@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item):
    item.funcargs["adapter"] = AcmeSubject()
    return (yield)
"""
    found, why = result(TESTS, CONFTEST + hook)

    assert "not proven" == found
    assert "is not from the fixture adapter" in why


def test_who_is_not_watched_any_more_has_shown_nothing(result):
    """A hook may take the plugin away."""
    hook = """
def pytest_runtest_setup(item):
    every = item.config.pluginmanager.get_plugins()
    item.config.pluginmanager.unregister(next(one for one in every if hasattr(one, "unchanged")))
"""

    assert "not run" == result(TESTS, CONFTEST + hook)[0]


def test_a_report_that_is_mended_is_not_believed(result):
    """What was raised counts."""
    mend = """
@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport():
    report = yield
    report.outcome = "passed"
    return report
"""
    conftest = given("made.effects = lambda: [1 / 0]")

    assert "failed" == result(TESTS, conftest + mend)[0]


def test_a_file_that_cannot_be_read_is_named(watched):
    """Cases may be in it."""
    found = verdict(cases([kit.LiveSuite]), watched("import no_such_module_of_ours"), live=True)

    assert not found.well
    assert (
        "test_kit.py cannot be read: ModuleNotFoundError: No module named 'no_such_module_of_ours'" in found.problems[0]
    )


def test_the_live_platform_is_asked_for_by_the_fixture(result):
    """A subject that does not say that it is live is not taken for it."""
    live = given("made.live = request.config.getoption('--op-live')")

    assert "subject that is not live" in result(TESTS, live, live=True)[1]
    assert "passed" == result(TESTS, live, "--op-live", live=True)[0]


def test_what_the_kit_left_in_the_shop_is_a_failure(result):
    """Test orders and refunds in a real shop would be counted in its books."""
    left = given(
        "from op_core.testing.model_shop import ShopEffect\n"
        "    made.adapter.effects.append(ShopEffect('note', 'OP-1', '1', 'n-1'))"
    )
    found, why = result(TESTS, left)

    assert "failed" == found
    assert "the shop would keep 1 effects of the kit" in why


FEW = ("-k", "is_made or is_never_silent or is_exact")
REFUNDS = TESTS.replace("LiveSuite", "RefundSuite")


def test_what_the_adapter_lacks_is_left_out_only_by_what_it_says(watched):
    """A statement leaves a case out; the money core stays: this adapter would give money back all the same."""
    lacks = given("made.adapter.said = {'op_issue_refund': Capability(Support.UNSUPPORTED, 'no gateway')}")
    found = verdict(cases([kit.RefundSuite]), watched(REFUNDS, lacks, *FEW, suites=(kit.RefundSuite,)))
    became = {one.case.id: (one.result, one.why) for one in found.tried}

    assert ("not tried", "op_issue_refund is unsupported: no gateway") == became["refund-is-made"]
    assert "failed" == became["refund-is-never-silent"][0]


def test_the_kits_own_word_for_leaving_out_counts_only_with_a_statement(watched):
    """An author who raises it without one has not proven anything."""
    raised = given(
        "from op_core.testing.kit.cases import NotTried\n    raise NotTried('op_issue_refund is not yet: later')"
    )
    events = watched(REFUNDS, raised, *FEW, suites=(kit.RefundSuite,))

    assert {"not proven"} == {one["result"] for one in events if one["event"] == "case"}


def test_nobody_leaves_the_money_core_out(watched):
    """Whatever is raised in it, by whomever."""
    raised = given(
        "from op_core.testing.kit.cases import NotTried\n"
        "    def put(*_):\n        raise NotTried('later')\n    made.put = put"
    )
    events = watched(REFUNDS, raised, "-k", "is_never_silent or is_exact", suites=(kit.RefundSuite,))
    became = {one["id"]: (one["result"], one["why"]) for one in events if one["event"] == "case"}

    assert ("not tried", "later") == became["refund-is-exact"]
    assert "not proven" == became["refund-is-never-silent"][0]
    assert "the money core, which nobody may leave out: later" in became["refund-is-never-silent"][1]


def test_an_adapter_says_the_same_in_every_case(watched):
    """One that claims a hook for the cases that it passes, and not for the others, is found out."""
    turning = given(
        "if 'is_exact' in request.node.name:\n"
        "        made.adapter.said = {'op_issue_refund': Capability(Support.PARTIAL, 'not today')}"
    )
    became = {
        one["id"]: one["why"]
        for one in watched(REFUNDS, turning, *FEW, suites=(kit.RefundSuite,))
        if one["event"] == "case"
    }

    assert "" == became["refund-is-made"]
    assert "the adapter says of op_issue_refund something else than in a case before" == became["refund-is-exact"]
