"""The kit, tried on the model shop, whole and broken."""

import inspect
import itertools
from types import SimpleNamespace

import pytest

from op_core.testing import kit
from op_core.testing.kit.cases import connected
from op_core.testing.kit.effects import Tried
from op_core.testing.model import Model


@pytest.fixture
def adapter():
    """Return the model shop."""
    return Model()


def _given(function):
    """Return every set of arguments that a case is run with, besides its fixtures."""
    marks = [mark.args for mark in getattr(function, "pytestmark", ()) if mark.name == "parametrize"]
    for values in itertools.product(*(values for _, values in marks)):
        yield dict(zip((name for name, _ in marks), values, strict=True))


def _run(function, suite, subject, given):
    with connected(subject.adapter) if "store" in inspect.signature(function).parameters else _Nothing() as store:
        fixtures = {"adapter": subject, "store": store}
        wanted = [name for name in inspect.signature(function).parameters if name in fixtures]
        function(suite(), **{name: fixtures[name] for name in wanted}, **given)


class _Nothing:
    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


@pytest.fixture
def failures():
    """
    Return what runs all cases of a suite on fresh subjects: id to message of each that fails.

    A case that is run for many values is run for two, unless it is *hunted*.
    """

    def run(suite, make, hunted=""):
        found = {}
        functions = [function for _, function in inspect.getmembers(suite) if hasattr(function, "case")]
        for function in functions:
            name = f"{suite.name}-{function.__name__.removeprefix('test_').replace('_', '-')}"
            for given in list(_given(function))[: None if name == hunted else 2]:
                subject = make()
                try:
                    _run(function, suite, subject, given)
                except kit.Harm as error:
                    found[name] = f"{found.get(name, '')}{error}\n"
                except pytest.skip.Exception:
                    continue
                finally:
                    subject.close()
        return found

    return run


@pytest.fixture
def harm():
    """Return what runs one case on a model shop of some class, and returns what the case says of it."""

    def told(suite, name, shop, **model):
        subject = Model(shop=shop, **model)
        method = getattr(suite(), name)
        with connected(subject.adapter) as store:
            given = {"adapter": subject, "store": store, "request": SimpleNamespace(node=SimpleNamespace())}
            given["request"].node.user_properties = []
            given["tried"] = Tried(subject, store, getattr(suite, "verb", ""))
            with pytest.raises(kit.Harm) as caught:
                method(**{one: given[one] for one in inspect.signature(method).parameters})
        return str(caught.value)

    return told
