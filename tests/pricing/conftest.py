"""A store's rules, made in one line."""

import pytest

from op_core.order_protection.answers import ReadQuote


@pytest.fixture
def rules():
    """Give what makes an answer of page QUOTE: ``rules(("r1", 0, 50, "0.98"), …, mandatoryOp=True)``."""

    def make(*said, **more):
        return ReadQuote.model_validate(
            {
                "id": "q1",
                "automaticallyAddToCart": False,
                "mandatoryOp": False,
                "rules": [rule if isinstance(rule, dict) else one_rule(*rule) for rule in said],
                "variants": None,
                **more,
            }
        )

    return make


def one_rule(name, low, high, amount, paid_by="customer", kind="fixed"):
    return {
        "id": name,
        "min": low,
        "max": high,
        "terms": {"paidBy": paid_by, paid_by: {"amount": amount, "type": kind}},
    }
