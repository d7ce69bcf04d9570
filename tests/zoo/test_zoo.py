"""Each animal is found out by its own case of the kit, in words that fit it. The reference passes every case."""

import functools
import importlib.util
import inspect
import re
from pathlib import Path

import pytest
from animals import ANIMALS
from corner_subject import CornerShopSubject

from op_core.testing.kit import SUITES, Harm, cases

LEAST = 30
REFERENCE = Path(__file__).parents[2] / "examples" / "third_party_adapter" / "tests"
KNOWN = {
    made.id: (suite, name)
    for suite in SUITES
    for owner in suite.__mro__
    for name, function in vars(owner).items()
    if hasattr(function, "case")
    for made in [next(one for one in cases([suite]) if one.id == f"{suite.name}-{name[5:].replace('_', '-')}")]
}


def caught(animal, function):
    """Return the case as a test that passes only if the case fails, in the animal's words."""

    @functools.wraps(function)
    def run(*args, **kwargs):
        try:
            with pytest.raises(Harm) as harm:
                function(*args, **kwargs)
        except pytest.skip.Exception as said:
            pytest.fail(f"{animal.case} was not tried on {animal.name}: {said}")
        assert animal.words in str(harm.value)
        assert f"#{animal.case}" in str(harm.value)

    return run


def tried(animal):
    """Return a suite with the animal's own case alone."""
    suite, name = KNOWN[animal.case]
    given = {key: pytest.fixture(name=key)(lambda _, value=value: value) for key, value in animal.given.items()}

    @pytest.fixture
    def adapter(_):
        return CornerShopSubject(animal.kind)

    run = caught(animal, getattr(suite, name))
    run.pytestmark = []  # of several tries of a case, the animal's own
    others = {other: None for other, _ in inspect.getmembers(suite, inspect.isfunction) if other.startswith("test_")}
    made = others | given | {"adapter": adapter, name: run, "__doc__": animal.kind.__doc__}
    return type(f"Test{animal.name}", (suite,), made)


for one in ANIMALS:
    globals()[f"Test{one.name}"] = tried(one)


def test_the_reference_passes_every_case():
    """Its own tests, which run with these, are every suite of the kit, in classes that change nothing of it."""
    spec = importlib.util.spec_from_file_location("reference_kit", REFERENCE / "test_kit.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    classes = [found for name, found in vars(module).items() if name.startswith("Test")]

    assert set(SUITES) == {suite for found in classes for suite in found.__bases__}
    assert {"__module__", "__doc__"} == {name for found in classes for name in vars(found)}


def test_there_are_enough():
    """The zoo has at least as many animals as it was promised to have."""
    assert len(ANIMALS) >= LEAST


def test_each_animal_needs_a_case_of_its_own():
    """No case finds out two animals, but for one that is tried with several kinds of orders."""
    own = [(one.case, *sorted(one.given.items())) for one in ANIMALS]

    assert [] == sorted({case for case in own if own.count(case) > 1})


@pytest.mark.parametrize("animal", ANIMALS, ids=lambda one: one.name)
def test_each_animal_says_where_it_was_met(animal):
    """Its docstring says what it does, and links the thread of somebody whom it happened to."""
    assert re.search(r"https://\S+\w", animal.kind.__doc__)
    assert animal.words
