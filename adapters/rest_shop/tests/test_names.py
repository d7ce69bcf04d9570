"""Names in a manifest that nothing gives are found before the first call."""

import pytest
from op_rest_shop.mapping import load
from op_rest_shop.names import faults

from op_core.errors import SettingsError


@pytest.mark.parametrize(
    ("was", "by", "said"),
    [
        ("{variant: variant_id, quantity", "{variant: varient_id, quantity", "looks for 'varient_id' in a line"),
        ("quantity: quantity, price", "op: claim_id, price", "looks for 'claim_id' in a line, which has no such field"),
        ("/claims/{begin.claim.id}/items", "/claims/{began.claim.id}/items", "looks for 'began', which nothing gives"),
        ('note = "{reference}"', 'note = "{referense} {reference}"', "the nearest is 'reference'"),
    ],
)
def test_a_name_that_nothing_gives_is_named(tmp_path, manifest, was, by, said):
    """Also inside lines[], where only a line's own fields can be reached, and the reference."""
    assert was in manifest
    (tmp_path / "shop.toml").write_text(manifest.replace(was, by, 1))

    (found,) = faults(load(tmp_path / "shop.toml", {"SHOP_TOKEN": "not-a-real-token"}))

    assert said in found


def test_the_reference_can_be_written_on_each_line(tmp_path, manifest):
    """Some shops put a replacement's lines on the order itself: by it they are told from what the customer bought."""
    (tmp_path / "shop.toml").write_text(manifest.replace("price: `0`}", "price: `0`, metadata: {op: reference}}"))

    assert [] == list(faults(load(tmp_path / "shop.toml", {"SHOP_TOKEN": "not-a-real-token"})))


def test_a_line_of_an_effect_carries_the_reference(adapter_of, shop, reship_of, order, manifest):
    """Nothing outside of a line can be reached from inside lines[]."""
    change = "price: `0`}", "price: `0`, op: reference}"
    request = reship_of(order)
    adapter_of(manifest, [change]).op_create_reship(request=request)

    assert [request.reference] == [item["op"] for item in shop.claims["claim_1"]["items"]]


@pytest.mark.parametrize("means", ["ask", "done"])
def test_a_call_that_is_sent_again_cannot_have_landed(tmp_path, manifest, means):
    """After 429 a call is sent again before any rule is read, so no rule may say that it did something."""
    rule = f'rules = [{{ status = [409, 429], means = "{means}" }}]\n[refund.find]'
    (tmp_path / "shop.toml").write_text(manifest.replace("[refund.find]", rule))

    with pytest.raises(SettingsError, match='expected "later" or "refused" of 429'):
        load(tmp_path / "shop.toml", {"SHOP_TOKEN": "not-a-real-token"})
