"""The kit, tried on the model shop, whole and broken."""

import contextlib
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
    wanted = inspect.signature(function).parameters
    connects = not {"store", "tried"}.isdisjoint(wanted)
    with connected(subject.adapter) if connects else contextlib.nullcontext() as store:
        fixtures = {
            "adapter": subject,
            "store": store,
            "tried": Tried(subject, store, getattr(suite, "verb", "")),
            "request": SimpleNamespace(node=SimpleNamespace(user_properties=[])),
        }
        function(suite(), **{name: fixtures[name] for name in wanted if name in fixtures}, **given)


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
def run_case():
    """Return what runs one case of a suite on a subject."""
    return lambda suite, name, subject: _run(getattr(suite, name), suite, subject, {})


@pytest.fixture
def harm():
    """Return what runs one case on a model shop of some class, and returns what the case says of it."""

    def told(suite, name, shop, **model):
        with pytest.raises(kit.Harm) as caught:
            _run(getattr(suite, name), suite, Model(shop=shop, **model), {})
        return str(caught.value)

    return told
