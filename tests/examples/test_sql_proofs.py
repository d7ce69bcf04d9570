"""The ready mappings prove well on their databases, and their writes can be made and leave nothing behind."""

import pytest
from sqlalchemy import NullPool, create_engine, inspect, text


def dump(url):
    """Return every row of every table."""
    with create_engine(url, poolclass=NullPool).connect() as db:
        names = inspect(db).get_table_names()
        return {name: sorted(map(repr, db.execute(text(f"select * from {name}")))) for name in names}  # noqa: S608 - names of the shop's own tables


def proven(adapter):
    """Return what is found, by what was looked at."""
    return {proof.check: (proof.state, proof.said) for proof in adapter.prove(writes=True)}


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_oscar_proves_well(request, oscar_adapter, kind):
    """Every statement, column and right fits a stock Oscar; each effect is made, and every table is as it was."""
    url = request.getfixturevalue(f"oscar_{kind}_url")
    adapter = oscar_adapter("sql_shop", url)
    before = dump(url)
    found = proven(adapter)

    assert [] == [(check, said) for check, (state, said) in found.items() if state == "not well"]
    assert {"reship", "refund", "refund_protection", "note"} == {
        check.removeprefix("rehearsal of ")
        for check, (state, _) in found.items()
        if check.startswith("rehearsal of") and state == "well"
    }
    assert "CREATE INDEX op_order_ordernote_date_updated" in found["index behind orders"][1]
    assert before == dump(url)


def test_woocommerce_proves_well(woo, woo_url):
    """The same of WooCommerce's tables on MariaDB."""
    before = dump(woo_url)
    found = proven(woo)

    assert [] == [(check, said) for check, (state, said) in found.items() if state == "not well"]
    assert "well" == found["rehearsal of reship"][0]
    assert before == dump(woo_url)
