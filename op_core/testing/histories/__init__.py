"""
Every order of events, up to a bound: the real engine and ledger over a shop in memory, one step after another.

    python -m op_core.testing.histories
    python -m op_core.testing.histories --scene "refund, blind, calls" --replay "webhook, plan 1, act 1/lost"

There is no thread and no sleep: clock, calls and crashes are driven by hand, so that a history that fails fails again.
"""
