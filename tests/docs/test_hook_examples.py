"""Each hook's section names its errors, and an example that is a file which the tests run."""

import ast
import re
from pathlib import Path

import pytest

from op_core.hooks import ADDRESSED, BROADCAST

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "hooks.md"
TEXT = PAGE.read_text(encoding="utf-8")
TRIED = {
    "examples/third_party_adapter/op_corner_shop/adapter.py": "examples/third_party_adapter/tests/test_kit.py",
    "examples/observer/op_second_look/__init__.py": "tests/examples/test_observer.py",
}


@pytest.mark.parametrize("hook", [*ADDRESSED, *BROADCAST])
def test_every_hook_has_its_errors_and_an_example(hook):
    """The example implements the hook, and a test runs it."""
    section = re.search(rf"^### `{hook}\(.*?(?=^#|\Z)", TEXT, re.MULTILINE | re.DOTALL)[0]

    assert re.search(r"^- Errors: .+\.$", section, re.MULTILINE)
    link = re.search(rf"^- Example: `{hook}` in \[\w+\]\((.+)\)\.$", section, re.MULTILINE)[1]
    path = (PAGE.parent / link).resolve().relative_to(PAGE.parents[2])
    written = ast.parse((PAGE.parents[2] / path).read_text(encoding="utf-8"))
    assert hook in {node.name for node in ast.walk(written) if isinstance(node, ast.FunctionDef)}
    assert (PAGE.parents[2] / TRIED[path.as_posix()]).is_file()
