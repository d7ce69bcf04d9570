"""Rules about the repository itself."""

import ast
import importlib
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ADAPTERS = [
    *sorted(path.parent for path in ROOT.glob("adapters/*/pyproject.toml")),
    ROOT / "examples" / "third_party_adapter",
]
LONGER_THAN_300 = {
    # path: why it is not split
    "adapters/custom_store/tests/test_adapter.py": "one rule after the other for each of sixteen hooks",
    "adapters/rest_shop/op_rest_shop/mapping.py": "every table of a manifest, on one page",
    "adapters/rest_shop/tests/conftest.py": "a small shop behind a socket, with a fault for each test",
    "adapters/sql_shop/op_sql_shop/mapping.py": "every table of a mapping file, on one page",
    "adapters/sql_shop/tests/test_doors.py": "one rule after the other for a function that pays",
    "adapters/sql_shop/tests/torture.py": "one small shop, and three torments of it",
    "examples/oscar_custom/oscar_rows.py": "what each row of Oscar's means, on one page",
    "op_core/_settings_tables.py": "every table of op.toml, on one page",
    "op_core/core.py": "all that a shop's own code calls, on one page",
    "op_core/http.py": "the one file that knows httpx, in both colours",
    "op_core/ledger/actions.py": "all that reads or writes the one table that matters most",
    "op_core/ledger/schema.py": "every table, on one page",
    "op_core/models.py": "the whole vocabulary that crosses a hook, on one page",
    "op_core/order_protection/dialects/book.py": "one entry for each of 27 contradictions and 23 gaps",
    "op_core/storefront.py": "one typed method for all that a shop can be asked, and the one seam behind them",
    "op_core/testing/model_shop.py": "answers all sixteen hooks, with a fault for each",
    "tests/export/test_pages.py": "one run of pages, told rule by rule",
    "tests/demo/test_shop.py": "one rule after the other for each effect of the demo shop",
    "tests/order_protection/dialects/test_contradictions.py": "one test for each contradiction",
    "tests/order_protection/dialects/test_deliveries.py": "every drift of every topic",
    "tests/privacy/test_forget.py": "one rule after the other for one erasure",
    "tests/testing/kit/test_export.py": "a fault for each case that reads orders, on one page",
    "tests/test_http.py": "every failure of a connection, in both colours",
    "tests/testing/kit/test_plugin.py": "one trick of an author after the other",
}
MACHINE = re.compile(r"(^|[^A-Za-z0-9_.:/-])/(work|farm|root|home|Users)/[A-Za-z.]")
REGISTRY = re.compile(r"index[-]url|pypi[.]org|pythonhosted[.]org|\"resolved\": *\"http|registry *= *\"http")


def tracked(*suffixes):
    """Return the files that are, or are about to be, in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    ).stdout.decode()
    paths = sorted({ROOT / name for name in listed.split("\0") if name.endswith(suffixes or ("",))})
    return [path for path in paths if path.is_file()]


def short(path):
    return path.relative_to(ROOT).as_posix()


def is_test(path):
    return path.name.startswith("test_") and "tests" in path.parts


def public_modules():
    for path in sorted((ROOT / "op_core").rglob("*.py")):
        name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".").removesuffix(".__init__")
        if "migrations" in path.parts:  # Alembic runs these; nobody imports them
            continue
        if not any(part.startswith("_") for part in name.split(".")):
            yield name, path


def project(folder):
    return tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def name_of(folder):
    """Return the name of a distribution's one adapter."""
    (name,) = project(folder)["entry-points"]["op_core.adapters"]
    return name


@pytest.mark.parametrize("path", [path for path in tracked(".py") if is_test(path)], ids=short)
def test_every_test_states_its_rule(path):
    """Each test function has a docstring."""
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    ]

    assert [] == [node.name for node in functions if not ast.get_docstring(node)]


@pytest.mark.parametrize(
    ("name", "path"), list(public_modules()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_the_public_surface_is_exact(name, path):
    """``__all__`` is sorted, has no name that is not there, and has every public class and function of the module."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    made = {
        node.name
        for node in body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    }
    module = importlib.import_module(name)
    listed = getattr(module, "__all__", [])

    assert set() == made - set(listed)
    assert [] == [public for public in listed if not hasattr(module, public)]
    assert len(listed) == len(set(listed))


def test_files_are_short():
    """300 lines need a reason here, 600 are a defect, and a reason that is no longer needed goes."""
    lengths = {short(path): len(path.read_text(encoding="utf-8").splitlines()) for path in tracked(".py")}

    assert set(LONGER_THAN_300) == {name for name, lines in lengths.items() if lines > 300}
    assert {} == {name: lines for name, lines in lengths.items() if lines > 600}


def test_nothing_names_a_machine_or_a_registry():
    """No file holds a path of somebody's machine or the address of a package registry."""
    found = []
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        found += [
            f"{short(path)}:{n}" for n, line in enumerate(lines, 1) if MACHINE.search(line) or REGISTRY.search(line)
        ]

    assert [] == found


def test_every_exception_from_the_tools_says_why():
    """A ``noqa``, a ``type: ignore`` and a skip carry their reason on the same line."""
    bare = re.compile(r"# noqa(?!: [A-Z0-9, ]+ - \S)|# type: ignore(?!\[[a-z-, ]+\]  # \S)")
    here = Path(__file__)

    assert [] == [
        f"{short(path)}:{n}"
        for path in tracked(".py")
        if path != here
        for n, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if bare.search(line)
    ]


def test_the_changelog_names_the_version():
    """The newest heading of the changelog is the version of the core."""
    headings = re.findall(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)

    assert project(ROOT)["version"] == headings[0]


@pytest.mark.parametrize("folder", ADAPTERS, ids=short)
def test_an_adapter_goes_with_its_core(folder):
    """It has the core's version, asks for that minor release, and is installed for the tests."""
    core, adapter = project(ROOT)["version"], project(folder)
    major, minor, _ = core.split(".")

    assert core == adapter["version"]
    assert f"op-core>={major}.{minor},<{major}.{int(minor) + 1}" in adapter["dependencies"]
    needed = [
        line.partition("[")[0] for line in (ROOT / "requirements-dev.txt").read_text(encoding="utf-8").splitlines()
    ]
    assert f"-e {short(folder)}" in needed
    assert folder.parent.name != "adapters" or folder.name == name_of(folder)


@pytest.mark.parametrize("folder", ADAPTERS, ids=short)
def test_every_adapter_has_the_same_files(folder):
    """Who knows one adapter finds everything in the next; what is too much for these files has more beside them."""
    modules = ("__init__", "adapter", "client", "mapping", "settings")
    package = f"op_{name_of(folder)}"
    files = {path.relative_to(folder).as_posix() for path in tracked() if folder in path.parents}

    same = {"pyproject.toml", "README.md", f"{package}/py.typed", *(f"{package}/{each}.py" for each in modules)}

    assert set() == same - files
    assert set() == {name for name in files - same if not name.startswith((f"{package}/", "tests/"))}
    assert any(name.startswith("tests/test_") for name in files)


@pytest.mark.parametrize("folder", ADAPTERS, ids=short)
def test_adapters_import_what_is_public(folder):
    """An adapter uses no module or name of the core that starts with an underscore."""
    imported = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}

    assert [] == sorted(name for name in imported if name.startswith("op_core.") and "._" in name)
