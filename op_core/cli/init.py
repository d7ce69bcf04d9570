"""``op-core init``: a commented op.toml to begin with."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from json import dumps as json_text
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from op_core.cli import output
from op_core.cli.asked import Json
from op_core.errors import SettingsError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

__all__ = ["init"]

_USUAL = "custom_store"


def init(
    adapter: Annotated[
        str | None, typer.Option("--adapter", metavar="NAME", help="Kind of shop. Else the only one installed.")
    ] = None,
    directory: Annotated[Path, typer.Option("--dir", metavar="DIR", help="Where to write op.toml.")] = Path(),
    json: Json = False,
) -> None:
    """Write a commented op.toml, and say what comes next. A file that is there is left alone."""
    from op_core import plugins

    registry = plugins.find_adapters()
    installed = registry.names()
    chosen = adapter or (installed[0] if len(installed) == 1 else _USUAL)
    table = _settings_of(registry.get(chosen).Settings) if adapter or chosen in installed else _UNKNOWN
    path = directory / "op.toml"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(_TEXT.format(adapter=chosen, id=f"main-{secrets.token_hex(2)}", settings=table))
    except FileExistsError:
        raise SettingsError(f"{path} is there already and is left as it is; name another folder by --dir") from None
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror}") from None
    elsewhere = "" if directory == Path() else f" --config {path}"
    after = [f"op-core {verb}{elsewhere}" for verb in ("doctor", "orders export main", "serve")]
    if json:
        return output.as_json({"file": str(path), "adapter": chosen, "next": after})
    output.say(f"wrote {path}")
    output.say("Fill it in, set OP_MAIN_TOKEN and OP_MAIN_SECRET, then:")
    for command in after:
        output.say(f"  {command}")
    return None


def _settings_of(model: type[BaseModel]) -> str:
    """Return the adapter's own table: what must be said, and, behind #, what may be."""
    return "\n".join(
        f"{'' if field.is_required() else '# '}{field.alias or name} = {_toml(_example(field))}"
        for name, field in model.model_fields.items()
    )


def _example(field: FieldInfo) -> Any:
    """Return what the adapter's author gives as an example, else the default."""
    if field.examples:
        return field.examples[0]
    return None if field.is_required() else field.get_default(call_default_factory=True, validated_data={})


def _toml(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{key} = {_toml(inner)}' for key, inner in value.items())} }}" if value else "{}"
    if isinstance(value, timedelta):
        return f'"{value.total_seconds():g} s"'
    if isinstance(value, bool | int | str):
        return json_text(value, ensure_ascii=False)
    return '"…"'


_UNKNOWN = "# what this adapter needs stands in its README"

_TEXT = """\
# The settings of op-core. A secret is best left in the environment: {{ env = "NAME" }} stands for any value.
# Relative paths start from this file's folder.

[ledger]
url = "sqlite:///op.db"               # made at first use; or "postgresql+psycopg://user@host/database"

[stores.main]                         # the name may change,
id = "{id}"                      # the id never: what was done is known by it
adapter = "{adapter}"              # `op-core adapters list` shows which are installed
api_url = "https://api.production.orderprotection.com"
api_token = {{ env = "OP_MAIN_TOKEN" }}  # of the dashboard; an app has a table [stores.main.oauth] instead
webhook_secrets = [{{ env = "OP_MAIN_SECRET" }}]   # several, while you change it
# op_store_id = "store_123"           # webhooks that name another store are then kept apart
verify_claims = "always"              # read each claim back before money moves; or "above_limit", "never"

[stores.main.settings]                # the adapter's own
{settings}

[stores.main.limits]                  # beyond these a person is asked first
hold_above = {{}}                       # such as {{ USD = "250.00" }}; a currency not named is always held
# actions_per_hour = 200
# pending_limit = "3 days"

[stores.main.protection]              # when protection is added or removed by hand
on_added = "hold"                     # or "bill", "absorb"
on_removed = "hold"                   # or "refund"

[stores.main.resolutions]             # decisions whose meaning no page says
flat_rate = "hold"                    # or "act"
store_credit = "hold"                 # or "act"

# How outcomes are reported is on no page of the API. Without a route they are kept as "no_route".
# [stores.main.report.refund]
# path = "/v1/claims/{{claim_id}}/resolutions"
# body = {{ reference = "{{reference}}", amount = "{{amount}}", currency = "{{currency}}" }}
"""
