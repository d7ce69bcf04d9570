"""Broken adapters: each is the one of examples/third_party_adapter with a single fault."""

import importlib
import pkgutil

from animals.registry import ANIMALS, Animal

__all__ = ["ANIMALS", "Animal"]

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")
