"""
The states of an action, as one table.

``due``       may be called now (or from a stated time on)
``held``      not begun; waits for a person
``calling``   the intent is committed; the shop may have been called
``unknown``   it may have happened; the shop is asked before anything else
``pending``   the shop took it and will do it; the shop is asked until it has
``done``      it happened; the shop's own id is known
``refused``   the shop said no; nothing was changed
``declined``  a person said no
``replaced``  another plan took its place before it began
"""

from __future__ import annotations

__all__ = ["BEGUN", "INITIAL", "NOT_BEGUN", "OWED", "SETTLED", "TRANSITIONS", "UNDER_WAY", "check", "may"]

INITIAL = ("due", "held")

TRANSITIONS: dict[str, tuple[str, ...]] = {
    "due": ("calling", "held", "done", "declined", "replaced"),  # done: found in the shop after a restore
    "held": ("due", "done", "declined", "replaced", "held"),  # done: a person's word
    "calling": ("done", "refused", "pending", "unknown", "due"),  # due: surely never sent
    "unknown": ("done", "refused", "pending", "due", "unknown"),  # due: asked, and surely not there
    "pending": ("done", "refused", "pending", "unknown"),
    "done": (),
    "refused": ("due", "declined", "replaced", "done"),  # due: a person tries again; done: it happened all the same
    "declined": ("done",),  # it happened all the same
    "replaced": (),
}

SETTLED = ("done", "refused", "declined", "replaced")
NOT_BEGUN = ("due", "held")
UNDER_WAY = ("calling", "pending", "unknown")
BEGUN = (*UNDER_WAY, "done")
OWED = (*NOT_BEGUN, *BEGUN)  # what counts against the caps: all but what surely moves nothing


def check() -> None:
    """
    Walk the table from its initial states.

    Raises:
        ValueError: A state leads to an unknown one, or is never reached.
    """
    seen: set[str] = set()
    todo = list(INITIAL)
    while todo:
        state = todo.pop()
        if state in seen:
            continue
        if state not in TRANSITIONS:
            raise ValueError(f"unknown state {state!r} in the table of states")
        seen.add(state)
        todo.extend(TRANSITIONS[state])
    if missing := set(TRANSITIONS) - seen:
        raise ValueError(f"no way leads to the states {sorted(missing)}")


def may(before: str, after: str) -> bool:
    """Tell whether an action may go from one state to another."""
    return after in TRANSITIONS[before]


check()
