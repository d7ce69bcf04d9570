"""``op-core wire list | show | learn``: the shapes of what Order Protection sends and answers."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Config, Json, Reveal, WrongUse

__all__ = ["learn", "list_", "show"]

_COLUMNS = ("id", "store", "what", "state", "first_at", "new in it")


def list_(
    store: Annotated[str | None, typer.Argument(metavar="[STORE]", help="Only those of this store.")] = None,
    new: Annotated[bool, typer.Option("--new", help="Only what nobody has accepted yet.")] = False,
    config: Config = None,
    json: Json = False,
) -> None:
    """List in which shapes deliveries and answers came."""
    from op_core.cli.opened import opened, store_id
    from op_core.cli.wire_view import row_of, short
    from op_core.ledger import shapes

    with opened(config, quiet=store is not None) as core:
        found = core.ledger.read(shapes.listing, store_id(core, store), new=new)
        rows = [row_of(core, one) for one in found]
    if json:
        return output.as_json(rows)
    columns = [name.removesuffix("_at") for name in _COLUMNS]
    shown = ({**one, "new in it": short(one["news"])} for one in rows)
    return output.table(columns, ([one[name] for name in _COLUMNS] for one in shown))


def show(
    shape_id: Annotated[int, typer.Argument(metavar="ID", help="Number of the shape, as wire list shows it.")],
    config: Config = None,
    json: Json = False,
    reveal: Reveal = False,
) -> None:
    """Show one shape: what is new in it, all of its paths, and the first body that had it, where it was kept."""
    from op_core.cli.opened import opened
    from op_core.cli.wire_view import find_shape, json_of, row_of
    from op_core.ledger import shapes

    with opened(config) as core:
        found = find_shape(core, shape_id)
        raw = core.ledger.read(shapes.body, found)
        known = row_of(core, found)
    body = None if raw is None else json_of(raw, reveal=reveal)
    if json:
        size = None if raw is None else len(raw)
        return output.as_json({**known, "paths": list(found.paths), "bytes": size, "body": body})
    known["news"] = "\n".join(known["news"])
    output.facts((name, value) for name, value in known.items() if value)
    output.say("\npaths")
    for path in found.paths:
        output.say(path)
    if raw is None:
        output.say("\nNo body is kept of this shape.")
    elif body is None:
        output.say("\nThe body is no JSON that can be read; --reveal shows it as it came.")
    else:
        output.say("\n" + (body if isinstance(body, str) else output.pretty(body)))
    return None


def learn(
    store: Annotated[str | None, typer.Argument(metavar="[STORE]", help="Only those of this store.")] = None,
    ids: Annotated[list[int] | None, typer.Argument(metavar="[ID]...", help="Only these. Else all new ones.")] = None,
    config: Config = None,
    json: Json = False,
) -> None:
    """Accept new shapes: they are quiet from now on, and all that is in them is known."""
    from op_core import fingerprints
    from op_core.cli.opened import opened, store_id
    from op_core.cli.wire_view import find_shape
    from op_core.ledger import shapes

    with opened(config, quiet=store is not None) as core:
        # Numbers are those of the ledger, and need no store.
        is_number = store is not None and store.isdecimal() and store not in core.settings.ids
        permanent = None if is_number else store_id(core, store)
        found = [find_shape(core, int(one)) for one in (*([store] if is_number and store else ()), *(ids or ()))]
        for one in found:
            if permanent not in (None, one.store_id):
                raise WrongUse(f"shape {one.id} is not of store {store!r}")
        chosen = found or core.ledger.read(shapes.listing, permanent, new=True)
        count = core.ledger.write(fingerprints.learn, [one.id for one in chosen], core.ledger.now())
    if json:
        return output.as_json({"learned": count})
    return output.say(f"{count} {'shape' if count == 1 else 'shapes'} accepted")
