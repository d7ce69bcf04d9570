"""Print docs/reference/conformance.md: what each case means, and what harm it stops."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from op_core.testing.kit import SUITES
from op_core.testing.kit.cases import Case, Suite, cases

__all__ = ["page"]

_HEAD = """# The kit, case by case

An adapter is tried with the suites of `op_core.testing.kit`; [the tutorial](../tutorial/first-adapter.md) shows how.
This page says of each case what it means, what happens in a shop that breaks it, and which hooks it is about.

- **A case is skipped** only where the adapter's `capabilities` say `unsupported` or `not yet` of one of its hooks, or
  where the platform cannot hold what the case needs (`CannotHold`). Either is shown, with its reason.
- **The money core** is never skipped. Of a verb that the adapter lacks it sees to it that nothing happens in silence.
- **A tier** is computed by `adapters check`, from what was really run. Bronze needs every case that is marked
  bronze, silver those of bronze and silver, gold all. Platinum is gold once more, on the live platform.
- **A case never changes its name.** One that becomes stricter is named in the [changelog](../../CHANGELOG.md).

This page is printed by `python -m op_core.testing.kit`.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(line for suite in SUITES for line in _suite(suite))])


def _suite(suite: type[Suite]) -> Iterator[str]:
    yield f"## {suite.__name__}"
    yield ""
    yield " ".join((suite.__doc__ or "").split())
    yield ""
    for one in cases([suite]):
        yield from _section(one)


def _section(one: Case) -> Iterator[str]:
    yield f"### {one.id}"
    yield ""
    yield one.meaning
    yield ""
    yield f"- If it fails: {one.harm}."
    yield f"- Tier: {one.tier}{', of the money core: never skipped' if one.core else ''}."
    if one.hooks:
        yield f"- Hooks: {', '.join(f'`{hook}`' for hook in one.hooks)}."
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
