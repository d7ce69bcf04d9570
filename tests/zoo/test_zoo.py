"""Each animal is found out by its own case of the kit, in words that fit it. The reference passes that case."""

import functools
import inspect
import re

import pytest
from animals import ANIMALS
from corner_subject import CornerShopSubject

from op_core.testing.kit import SUITES, Harm, cases

LEAST = 30
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


def again(function):
    """Return the case once more, so that what is changed of it is not changed of the suite's own."""

    @functools.wraps(function)
    def run(*args, **kwargs):
        function(*args, **kwargs)

    return run


def tried(animal, *, broken):
    """Return a suite with the animal's own case alone: on the animal, or on the reference."""
    suite, name = KNOWN[animal.case]
    function = getattr(suite, name)
    given = {key: pytest.fixture(name=key)(lambda _, value=value: value) for key, value in animal.given.items()}

    @pytest.fixture
    def adapter(_):
        return CornerShopSubject(animal.kind) if broken else CornerShopSubject()

    run = caught(animal, function) if broken else again(function)
    run.pytestmark = []  # of several tries of a case, the animal's own
    others = {other: None for other, _ in inspect.getmembers(suite, inspect.isfunction) if other.startswith("test_")}
    made = others | given | {"adapter": adapter, name: run, "__doc__": animal.kind.__doc__}
    return type(f"Test{animal.name}" if broken else f"TestReferenceFor{animal.name}", (suite,), made)


for one in ANIMALS:
    for which in (True, False):
        kind = tried(one, broken=which)
        globals()[kind.__name__] = kind


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
