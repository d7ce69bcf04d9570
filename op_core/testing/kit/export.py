"""Export of orders: whatever happens between two pages, none is skipped, and each is as the shop holds it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import ClassVar

from op_core.storefront import Storefront
from op_core.testing.kit.cases import Tier, case, connected, wrong
from op_core.testing.kit.given import held, plain, several
from op_core.testing.kit.telling import TellingSuite
from op_core.testing.kit.walking import ids, missing, orders, same_rest, walk
from op_core.testing.subject import CannotHold, Subject

__all__ = ["ExportSuite"]

EXPORT = "op_export_orders"
NEVER = "an order would never be exported, and its customer could not claim"


class ExportSuite(TellingSuite):
    """Every order reaches Order Protection, once it has changed and as the shop holds it."""

    name: ClassVar[str] = "export"
    tier: ClassVar[Tier] = "bronze"

    # --- Pages ---------------------------------------------------------------------------------------------------

    @case(NEVER, EXPORT)
    def test_gives_every_order(self, adapter: Subject, store: Storefront) -> None:
        """Every order of the shop is on a page."""
        missing(several(adapter, 5), walk(store), "read in pages of 2")

    @case("a shop without orders would stop its own export", EXPORT)
    def test_is_done_with_an_empty_shop(self, store: Storefront) -> None:
        """A shop without orders gives one page, which is empty and done."""
        page = store.export_orders(None, None, 10)
        if page.orders or page.unreadable or not page.done:
            wrong("a new shop could never finish an export", f"{page}, expected an empty page that is done")

    @case("a page of a large shop would not fit into memory, or into the deadline", EXPORT)
    def test_respects_the_limit(self, adapter: Subject, store: Storefront) -> None:
        """No page holds more orders than were asked for."""
        several(adapter, 4)
        for limit in (1, 3):
            for page in walk(store, limit=limit):
                if (many := len(page.orders) + len(page.unreadable)) > limit:
                    wrong(
                        "a page of a large shop would be of any size: it would not be read before its deadline, and the"
                        " export would never get on",
                        f"{many} orders on a page of at most {limit}",
                    )

    @case("an export that was stopped would skip orders when it goes on", EXPORT)
    def test_gives_the_oldest_change_first(self, adapter: Subject, store: Storefront) -> None:
        """The orders come by time of change, oldest first, over all pages."""
        for n in (3, 1, 4, 2):  # neither the order of their ids nor the one in which they came is that of their times
            held(adapter, plain(n, updated_at=plain(9 - n).updated_at))
        found = orders(walk(store))
        times = [one.updated_at for one in found]
        if times != sorted(times):
            wrong(
                "a run that is stopped would take its newest time for its place, and never come back for what is older",
                f"{', '.join(f'{one.id} of {one.updated_at}' for one in found)}; expected times that only rise",
            )

    @case("the export would stop, or read one page for ever", EXPORT)
    def test_has_a_new_cursor_on_each_page(self, adapter: Subject, store: Storefront) -> None:
        """A page that is not done has a cursor: text, and none that was there before."""
        several(adapter, 4)
        seen: set[str | None] = {None}
        for page in walk(store, limit=1)[:-1]:
            cursor: object = page.cursor
            if not isinstance(cursor, str) or cursor in seen:
                wrong(
                    "the export would stop after its first pages: op-core goes on from a cursor that is new text alone",
                    f"the cursor {cursor!r} after {', '.join(ids([page]))}, expected text that no page before had",
                )
            seen.add(page.cursor)

    @case("an export that was stopped would begin anew or skip orders", EXPORT)
    def test_resumes_from_any_cursor(self, adapter: Subject, store: Storefront) -> None:
        """From the cursor of any page the rest comes, also if later pages were read in between."""
        several(adapter, 5)
        pages = walk(store)
        for n in reversed(range(len(pages) - 1)):
            same_rest(store, ids(pages[n + 1 :]), pages[n].cursor, "in the same process")

    @case("an export that was stopped would skip orders after the restart", EXPORT)
    def test_resumes_in_a_fresh_process(self, adapter: Subject, store: Storefront) -> None:
        """The cursor alone says where to go on: a process that has just started gets the same rest."""
        several(adapter, 5)
        pages = walk(store)
        for n in range(len(pages) - 1):
            with connected(adapter.fresh()) as other:
                same_rest(other, ids(pages[n + 1 :]), pages[n].cursor, "in a process that has just started")

    # --- Change --------------------------------------------------------------------------------------------------

    @case(NEVER, EXPORT)
    def test_skips_none_that_changed_at_one_time(self, adapter: Subject, store: Storefront) -> None:
        """Orders that were changed at one time, as by an import, all come, whatever the size of a page."""
        made = several(adapter, 5, at=datetime(2025, 1, 2, tzinfo=UTC))
        if len({one.updated_at for one in made}) > 1:
            raise CannotHold("this shop gives each order a time of its own")
        for limit in (1, 2):
            missing(made, walk(store, limit=limit), f"all changed at one time and read in pages of {limit}")

    @case(NEVER, EXPORT)
    def test_skips_none_when_one_moves(self, adapter: Subject, store: Storefront) -> None:
        """An order of the first page that is changed before the second is read makes no other one be skipped."""
        made = several(adapter, 5)
        first = store.export_orders(None, None, 2)
        adapter.change(first.orders[0].id)
        rest = walk(store, cursor=first.cursor)
        missing(made, [first, *rest], f"order {first.orders[0].id} of page 1 was changed before page 2 was read")

    @case(NEVER, EXPORT)
    def test_skips_none_when_the_last_one_moves(self, adapter: Subject, store: Storefront) -> None:
        """The last order of a page may be changed before the next one is read: the cursor is a place, not an order."""
        made = several(adapter, 5)
        first = store.export_orders(None, None, 2)
        adapter.change(first.orders[-1].id)
        rest = walk(store, cursor=first.cursor)
        missing(made, [first, *rest], f"order {first.orders[-1].id}, the last of page 1, was changed before page 2")

    @case(NEVER, EXPORT)
    def test_skips_none_that_moves(self, adapter: Subject, store: Storefront) -> None:
        """An order that is changed before its own page is read still comes."""
        made = several(adapter, 5)
        first = store.export_orders(None, None, 2)
        later = next(one.id for one in made if one.id not in ids([first]))
        adapter.change(later)
        rest = walk(store, cursor=first.cursor)
        missing(made, [first, *rest], f"order {later} was changed between page 1 and its own")

    @case("a change of an order would never reach Order Protection", EXPORT)
    def test_gives_a_changed_order_again(self, adapter: Subject, store: Storefront) -> None:
        """The next run, since the newest change of this one, gives what was changed meanwhile."""
        several(adapter, 3)
        found = orders(walk(store))
        adapter.change(found[0].id)
        if found[0].id not in ids(walk(store, since=found[-1].updated_at)):
            wrong(
                "a change of address, lines or payment would never be told, and a claim be decided on the old order",
                f"order {found[0].id} was changed after {found[-1].updated_at} and does not come since then",
            )

    @case(NEVER, EXPORT)
    def test_includes_the_boundary(self, adapter: Subject, store: Storefront) -> None:
        """An order that was changed exactly at `since` comes."""
        several(adapter, 2)
        for one in orders(walk(store)):
            if one.id not in ids(walk(store, since=one.updated_at)):
                wrong(NEVER, f"order {one.id} says that it was changed at {one.updated_at}, and does not come since it")

    @case("each run would read and send the whole shop", EXPORT)
    def test_leaves_out_what_is_older(self, adapter: Subject, store: Storefront) -> None:
        """What was last changed long before `since` does not come, on no page."""
        old, *new = (held(adapter, plain(n)) for n in (1, 2000, 2001, 2002))
        found = {one.id: one for one in orders(walk(store))}
        since = found[new[0].id].updated_at
        if found[old.id].updated_at > since - timedelta(days=1):
            raise CannotHold("this shop gives an order that is put into it the time of now")
        again = walk(store, since=since, limit=1)
        missing(new, again, f"since {since}")
        if old.id in ids(again):
            wrong(
                "each run would read the whole shop again, longer every day",
                f"order {old.id}, last changed at {found[old.id].updated_at}, comes since {since}",
            )

    @case("every run would find all orders changed, and send them again", EXPORT)
    def test_changes_nothing(self, adapter: Subject, store: Storefront) -> None:
        """To read the orders does not change them."""
        several(adapter, 3)
        first, second = ({one.id: one.updated_at for one in orders(walk(store))} for _ in range(2))
        for order_id, at in first.items():
            if second[order_id] != at:
                wrong(
                    "each export would make the next one find the whole shop changed",
                    f"order {order_id} was changed at {at}, and once it was read, at {second[order_id]}",
                )

    # --- Broken orders -------------------------------------------------------------------------------------------

    @case("one broken order would stop the export of all that come after it", EXPORT)
    def test_goes_on_past_a_broken_order(self, adapter: Subject, store: Storefront) -> None:
        """An order that cannot be read stops no other one."""
        made = several(adapter, 5)
        adapter.spoil(made[2].id)
        found = [one.id for page in walk(store) for one in page.orders]
        if lost := [one.id for one in made if one.id not in found and one is not made[2]]:
            wrong(
                "one broken order would stop the export of others, and their customers could not claim",
                f"order {made[2].id} is broken, and {', '.join(lost)} came on no page",
            )

    @case("the customer of a broken order could not claim, and nobody would know why", EXPORT)
    def test_names_a_broken_order(self, adapter: Subject, store: Storefront) -> None:
        """An order that cannot be read is listed as that, with the reason."""
        made = several(adapter, 2)
        adapter.spoil(made[0].id)
        pages = walk(store)
        named = [one.id for page in pages for one in page.orders]
        named += [one.id for page in pages for one in page.unreadable]
        if made[0].id not in named:
            wrong(
                "the customer of a broken order could not claim, and nobody would know why",
                f"order {made[0].id} is broken, and neither among the orders nor among the unreadable ones",
            )
