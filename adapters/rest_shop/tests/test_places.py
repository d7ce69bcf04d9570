"""Where a key of a manifest stands."""

import pytest
from op_rest_shop.places import Place

TEXT = """unsupported.store_credit = "why"

[shop] # what holds for all
money = "decimal"
[orders.query]
"updated_at[$gte]" = "{since}"
order = '''
money = 1
'''
[payments]
fields = { id = "id" }
[[refund.calls]]
post = "/a"
[[ refund.calls ]]
post = "/b"
undo = { delete = "/c" }
"""


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("unsupported.store_credit", 1),
        ("shop", 3),
        ("shop.money", 4),
        ("shop.zone", 3),
        ("orders.query.order", 7),
        ("payments.fields.id", 11),
        ("refund.calls[0].post", 13),
        ("refund.calls[1].post", 15),
        ("refund.calls[1].undo.delete", 16),
        ("refund.calls[1]", 14),
        ("note.id", None),
    ],
)
def test_a_key_has_the_line_of_it_or_of_the_table_that_holds_it(key, line):
    """So that an error leads to it; a key that is nowhere has none."""
    place = Place.of("shop.toml", TEXT)

    assert place.at(key) == (f"shop.toml:{line}: {key}" if line else f"shop.toml: {key}")
    assert f"{place.at(key)}: wrong: found 1" == place.told(f"{key}: wrong: found 1")
