"""The mutants: made by mutmut, those that the type check refuses marked, each with the line that it changes."""

from __future__ import annotations

import ast
import contextlib
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import attrs
from mutmut.__main__ import create_mutants
from mutmut.configuration import config
from mutmut.mutation.file_mutation import filter_mutants_with_type_checker
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, setup_source_paths

MADE = Path("mutants")
_KEPT = MADE / "made.json"
_BY = "__mutmut_"


@attrs.frozen
class Mutant:
    """
    One fault in one function.

    Attributes:
        name: The name by which mutmut knows it, and by which its file chooses it.
        file: The source file, from the repository's root.
        lines: The lines of the statement that it changes, there; of the whole function if it changes its head.
        is_refused: The type check sees the fault, so that no test needs to.
    """

    name: str
    file: str
    lines: tuple[int, ...]
    is_refused: bool

    @property
    def function(self) -> str:
        """The function that is changed, as mutmut writes it."""
        return self.name.partition(_BY)[0]


def is_made() -> bool:
    """Tell whether `mutants/` holds the mutants of the sources as they are now."""
    return _KEPT.exists() and json.loads(_KEPT.read_text())["sources"] == _digest()


def make() -> None:
    """Copy the project to `mutants/`, with every fault beside the code that it changes, and check the types there."""
    shutil.rmtree(MADE, ignore_errors=True)  # mutants are numbered: what was found out of other sources says nothing
    MADE.mkdir()
    set_mutant_under_test("mutant_generation")
    with contextlib.redirect_stdout(io.StringIO()):  # a line for each file
        copy_src_dir()
        copy_also_copy_files()
        setup_source_paths()
        create_mutants(os.cpu_count() or 1)
    refused = sorted(filter_mutants_with_type_checker())
    _KEPT.write_text(json.dumps({"sources": _digest(), "refused": refused}))


def _digest() -> str:
    files = sorted(path for pattern in config().only_mutate for path in Path().glob(pattern))
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def made() -> list[Mutant]:
    """Return what `make` made."""
    refused = frozenset(json.loads(_KEPT.read_text())["refused"])
    return [
        Mutant(name=name, file=file, lines=lines, is_refused=name in refused)
        for meta in sorted(MADE.glob("op_core/**/*.py.meta"))
        for file in [str(meta.with_suffix("").relative_to(MADE))]
        for name, lines in _changes(file)
    ]


def _changes(file: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield each mutant of a file with the lines that it changes."""
    source = Path(file).read_text()
    originals = dict(_functions(ast.parse(source)))
    module = file.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
    text = (MADE / file).read_text()
    written = text.splitlines()
    before: list[str] = []
    for node in _written(ast.parse(text)):
        words = written[node.lineno - 1 : node.end_lineno]
        stem, _, number = node.name.partition(_BY)
        if number == "orig":
            before = words
            continue
        original = originals[stem]
        first = next((i for i, (a, b) in enumerate(zip(before, words, strict=False)) if i and a != b), 0)
        yield f"{module}.{node.name}", _statement(original, original.lineno + first)


_Function = ast.FunctionDef | ast.AsyncFunctionDef


def _written(tree: ast.Module) -> Iterator[_Function]:
    for node in ast.walk(tree):
        if isinstance(node, _Function) and _BY in node.name:
            yield node


def _functions(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    """Yield the functions and methods that mutmut changes, by the names that it gives them."""
    for node in tree.body:
        if isinstance(node, _Function):
            yield f"x_{node.name}", node
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, _Function):
                    yield f"xǁ{node.name}ǁ{method.name}", method


def _statement(function: _Function, line: int) -> tuple[int, ...]:
    """Return the lines of the statement around a line: its head alone, if it has a body."""
    around = [n for n in ast.walk(function) if isinstance(n, ast.stmt) and n.lineno <= line <= (n.end_lineno or 0)]
    inner = min(around, key=lambda node: (node.end_lineno or 0) - node.lineno)
    if inner is function:
        return tuple(range(function.body[0].lineno, (function.end_lineno or 0) + 1))
    body = getattr(inner, "body", None)
    last = body[0].lineno - 1 if body else inner.end_lineno or 0
    return tuple(range(inner.lineno, max(last, inner.lineno) + 1))
