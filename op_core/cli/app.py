"""Every verb of ``op-core``, under its name."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from op_core.cli import (
    actions,
    adapters,
    apps,
    check,
    claims,
    db,
    decisions,
    deliveries,
    doctor,
    new,
    orders,
    output,
    products,
    run,
    webhook,
    wire,
)
from op_core.cli.demo import demo
from op_core.cli.forget import forget
from op_core.cli.init import init
from op_core.cli.quote import quote
from op_core.cli.sandbox import sandbox
from op_core.cli.serve import serve
from op_core.cli.sweep import sweep

__all__ = ["app", "command"]


class _Verbs(TyperGroup):
    """All verbs; who types half of one is told the whole."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # its types are of click or of typer's copy of it
        half = args[0] if args else ""
        if self.get_command(ctx, half) is None:
            groups = [name for name, group in self.commands.items() if half in getattr(group, "commands", {})]
            if groups:
                whole = " or ".join(f"'{name} {half}'" for name in groups)
                ctx.fail(f"No such command '{half}'. Did you mean {whole}?")
        return super().resolve_command(ctx, args)


def _group(about: str, **more: Any) -> typer.Typer:
    return typer.Typer(help=about, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, **more)


def _version(asked: bool) -> None:
    if asked:
        output.say(f"op-core {version('op-core')}")
        raise typer.Exit


def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


app = _group("The merchant's half of Order Protection: export orders, act on decisions once, report back.", cls=_Verbs)
app.callback()(_options)
app.command("init")(init)
app.command("doctor")(doctor.doctor)
app.command("demo")(demo)
app.command("serve")(serve)
app.command("run")(run.run)
app.command("report")(run.report)
app.command("sweep")(sweep)
app.command("quote")(quote)
app.command("sandbox")(sandbox)
app.command("forget")(forget)

_orders = _group("Orders and parcels.")
_orders.command("export")(orders.export)
_orders.command("list")(orders.list_)
app.add_typer(_orders, name="orders")

_products = _group("Products and stock.")
_products.command("export")(products.export)
_products.command("list")(products.list_)
app.add_typer(_products, name="products")

_claims = _group("Claims, as Order Protection has them.")
_claims.command("list")(claims.list_)
_claims.command("show")(claims.show)
_claims.command("file")(claims.file)
app.add_typer(_claims, name="claims")

_actions = _group("What is owed to the shop, and what a person decides about it.")
_actions.command("list")(actions.list_)
_actions.command("show")(actions.show)
_actions.command("explain")(actions.explain)
_actions.command("approve")(decisions.approve)
_actions.command("decline")(decisions.decline)
_actions.command("retry")(decisions.retry)
_actions.command("record")(decisions.record)
app.add_typer(_actions, name="actions")

_deliveries = _group("Webhooks, as they arrived.")
_deliveries.command("list")(deliveries.list_)
_deliveries.command("show")(deliveries.show)
_deliveries.command("replay")(deliveries.replay)
app.add_typer(_deliveries, name="deliveries")

_wire = _group("The shapes of what Order Protection sends and answers.")
_wire.command("list")(wire.list_)
_wire.command("show")(wire.show)
_wire.command("learn")(wire.learn)
app.add_typer(_wire, name="wire")

_webhook = _group("Webhooks, sent by hand.")
_webhook.command("send")(webhook.send)
app.add_typer(_webhook, name="webhook")

_adapters = _group("Kinds of shop that can be connected.")
_adapters.command("list")(adapters.list_)
_adapters.command("new")(new.new)
_adapters.command("check")(check.check)
app.add_typer(_adapters, name="adapters")

_app = _group("The app whose token a store uses.")
_app.command("authorize")(apps.authorize)
_app.command("finish")(apps.finish)
_app.command("status")(apps.status)
_app.command("revoke")(apps.revoke)
app.add_typer(_app, name="app")

_db = _group("The ledger, and what an adapter needs in its shop.")
_db.command("upgrade")(db.upgrade)
_db.command("recovering")(db.recovering)
_db.command("install")(db.install)
app.add_typer(_db, name="db")


@cache
def command() -> Any:  # its type is of click or of typer's copy of it
    """Return all verbs as one command; to make it takes longer than most commands do."""
    return typer.main.get_command(app)
