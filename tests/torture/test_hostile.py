"""Hostile input that was kept (tests/data/hostile), fed again: what it once broke stays mended, and has its reason."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).with_name("fuzz.py")
EXPECTED = {
    "receiver/good": "200 200",
    "receiver/compressed": "200 200",
    "receiver/utf-16": "200 200",
    "receiver/no-secret": "401 401",
    "receiver/two-secrets": "401 401",
    "receiver/unknown-store": "404 404",
    "receiver/path-with-dots": "404 404",
    "receiver/get": "405 405",
    "receiver/length-huge": "413 413",
    "receiver/length-unicode-digits": "400 400",
    "dialects/address-escape": "planned",
    "dialects/compressed": "quarantined: not UTF-8 at byte 1",
    "dialects/deep-5000": "quarantined: nested too deep: more than 64 levels",
    "dialects/deep-just-too-much": "quarantined: nested too deep: more than 64 levels",
    "dialects/id-sql": "quarantined: body.claim_id: found other text, expected an id",
    "dialects/keys-twice-escaped": "quarantined: an object has two keys of one name",
    "dialects/nan": "quarantined: not JSON: NaN is no number",
    "dialects/number-exponent": "quarantined: a number is not an amount: too many digits",
    "dialects/number-long": "quarantined: a number is not an amount: too many characters",
    "dialects/order-id-dots": "quarantined: body.source_order_id: found other text, expected an id of printable",
    "dialects/order-id-lines": "quarantined: body.source_order_id: found other text, expected an id of printable",
    "dialects/surrogate-in-a-key": "quarantined: text holds U+0000 or a lone surrogate, which no database holds",
    "dialects/text-html": "planned",
    "settings/deep-in-a-store.toml": "nested too deep: more than 64 levels",
    "settings/deep-lists.toml": "nested too deep",
    "settings/number-long.toml": "not TOML: a number of too many digits",
    "settings/utf-16.toml": "not UTF-8 (at line 1)",
    "mappings/deep-keys.toml": "nested too deep: more than 64 levels",
    "mappings/deep-lists.toml": "nested too deep",
    "mappings/number-long.toml": "not TOML: a number of too many digits",
    "mappings/sql-deep.toml": "note.steps[0]: nested too deep; expected one statement (INSERT, UPDATE, DELETE, SELECT)",
    "manifests/deep-keys.toml": "nested too deep: more than 64 levels",
    "manifests/deep-tables.toml": "nested too deep: more than 64 levels",
    "manifests/expression-deep.toml": "(nested too deep)",
    "manifests/expression-number.toml": "(not JMESPath: a number of too many digits)",
    "manifests/number-long.toml": "not TOML: a number of too many digits",
    "manifests/path-elsewhere.toml": "order.get: found text, expected a path below shop.url",
}


@pytest.fixture(scope="module")
def said():
    """Replay all cases once, which fails where one breaks a rule of its target."""
    done = subprocess.run([sys.executable, FUZZ, "--replay"], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_every_kept_case_has_an_end(said):
    """Each is let in, refused or read, with no exception; good examples are read whole."""
    assert {"receiver", "dialects", "settings", "mappings", "manifests"} == {name.partition("/")[0] for name in said}
    assert ["read"] * 3 == [said[f"{kind}/good.toml"] for kind in ("settings", "mappings", "manifests")]
    assert [] == [name for name, end in said.items() if not end]


@pytest.mark.parametrize("case", EXPECTED)
def test_what_is_hostile_is_told_apart(said, case):
    """Each answer or reason says what is wrong with just this case."""
    assert EXPECTED[case] in said[case]
