"""Fault trials of any manifest: every call fails in every way that its landing rules know."""

from op_rest_shop.trials.inverse import Underivable
from op_rest_shop.trials.trial import NotTried, Shop, Trial, Verdict, run, trials

__all__ = ["NotTried", "Shop", "Trial", "Underivable", "Verdict", "run", "trials"]
