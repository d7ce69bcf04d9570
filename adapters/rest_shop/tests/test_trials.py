"""Fault trials: every manifest at every call, a manifest that lies, and a real shop behind a socket."""

from pathlib import Path

import httpx
import pytest
from op_rest_shop.mapping import load
from op_rest_shop.trials import NotTried, Shop, Trial, run, trials

from op_core.money import Money
from op_core.requests import GetOrderRequest

HERE = Path(__file__).parent
MANIFEST = (HERE / "shop.toml").read_text(encoding="utf-8")
MEDUSA = HERE.parents[2] / "examples" / "medusa" / "shop.toml"
ENVIRON = {"SHOP_TOKEN": "not-a-real-token", "SHOP_KEY": "not-a-real-key", "SHOP_RESHIP_OPTION": "so_1"}
LOGIN = 'kind = "login"\npost = "/in"\njson = { p = { env = "SHOP_TOKEN" } }\ntoken = "t"\n'
FOUND = {
    "shop": ("refund", "reship"),
    "graphql": ("refund",),
    "medusa": ("refund", "reship", "note"),
}
FILES = {"shop": HERE / "shop.toml", "graphql": HERE / "graphql.toml", "medusa": MEDUSA}


def tried(manifest, verb, **at):
    """Return the verdicts of a verb's trials, and what could not be tried."""
    each = list(trials(manifest, verb))
    missed = [one for one in each if isinstance(one, NotTried)]
    return [run(one, manifest, "shop.toml", **at) for one in each if one not in missed], missed


@pytest.mark.parametrize(("file", "verb"), [(file, verb) for file, verbs in FOUND.items() for verb in verbs])
def test_every_fault_at_every_call_ends_with_one_effect_or_a_question(file, verb):
    """Each call is reached, nothing is doubled, lost, told wrongly or left half-built, and nothing goes on for ever."""
    manifest = load(FILES[file], ENVIRON)
    verdicts, missed = tried(manifest, verb)

    assert [] == [f"{each.trial}: {each.wrong}" for each in verdicts if each.wrong]
    assert [] == [str(each.trial) for each in verdicts if not each.met]
    assert [] == missed
    places = {each.trial.place for each in verdicts}
    assert {f"{verb}.calls[{at}]" for at in range(len(manifest.verbs[verb].calls))} <= places
    assert {"done", "pending"} & {each.state for each in verdicts}
    assert {"refused", "held"} <= {each.state for each in verdicts}


@pytest.mark.parametrize(
    ("verb", "change", "by", "expected"),
    [
        (
            "refund",
            "[refund.find]",
            'rules = [{ status = 500, means = "later" }]\n[refund.find]',
            "refund.calls[0]: 500, after the shop acted: the customer would get 2 of one refund",
        ),
        (
            "refund",
            '[auth]\nkind = "bearer"\ntoken = { env = "SHOP_TOKEN" }\n',
            f'rules = [{{ status = 500, means = "login" }}]\n[auth]\n{LOGIN}',
            "refund.calls[0]: 500, after the shop acted: the customer would get 3 of one refund",
        ),
        (
            "refund",
            "[auth]",
            'rules = [{ status = 504, means = "refused" }]\n[auth]',
            "refund.calls[0]: 504, after the shop acted: the refund would be told as refused, and it is there",
        ),
        (
            "refund",
            "[refund.find]",
            'rules = [{ status = 200, means = "later" , when = "!payment" }]\n[refund.find]',
            "refund.calls[0]: 200 with nothing in it, after the shop acted: the customer would get 2 of one refund",
        ),
        (
            "refund",
            "refunds[] | [?ours(note)]",
            "refunds[]",
            "refund.calls[0]: 500, before the shop acted: the refund would be told as done, and nothing was made",
        ),
        (
            "reship",
            MANIFEST[MANIFEST.index("[reship.leftovers]") : MANIFEST.index("[[reship.calls]]")],
            "",
            "reship.calls[0]: the answer is lost, after the shop acted: 1 half-built would stay behind in the shop",
        ),
    ],
    ids=["later", "login", "refused", "unsaid", "anybody's", "half-built"],
)
def test_a_manifest_that_lies_is_found_out(tmp_path, verb, change, by, expected):
    """What would have happened in a shop is said, with the call and the fault that show it."""
    assert change in MANIFEST
    (tmp_path / "shop.toml").write_text(MANIFEST.replace(change, by, 1))

    verdicts, _ = tried(load(tmp_path / "shop.toml", ENVIRON), verb)

    said = [f"{each.trial}: {each.wrong}" for each in verdicts if each.wrong]
    assert any(one.startswith(expected) for one in said), said


def test_a_rule_whose_answer_nobody_can_make_is_named(tmp_path):
    """It is not passed over in silence."""
    rule = "rules = [{ when = \"code == 'X' && code == 'Y'\", means = 'refused' }]\n[refund.find]"
    (tmp_path / "shop.toml").write_text(MANIFEST.replace("[refund.find]", rule))

    _, missed = tried(load(tmp_path / "shop.toml", ENVIRON), "refund")

    assert ["refund.calls[0]"] == [one.place for one in missed]
    assert "code == 'X' && code == 'Y'" in missed[0].why


@pytest.mark.parametrize("verb", ["refund", "reship"])
def test_a_shop_behind_a_socket_holds_what_the_verdict_says(shop, adapter, refund_of, reship_of, verb):
    """The trials count by the wire; the shop's own tables hold no more and no less, and no claim half-built."""
    manifest = adapter.manifest
    order = adapter.op_get_order(request=GetOrderRequest("main", "order_1"))
    cut = (one for one in trials(manifest, verb) if isinstance(one, Trial) and one.fault.cut)
    for one in cut:
        shop.claims.clear()
        shop.orders["order_1"]["payments"][0]["refunds"].clear()
        request = refund_of(order, Money(1, "USD")) if verb == "refund" else reship_of(order)
        verdict = run(one, manifest, "shop.toml", at=Shop(httpx.HTTPTransport(), request, shop.url))

        assert "" == verdict.wrong, one
        assert verdict.made == len(shop.refunds if verb == "refund" else shop.confirmed), one
        left = len(shop.claims) - len(shop.confirmed)
        assert not left or verdict.state in ("held", "refused"), one
