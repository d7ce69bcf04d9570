"""What the pages show can be used as it stands: code, settings, commands, links."""

import re
import shlex
import sys
import threading
import tomllib
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import typer.main
from op_custom_store import CustomStoreSettings
from op_rest_shop import RestShopSettings
from op_rest_shop.mapping import Manifest
from op_sql_shop import SqlShopSettings
from op_sql_shop.mapping import ShopMapping

import op_core
from op_core.cli.app import app
from op_core.settings import Settings
from op_core.testing.serving import listening

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
MODELS = {"custom_store": CustomStoreSettings, "rest_shop": RestShopSettings, "sql_shop": SqlShopSettings}
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


def blocks(language):
    """Return ``page:line`` and text of every block of a language, without its indent."""
    found = []
    for path in PAGES:
        text = path.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match[2] == language:
                line = text.count("\n", 0, match.start()) + 1
                body = "\n".join(each.removeprefix(match[1]) for each in match[3].splitlines())
                found.append(pytest.param(body, id=f"{path.relative_to(ROOT).as_posix()}:{line}"))
    return found


class AnyVariable(dict):
    """An environment in which every variable is set."""

    def __contains__(self, name):
        return True

    def __missing__(self, name):
        return "fake"


@pytest.mark.parametrize("text", blocks("toml"))
def test_every_settings_file_is_taken(text):
    """A block of settings is TOML, and no store of it is parked."""
    document = tomllib.loads(text)
    if "project" in document or set(document) <= set(ShopMapping.model_fields):  # the latter: test_sql_mapping.py
        return
    if set(document) <= {"rules", *Manifest.model_fields}:  # test_rest_manifest.py
        return
    settings = Settings.of(ROOT / "op.toml", document, AnyVariable())

    assert {} == dict(settings.parked)
    assert settings.stores
    for store in settings.stores.values():
        if store.settings:
            MODELS[store.adapter].model_validate(store.settings)


@pytest.mark.parametrize("text", blocks("python"))
def test_every_python_block_compiles(text):
    """No block has a syntax error."""
    compile(text, "block", "exec")


def test_the_readme_shows_what_the_example_has():
    """The backend in the README is a part of the file that the tests run."""
    shown = next(each.values[0] for each in blocks("python") if each.values[0].startswith("class MyShop"))
    methods = shown.partition("\n")[2]

    assert methods in (ROOT / "examples" / "first_shop" / "myshop.py").read_text(encoding="utf-8")


# --- Commands ------------------------------------------------------------------------------------------------------


def commands(command, path=()):
    for name, inner in command.commands.items():
        if hasattr(inner, "commands"):
            yield from commands(inner, (*path, name))
        else:
            yield " ".join((*path, name)), inner


COMMANDS = dict(commands(typer.main.get_command(app)))
REFERENCE = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")


def printed():
    """Return every command of ours that a page prints, with its place."""
    found = {}
    for block in blocks("console"):
        for line in block.values[0].splitlines():
            if (
                line.startswith("$ ")
                and "op-core " in line
                and not line.startswith(("$ pip", "$ mkdir", "$ git", "$ cp"))
            ):
                found[line[2:].split("  #")[0]] = block.id
    for path in PAGES:
        for said in re.findall(r"`(?:\S*/)?op-core ([a-z][^`]*)`", path.read_text(encoding="utf-8")):
            found[f"op-core {said}"] = path.name
    return sorted(found)


@pytest.mark.parametrize("line", printed())
def test_every_printed_command_is_one_that_is_taken(line):
    """Verb, arguments and options of a printed command exist."""
    arguments = shlex.split(line)[1:]
    arguments = ["7" if each == "ID" else each for each in arguments]
    if any(name.startswith(" ".join(arguments)) for name in COMMANDS):
        return
    words = 2 if " ".join(arguments[:2]) in COMMANDS else 1
    command = COMMANDS[" ".join(arguments[:words])]

    assert command.make_context(line, arguments[words:], resilient_parsing=False)


def test_the_reference_has_every_command_and_no_other():
    """One heading each."""
    assert sorted(COMMANDS) == sorted(re.findall(r"^### `op-core (.+)`$", REFERENCE, re.MULTILINE))


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_the_reference_has_every_option_and_no_other(name):
    """The options and arguments of each command, in their order."""
    text = REFERENCE.partition(f"### `op-core {name}`\n")[2].partition("\n##")[0]
    said = [each.split()[0] for each in re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)]
    expected = [
        each.opts[0] if each.param_type_name == "option" else (each.metavar or each.name)
        for each in COMMANDS[name].params
    ]

    assert expected == said


# --- Links ---------------------------------------------------------------------------------------------------------


def anchors(path):
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def links():
    for path in PAGES:
        for target in re.findall(r"\]\(([^)]+)\)", FENCE.sub("", path.read_text(encoding="utf-8"))):
            if "://" not in target:
                yield pytest.param(path, target, id=f"{path.name}-{target}")


@pytest.mark.parametrize(("path", "target"), list(links()))
def test_every_link_leads_somewhere(path, target):
    """File and heading are there."""
    name, _, anchor = target.partition("#")
    there = (path.parent / name).resolve() if name else path

    assert there.exists()
    assert not anchor or anchor in anchors(there)


# --- Receiving, as the how-to says ---------------------------------------------------------------------------------


@pytest.fixture
def shop_folder(tmp_path, monkeypatch):
    """A working folder with the first shop and its settings."""
    for name in ("myshop.py", "shop_db.py"):
        (tmp_path / name).write_bytes((ROOT / "examples" / "first_shop" / name).read_bytes())
    settings = next(each.values[0] for each in blocks("toml") if "first-shop" in each.id)
    (tmp_path / "op.toml").write_text(settings, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OP_MAIN_TOKEN", "fake")
    monkeypatch.setenv("OP_MAIN_SECRET", "fake-secret")
    yield tmp_path
    sys.path[:] = [place for place in sys.path if place != str(tmp_path.resolve())]
    for name in ("myshop", "shop_db"):
        sys.modules.pop(name, None)


def run(starts):
    """Run the block of the how-to that has this in it, and return its names."""
    text = next(
        each.values[0] for each in blocks("python") if "receive-webhooks" in each.id and starts in each.values[0]
    )
    names = {}
    exec(compile(text, "block", "exec"), names)  # noqa: S102 - it is our own page
    return names


def post(url, secret):
    request = urllib.request.Request(url, b"{}", {"x-webhook-secret": secret}, method="POST")  # noqa: S310 - loopback
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310 - loopback
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


@pytest.mark.usefixtures("shop_folder")
def test_the_starlette_app_receives_below_its_prefix():
    """The mounted app stores with the right secret, and lets nobody else in."""
    names = run("Mount(")
    with listening(names["app"]) as url:
        assert 200 == post(f"{url}/op/webhooks/main", "fake-secret")
        assert 401 == post(f"{url}/op/webhooks/main", "another")
        assert 404 == post(f"{url}/webhooks/main", "fake-secret")
    names["core"].close()


@pytest.mark.usefixtures("shop_folder")
def test_the_plain_function_receives():
    """Whatever hands over headers and bytes gets status and body back."""
    names = run("def handle(")

    assert (200, b"stored") == names["handle"]("main", {"X-Webhook-Secret": "fake-secret"}, b"{}")
    assert 401 == names["handle"]("main", [], b"{}")[0]
    names["core"].close()


def test_the_wsgi_app_receives_below_a_prefix(shop_folder):
    """A dispatcher such as werkzeug's takes the prefix off the path, and so it is found."""
    core = op_core.load(shop_folder / "op.toml")
    started = []
    environ = {"SCRIPT_NAME": "/op", "PATH_INFO": "/webhooks/main", "REQUEST_METHOD": "POST"}
    core.wsgi(environ | {"HTTP_X_WEBHOOK_SECRET": "another"}, lambda status, _: started.append(status))

    assert ["401 Unauthorized"] == started
    core.close()


@pytest.mark.usefixtures("shop_folder")
def test_the_thread_works_until_it_is_stopped():
    """The runner that the how-to starts in a thread ends when it is told to."""
    names = run("core.runner.serve")
    core = names["core"]
    core.runner.stop()
    for thread in threading.enumerate():
        if thread.name == "op-core":
            thread.join(10)

    assert not [thread for thread in threading.enumerate() if thread.name == "op-core"]
    core.close()
