"""From what was seen to a tier."""

import pytest

from op_core.testing.kit.cases import Case
from op_core.testing.kit.tiers import NEEDS, TIERS, verdict

TIER_OF = {hook: tier for tier in TIERS for hook in NEEDS[tier]} | {"op_add_note": "gold"}


def of(name, tier, *hooks, core=False):
    """Return a case."""
    return Case(name, "", "", hooks, core, tier)


KNOWN = [
    *(of(hook, tier, hook) for hook, tier in TIER_OF.items()),  # one case for each hook, and more for each tier
    *(of(f"more {tier}", tier) for tier in TIERS),
    of("core", "silver", core=True),
]


def judged(became=None, *, lacks=(), unknown=(), ended=True, live=False):
    """
    Judge a run in which every case passed.

    Args:
        became: Those that did not to what became of them; None: it was not seen.
        lacks: Hooks that the adapter says it lacks; their cases are not tried.
        unknown: Hooks of which it says nothing.
    """
    said = {hook: "unsupported" if hook in lacks else "unknown" if hook in unknown else "supported" for hook in TIER_OF}
    results = {one.id: "passed" for one in KNOWN} | dict.fromkeys(lacks, "not tried") | (became or {})
    events = [
        {"event": "capabilities", "hooks": {hook: {"support": word, "reason": ""} for hook, word in said.items()}},
        *(
            {"event": "case", "id": name, "result": result, "why": "", "histories": 7}
            for name, result in results.items()
            if result
        ),
        *([{"event": "ended"}] if ended else []),
    ]
    return verdict(KNOWN, events, live=live)


def test_all_that_passed_is_gold_and_platinum_where_it_was_live():
    """Off the platform nothing is said of platinum, and what it needs is not missed."""
    assert ("gold", True) == (judged().tier, judged().well)
    assert ("gold", True) == (judged({"more platinum": None}).tier, judged({"more platinum": None}).well)
    assert ("platinum", True) == (judged(live=True).tier, judged(live=True).well)
    assert 7 * len(KNOWN) == judged().histories


@pytest.mark.parametrize("result", ["failed", "not proven", None])
@pytest.mark.parametrize(
    ("case", "reached"),
    [
        ("more bronze", None),
        ("more silver", "bronze"),
        ("more gold", "silver"),
        ("more platinum", "gold"),
        ("core", None),
    ],
)
def test_a_case_that_did_not_pass_ends_the_tiers_below_its_own(case, reached, result):
    """Failed, not proven or never run; without the money core there is no tier at all."""
    found = judged({case: result}, live=True)

    assert (reached, False) == (found.tier, found.well)
    assert any(case in lack for lack in found.short)


@pytest.mark.parametrize("hook", TIER_OF)
def test_a_tier_needs_its_hooks(hook):
    """Who says that he cannot refund may be well, and is bronze: nothing was shown of his refunds."""
    below = {"bronze": None, "silver": "bronze", "gold": "silver"}
    found = judged(lacks=[hook])

    assert found.tier == ("gold" if hook == "op_add_note" else below[TIER_OF[hook]])
    assert found.well == (found.tier is not None)


def test_the_money_core_is_never_left_out():
    """Whatever was stated."""
    assert judged({"core": "not tried"}).tier is None


@pytest.mark.parametrize("result", ["failed", "not tried", None])
def test_a_capability_that_is_claimed_and_not_proven_is_a_problem(result):
    """Also where its cases were left out because the platform cannot hold what they need."""
    found = judged({"op_add_note": result})

    assert ("op_add_note is claimed as supported, and no case of it passed",) == found.problems
    assert (None, False) == (found.tier, found.well)


def test_what_works_and_is_not_claimed_is_a_problem():
    """op-core would not know whether to call it."""
    found = judged(unknown=["op_add_note"])

    assert ("op_add_note works, and the adapter does not claim it: say so in its capabilities",) == found.problems
    assert not found.well


def test_a_run_that_broke_off_reaches_nothing():
    """Whoever ends the process early has not passed what came after."""
    found = judged(ended=False)

    assert (None, False) == (found.tier, found.well)
    assert "the tests did not come to their end" in found.problems


def test_the_worst_of_several_runs_of_a_case_counts():
    """It may run for several orders, and fail while it is cleared away."""
    twice = [
        {"event": "case", "id": "core", "result": result, "why": result, "histories": 0}
        for result in ("passed", "failed", "not proven")
    ]
    (one,) = verdict([of("core", "silver")], twice).tried

    assert ("failed", "failed") == (one.result, one.why)


def test_nothing_was_seen():
    """No adapter, no tier."""
    assert verdict(KNOWN, []).tier is None
