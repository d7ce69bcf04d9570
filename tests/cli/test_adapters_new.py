"""``op-core adapters new``: what it writes runs at once, and is the example without what the platform decides."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from op_core.cli.new import written
from op_core.testing.kit import SUITES

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "op_core" / "cli" / "template"
EXAMPLE = ROOT / "examples" / "third_party_adapter"
AS_IN_THE_EXAMPLE = {
    # of the template: of the example
    "op_NAME/settings.py": "op_corner_shop/settings.py",
    "tests/conftest.py": "tests/conftest.py",
    **{
        f"tests/SHORT_{name}.py": f"tests/corner_{name}.py" for name in ("books", "copies", "served", "shop", "subject")
    },
}
WORDS = [
    (r"\bCornerShop(?=Adapter|Settings|Subject)", "${Name}"),
    (r"\bCornerShop\b", "${Shop}"),
    (r"\bop_corner_shop\b", "op_${name}"),
    (r"\bfake-corner-shop-token\b", "fake-${dist}-token"),
    (r"\bcorner_(shop|books|copies|served|subject)\b", r"${short}_\1"),
    (r"\b[Aa] Corner Shop's", "the shop's"),
    (r"\bThe Corner Shop: a small shop with", "A made-up shop with"),
    (r"admin API, for tests", "admin API, in the place of ${title}'s, for tests"),
    (r"\bAn? Corner Shop\b|\bThe Corner Shop\b", "The shop"),
    (r"\ban? Corner Shop\b|\bthe Corner Shop\b", "the shop"),
]
RUN = ("-q", "-p", "no:cacheprovider", "-W", "ignore", "--tb=short")


def as_template(text):
    """Return a file of the example with the names of its platform taken out."""
    text = text.replace("$", "$$")
    for pattern, word in WORDS:
        text = re.sub(pattern, word, text)
    return text


def test_what_no_author_decides_is_as_in_the_example():
    """The example is kept alive by the kit; the template must not fall behind it."""
    # python tests/cli/test_adapters_new.py brings them over
    assert [] == [
        name
        for name, source in AS_IN_THE_EXAMPLE.items()
        if as_template((EXAMPLE / source).read_text("utf-8")) != (TEMPLATE / f"{name}.tmpl").read_text("utf-8")
    ]


def test_it_has_the_files_that_every_adapter_has():
    """And every suite of the kit."""
    files = written("acme")
    modules = {f"op_acme/{name}.py" for name in ("__init__", "adapter", "client", "mapping", "settings")}

    assert set() == {"pyproject.toml", "README.md", "op_acme/py.typed", "tests/test_kit.py", *modules} - set(files)
    assert {suite.__name__ for suite in SUITES} == set(re.findall(r"\(kit\.(\w+)\)", files["tests/test_kit.py"]))
    assert 'acme = "op_acme:AcmeAdapter"' in files["pyproject.toml"]
    assert [] == [path for path, text in files.items() if "${" in text or "orner" in text]


@pytest.mark.parametrize("name", ["acme", "acme_shop", "b2b"])
def test_every_file_can_be_compiled(name):
    """Whatever the name is."""
    for path, text in written(name).items():
        if path.endswith(".py"):
            compile(text, path, "exec")


@pytest.mark.parametrize(
    "name", ["Acme", "2b", "op acme", "acme-shop", "acme_", "_acme", "class", "core", "", "ümlaut"]
)
def test_a_name_that_cannot_be_is_refused(cli, tmp_path, name):
    """Nothing is written."""
    ended = cli("adapters", "new", name, "--dir", tmp_path / "made")

    assert 2 == ended.code
    assert "expected small letters, digits and _" in ended.err
    assert not (tmp_path / "made").exists()


def test_nothing_is_overwritten(cli, tmp_path, monkeypatch):
    """One file that is there is enough to write none; beside others it may be written."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "op-acme").mkdir()
    (tmp_path / "op-acme" / "LICENSE").write_text("mine")
    first = cli("adapters", "new", "acme", "--json")
    (tmp_path / "op-acme" / "README.md").write_text("mine")
    (tmp_path / "op-acme" / "pyproject.toml").unlink()
    again = cli("adapters", "new", "acme")

    assert (0, "op-acme") == (first.code, first.json["folder"])
    assert 2 == again.code
    assert "is there already, and nothing was written" in again.err
    assert "mine" == (tmp_path / "op-acme" / "README.md").read_text()
    assert not (tmp_path / "op-acme" / "pyproject.toml").exists()


def run(folder, *options):
    """Run the tests of a distribution that is not installed, and return what pytest said."""
    environ = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "pytest", *RUN, *options]
    return subprocess.run(command, check=False, capture_output=True, text=True, env=environ, cwd=folder).stdout


def test_each_thing_to_decide_is_one_red_test_and_all_else_is_green(cli, tmp_path):
    """A red test says where, what to write, and what happens in a shop otherwise."""
    cli("adapters", "new", "acme", "--dir", tmp_path)
    said = run(tmp_path)
    red = re.findall(r"^FAILED (\S+)", said, re.MULTILINE)
    told = re.findall(r"^(not .*)\n  write: (.+)\n  else: (.+)$", said, re.MULTILINE)

    assert 16 == len(red) == len(told), said
    assert {"tests/test_decisions.py"} == {one.partition("::")[0] for one in red}
    assert 14 == sum(bool(re.search(r": op_acme/\w+\.py:\d+, ", where)) for where, _, _ in told)
    assert re.search(r"16 failed, \d+ passed, \d+ skipped in", said), said


def test_a_filled_in_template_is_green(cli, tmp_path):
    """With the parts that the example's author decided, in the places that the template leaves open."""

    def named(text):
        text = re.sub(r"CornerShop(?=Adapter|Settings|Subject)", "Acme", text).replace("CornerShop", "AcmeShop")
        return text.replace("op_corner_shop", "op_acme").replace("corner_", "acme_")

    cli("adapters", "new", "acme", "--dir", tmp_path)
    for name in ("adapter", "client", "mapping", "payloads"):
        text = (EXAMPLE / "op_corner_shop" / f"{name}.py").read_text("utf-8")
        (tmp_path / "op_acme" / f"{name}.py").write_text(named(text), "utf-8")
    shop = (EXAMPLE / "tests" / "corner_shop.py").read_text("utf-8")
    (tmp_path / "tests" / "acme_shop.py").write_text(named(shop), "utf-8")
    said = run(tmp_path, "-k", "test_decisions or TestSettings or TestRefund or TestOrder")

    assert re.search(r"^\d+ passed(, \d+ skipped)?, \d+ deselected in", said, re.MULTILINE), said


if __name__ == "__main__":
    for ours, example in AS_IN_THE_EXAMPLE.items():
        (TEMPLATE / f"{ours}.tmpl").write_text(as_template((EXAMPLE / example).read_text("utf-8")), "utf-8")
