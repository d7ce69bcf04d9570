"""``op-core adapters new``: a distribution to begin with, whose red tests say what its author has to decide."""

# ruff: noqa: PLC0415 - heavy imports stay inside the commands, so that every start is quick
from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template
from typing import Annotated

import typer

from op_core.cli import output
from op_core.cli.asked import Json, WrongUse

__all__ = ["new", "written"]

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_OURS = ("core", "name", "short")  # op-core itself, and the words in the names of the template's files


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the platform: small letters, digits and _.")],
    directory: Annotated[
        Path | None, typer.Option("--dir", metavar="DIR", help="Where to write it. Else a folder op-NAME here.")
    ] = None,
    json: Json = False,
) -> None:
    """Write a distribution for a new adapter. Its tests run at once, and each red one is something to decide."""
    if not _NAME.fullmatch(name) or keyword.iskeyword(name) or name in _OURS:
        raise WrongUse(f"{name!r} cannot be an adapter's name; expected small letters, digits and _, such as acme_shop")
    folder = directory or Path(f"op-{name.replace('_', '-')}")
    files = {folder / path: text for path, text in sorted(written(name).items())}
    if there := [str(path) for path in files if path.exists()]:
        raise WrongUse(f"{there[0]} is there already, and nothing was written; name another folder by --dir")
    try:
        for path, text in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise WrongUse(f"{error.filename} cannot be written: {error.strerror}") from None
    after = [f"cd {folder}", "pip install -e '.[testing]'", "pytest", f"op-core adapters check {name}"]
    if json:
        return output.as_json({"folder": str(folder), "files": [str(path) for path in files], "next": after})
    output.say(f"wrote {len(files)} files into {folder}")
    output.say("Each red test is something that you decide: what to write, where, and what it is good for.")
    for command in after:
        output.say(f"  {command}")
    return None


def written(name: str) -> dict[str, str]:
    """Return every file of a new adapter: its path, with slashes, to its text."""
    short = name.removesuffix("_shop")
    major, minor, _ = version("op-core").split(".", 2)
    words = {
        "name": name,
        "short": short,
        "dist": name.replace("_", "-"),
        "Name": _camel(name),
        "Shop": f"{_camel(short)}Shop",
        "title": name.replace("_", " ").title(),
        "versions": f">={major}.{minor},<{major}.{int(minor) + 1}",
        "suites": _suites(),
    }
    template = resources.files("op_core.cli") / "template"
    return {
        path.replace("NAME", name).replace("SHORT", short): Template(text).substitute(words)
        for path, text in _files(template)
    }


def _files(folder: Traversable, above: str = "") -> Iterator[tuple[str, str]]:
    for one in folder.iterdir():
        if one.is_dir():
            yield from _files(one, f"{above}{one.name}/")
        elif one.name.endswith(".tmpl"):
            yield f"{above}{one.name.removesuffix('.tmpl')}", one.read_text(encoding="utf-8")


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _suites() -> str:
    """Return an empty class for each suite of the kit that is installed."""
    try:
        from op_core.testing.kit import SUITES
    except ModuleNotFoundError as error:
        from op_core.errors import SettingsError

        if error.name is None or error.name.partition(".")[0] not in ("pytest", "hypothesis"):
            raise
        raise SettingsError(f"adapters new needs {error.name}: pip install 'op-core[testing]'") from None
    return "\n\n".join(
        f"class Test{suite.__name__.removesuffix('Suite')}(kit.{suite.__name__}):\n"
        f'    """{" ".join((suite.__doc__ or "").split()).partition(".")[0]}."""\n'
        for suite in SUITES
    ).rstrip()
