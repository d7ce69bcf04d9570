"""
Feed hostile input to everything that reads what somebody else wrote, led by which code it reaches (atheris).

    python tests/torture/fuzz.py --seconds 600 [dialects …]
    python tests/torture/fuzz.py --replay

It starts from the cases in tests/data/hostile/ and from good examples. New inputs are kept in .fuzz/, and what fails
stops the run, with the file that fails. ``--replay`` needs no atheris: it prints as JSON what became of each kept case.
``--keep`` puts into tests/data/hostile/ what reaches lines that no case there reaches, and no more than that needs.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "tests" / "data" / "hostile"
FOUND = ROOT / ".fuzz"
LONGEST = 24_000  # bytes of an input that is made
GOOD = {
    "receiver": (),
    "dialects": ("tests/data/wire/webhook.*",),
    "settings": ("examples/*/op.toml",),
    "mappings": ("examples/*_sql/shop.toml",),
    "manifests": ("examples/medusa/shop.toml", "adapters/rest_shop/tests/*.toml"),
}
WORDS = {
    "receiver": ["POST /webhooks/main", "x-webhook-secret: not-a-real-secret-0000", "content-length: ", "%2e", "\\x0a"],
    "dialects": ["\\x22topic\\x22:", "\\x22body\\x22:", "NaN", "1e999", "\\\\ud800", "\\\\u0000", "null", "-0"],
    "settings": ["{ env = \\x22A\\x22 }", "inf", "nan", "0x", "= [[", "[stores.", "1979-05-27"],
    "mappings": [":amount", "select ", "[[refund.steps]]", "each = \\x22lines\\x22", "inf", "'''"],
    "manifests": ["{order_id}", "[?ours(note)]", "[[refund.calls]]", "inf", "'''", "| [-1]", "&&", "{{"],
}
_TOKENS = re.compile(rb"\"[^\"\n]*\"|'[^'\n]*'|[\w.-]+|\s+|.", re.DOTALL)
_HOSTILE = [
    b"null", b"true", b"-1", b"0", b"9" * 400, b"1e400", b"-0.0000001", b"nan", b"inf", b'""', b"[]", b"{}", b"[[1]]",
    b'"\\ud800"', b'"\\u0000"', b'"' + b"a" * 300 + b'"', b"{a={b={c=1}}}", b'"{' + b"(" * 300 + b'}"', b"\xff", b"1.5",
    b"1979-05-27", b"07:32:00", b'{ env = "NOT_THERE" }', b'"<script>"', b"\"' or 1=1 --\"", b'"\\u202e"',
    b"2147483648",
]  # fmt: skip


def good(name: str) -> Iterator[Path]:
    """Return examples of what is read without complaint."""
    for pattern in GOOD[name]:
        yield from sorted(ROOT.glob(pattern))


def cases(name: str) -> Iterator[tuple[str, bytes]]:
    """Return each kept case of a target, with its name."""
    for path in sorted((KEPT / name).iterdir()):
        yield path.name, path.read_bytes()
    if (archive := KEPT / f"{name}.zip").exists():
        with zipfile.ZipFile(archive) as opened:
            yield from ((one, opened.read(one)) for one in sorted(opened.namelist()))


def replay() -> None:
    """Print what becomes of each kept case, and of each good example."""
    from targets import TARGETS  # noqa: PLC0415 - when fuzzing, it is imported with atheris watching

    said = {}
    for name, target in TARGETS.items():
        for case, data in [*cases(name), *((path.name, path.read_bytes()) for path in good(name))]:
            said[f"{name}/{case}"] = target(data)
    print(json.dumps(said, indent=1))


def seed(name: str) -> Path:
    """Lay out the kept cases and the good examples as single files, and return their folder."""
    folder = FOUND / "seeds" / name
    folder.mkdir(parents=True, exist_ok=True)
    for n, path in enumerate(good(name)):
        (folder / f"good-{n}").write_bytes(path.read_bytes())
    for case, data in cases(name):
        (folder / case).write_bytes(data)
    return folder


def mutate(data: bytes, size: int, number: int) -> bytes:
    """Change whole words, texts and numbers for hostile or for other ones: most inputs are still well-formed."""
    chance = random.Random(number)  # noqa: S311 - libFuzzer's number, so that a run can be repeated
    tokens = _TOKENS.findall(data) or [b""]
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(tokens))
        match chance.randrange(4):
            case 0:
                tokens[at] = chance.choice(_HOSTILE)
            case 1:
                tokens[at] = chance.choice(tokens)
            case 2:
                del tokens[at : at + chance.randint(1, 6)]
                tokens = tokens or [b""]
            case 3:
                tokens[at:at] = tokens[at : at + chance.randint(1, 20)]
    return b"".join(tokens)[:size]


def fuzz(name: str, *options: str) -> None:
    """Run one target in this process, which libFuzzer ends."""
    import atheris  # noqa: PLC0415 - only make fuzz installs it

    with atheris.instrument_imports(include=["op_core", "op_rest_shop", "op_sql_shop", "targets"]):
        import targets  # noqa: PLC0415 - see above

    def either(data: bytes, size: int, number: int) -> bytes:
        return mutate(data, size, number) if number % 3 else atheris.Mutate(data, len(data) + 16)[:size]

    targets.TARGETS[name](b"")  # what is imported only when it is needed is no slow input
    atheris.Setup([sys.argv[0], *options], lambda data: targets.TARGETS[name](data) and None, custom_mutator=either)
    atheris.Fuzz()


def run(name: str, seconds: int) -> bool:
    """Fuzz one target in a process of its own; print its figures, and tell whether nothing failed."""
    found = FOUND / name
    found.mkdir(parents=True, exist_ok=True)
    words = FOUND / f"{name}.dict"
    words.write_text("".join(f'"{word}"\n' for word in WORDS[name]), encoding="utf-8")
    failed = FOUND / "failed" / name
    failed.mkdir(parents=True, exist_ok=True)
    limits = [f"-max_total_time={seconds}", f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=2048"]
    options = [*limits, f"-dict={words}", f"-artifact_prefix={failed}/", "-print_final_stats=1"]
    command = [sys.executable, __file__, "--only", name, *options, str(found), str(seed(name))]
    done = subprocess.run(command, check=False, capture_output=True, text=True, errors="replace")
    said = done.stdout + done.stderr
    units = re.findall(r"stat::number_of_executed_units: *(\d+)", said) or ["?"]
    reached = re.findall(r" cov: (\d+)", said) or ["?"]
    end = "nothing failed" if done.returncode == 0 else "FAILED:\n" + "\n".join(said.splitlines()[-40:])
    print(f"{name}: {units[-1]} inputs in {seconds} s, {reached[-1]} places reached, {end}", flush=True)
    return done.returncode == 0


def lines(name: str, data: bytes) -> set[tuple[str, int]]:
    """Return the lines of ours that an input reaches, by file and number."""
    from targets import TARGETS  # noqa: PLC0415 - as above

    reached: set[tuple[str, int]] = set()

    def line(frame: FrameType, _: str, __: object) -> Any:
        reached.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    sys.settrace(lambda frame, *_: line if "/op_" in frame.f_code.co_filename else None)
    try:
        TARGETS[name](data)
    finally:
        sys.settrace(None)
    return reached


def keep(name: str) -> None:
    """Keep of what was found, the smallest first, each input that reaches a line that no other one does."""
    (KEPT / f"{name}.zip").unlink(missing_ok=True)
    known = [data for _, data in cases(name)] + [path.read_bytes() for path in good(name)]
    reached = set().union(*(lines(name, data) for data in known))
    found = sorted((path.stat().st_size, path) for path in (FOUND / name).iterdir())
    kept = []
    for _, path in found:
        more = lines(name, path.read_bytes())
        if not more <= reached:
            kept.append(path)
            reached |= more
    if kept:
        with zipfile.ZipFile(KEPT / f"{name}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in sorted(kept):
                archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    print(f"{name}: {len(kept)} of {len(found)} inputs kept", flush=True)


def main() -> int:
    """Do what the command line says."""
    if sys.argv[1:2] == ["--only"]:
        fuzz(*sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", default=list(GOOD), help=", ".join(GOOD))
    parser.add_argument("--seconds", type=int, default=600, help="for each target")
    parser.add_argument("--replay", action="store_true", help="print what becomes of each kept case")
    parser.add_argument("--keep", action="store_true", help="keep what was found")
    asked = parser.parse_args()
    if asked.replay:
        replay()
        return 0
    if asked.keep:
        for name in asked.targets:
            keep(name)
        return 0
    well = [run(name, asked.seconds) for name in asked.targets]  # each of them, whatever became of the one before
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
