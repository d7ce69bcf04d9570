"""Promise 4: no float anywhere near money. Every file that has one is named here, with what it is for."""

import ast
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORDS = "how alike two words are"
FOREIGN = "a float of somebody else's, refused or read by its text"
SECONDS = "seconds"
FLOATS = {
    "adapters/rest_shop/op_rest_shop/client.py": SECONDS,
    "adapters/rest_shop/op_rest_shop/fields.py": SECONDS,
    "adapters/sql_shop/op_sql_shop/converters.py": FOREIGN,
    "adapters/sql_shop/op_sql_shop/proving/catalog.py": WORDS,
    "adapters/sql_shop/op_sql_shop/reading.py": "a cursor's last value, of a column that is no amount",
    "op_core/_settings_faults.py": f"{WORDS}; {FOREIGN}",
    "op_core/order_protection/schema/fields.py": FOREIGN,
} | dict.fromkeys(
    (
        "op_core/absence.py", "op_core/calls.py", "op_core/claims/desk.py", "op_core/claims/engine.py",
        "op_core/claims/reporting.py", "op_core/cli/connections.py", "op_core/cli/serve.py",
        "op_core/connect.py", "op_core/errors.py",
        "op_core/filing/once.py", "op_core/http.py", "op_core/loops.py", "op_core/observing.py",
        "op_core/order_protection/messages.py", "op_core/pace.py", "op_core/pricing/prices.py",
        "op_core/runners/embedded.py", "op_core/runners/leases.py", "op_core/runners/sweeper.py",
        "op_core/sandbox/app.py", "op_core/sandbox/calls/own.py", "op_core/sandbox/faults.py",
        "op_core/sandbox/local.py", "op_core/sandbox/run.py", "op_core/sandbox/sender.py", "op_core/storefront.py",
        "op_core/testing/clock.py", "op_core/testing/commits.py", "op_core/testing/copying.py",
        "op_core/testing/mariadb.py", "op_core/testing/postgres.py", "op_core/testing/scene.py",
        "op_core/tokens/app_token.py", "op_core/tokens/asking.py",
        "op_core/testing/histories/canonical.py", "op_core/testing/histories/flights.py",
        "op_core/testing/histories/world.py", "op_core/testing/model.py", "op_core/testing/proxy.py",
        "op_core/testing/subject.py", "op_core/webhooks/asgi.py", "op_core/webhooks/receive.py",
    ),
    SECONDS,
)  # fmt: skip
MAKES = {  # place of each float(…): of what
    "adapters/rest_shop/op_rest_shop/client.py": ["rate"],
    "adapters/rest_shop/op_rest_shop/fields.py": ["seconds"],
    "op_core/order_protection/messages.py": ["text"],  # Retry-After
    "op_core/sandbox/calls/own.py": ["asked.body.wait"],
    "op_core/sandbox/faults.py": ["fault.seconds"],
    "op_core/webhooks/receive.py": ["'-inf'"],
}


def shipped():
    files = [*ROOT.glob("op_core/**/*.py"), *ROOT.glob("adapters/*/op_*/**/*.py")]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(files)}


def is_float(node):
    return (isinstance(node, ast.Constant) and isinstance(node.value, float)) or (
        isinstance(node, ast.Name) and node.id == "float"
    )


def test_only_files_that_say_why_have_floats():
    """No float literal and no mention of the type elsewhere; a file that needs none any more goes from the list."""
    assert set(FLOATS) == {name for name, tree in shipped().items() if any(map(is_float, ast.walk(tree)))}


def test_nothing_but_time_is_made_a_float():
    """``float(…)`` is called of seconds alone, and no file knows another way to one."""
    made = {}
    for name, tree in shipped().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
                made.setdefault(name, []).append(ast.unparse(node.args[0]))
            assert not (isinstance(node, ast.Attribute) and node.attr in ("from_float", "as_integer_ratio")), name

    assert MAKES == made


def test_who_reckons_with_money_has_no_float_but_seconds():
    """What is listed for another reason than time never imports Money."""
    with_money = {
        name
        for name, tree in shipped().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(alias.name == "Money" for alias in node.names)
    }
    suspects = {name for name, why in FLOATS.items() if why != SECONDS}

    assert {"adapters/sql_shop/op_sql_shop/converters.py"} >= with_money & suspects
