"""
Let schemathesis loose on a real sandbox, once in each spelling of the wire.

    python tests/sandbox/fuzz/run.py --seconds 180

It must not be answered 5xx, nor with a status, a media type or a body that the sandbox does not describe. What fails is
printed with the curl command that asks for it again; ``--seed`` repeats a run. The switches (``/sandbox/behaviour``,
which can ask for faults, and ``/sandbox/webhooks``) are tried by themselves, on a sandbox of their own.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, get_args

from op_core.order_protection.dialects.switches import Dialect
from op_core.sandbox import Sandbox
from op_core.sandbox.oauth_bodies import App, Authorize, TokenWish
from op_core.sandbox.order_view import Forms
from op_core.sandbox.quotes import SetQuote

HERE = Path(__file__).parent
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
SWITCHES = "^/sandbox/(behaviour|webhooks)$"
SPELLINGS = ("documented", "other")
SHARE_OF_SWITCHES = 0.1  # of the time
START = 3  # seconds that schemathesis takes before and after what it is given
QUICK = ["--phases", "examples,fuzzing", "--max-examples", "1"]
# A file of its own, so that none of a folder above is read. No links are learned from answers: schemathesis 4.32 fails
# where a text in one begins like an address and is none, such as http://[; and the sandbox sends no Location.
SETTINGS = '[phases.stateful.inference]\nalgorithms = ["dependency-analysis"]\n'
STORE = "store_sandbox"
APP = App(
    client_id="op_app_fuzz",
    client_secret="op_secret_not_real",
    redirect_uris=("https://app.example/done",),
    scopes=("read_orders",),
)


def main() -> int:
    """Run both spellings; 0 where nothing failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=180, help="for everything together")
    parser.add_argument("--quick", action="store_true", help="a few requests of each kind, switches apart")
    parser.add_argument("--seed", type=int, default=None, help="repeat a run")
    asked = parser.parse_args()
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)  # it is asked on purpose what it cannot take
    seed = secrets.randbelow(2**32) if asked.seed is None else asked.seed
    say(f"schemathesis: {'quick' if asked.quick else f'{asked.seconds} seconds'}, seed {seed}")
    begun = time.monotonic()
    told = []
    for number, spelling in enumerate(SPELLINGS, 1):
        ends = begun + asked.seconds * number / len(SPELLINGS)
        for switches in (False,) if asked.quick else (True, False):
            left = ends - time.monotonic()
            seconds = max(5, int(left * SHARE_OF_SWITCHES if switches else left - START))
            bounds = (
                ["--phases", "examples,fuzzing", "--max-examples", "1"] if asked.quick else ["--max-time", str(seconds)]
            )
            cases, failed = attempt(spelling, [*bounds, "--seed", str(seed)], seconds, switches=switches)
            told.append((f"{spelling}{', switches' if switches else ''}", cases, failed))
    passed = not any(failed for _, _, failed in told)
    figures = "; ".join(f"{name}: {cases} requests{' FAILED' if failed else ''}" for name, cases, failed in told)
    verdict = "no 5xx, nothing undescribed" if passed else f"FAILED, repeat with --seed {seed}"
    say(f"schemathesis: {figures}; {verdict}; {time.monotonic() - begun:.0f} seconds")
    return 0 if passed else 1


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def attempt(spelling: str, bounds: list[str], seconds: int, *, switches: bool) -> tuple[int, bool]:
    """Return how many requests were made of a new sandbox, and whether one was answered as it must not be."""
    with Sandbox(backoff=(0,), post=lambda *_: 200) as sandbox, tempfile.TemporaryDirectory() as folder:
        known = furnished(sandbox, spelling)
        settings = Path(folder) / "schemathesis.toml"
        settings.write_text(SETTINGS, encoding="utf-8")
        command = [
            sys.executable, "-m", "schemathesis.cli", "--config-file", str(settings), "run",
            f"{sandbox.url}/openapi.json",
            "--header", f"Authorization: Bearer {known['store_token']}",
            "--checks", CHECKS,
            "--include-path-regex" if switches else "--exclude-path-regex", SWITCHES,
            *bounds,
            "--max-failures", "5",
            "--request-timeout", "20",
            "--generation-database", "none",
            "--output-sanitize", "false",
            "--warnings", "off",
            "--no-color",
        ]  # fmt: skip
        more = {"SCHEMATHESIS_HOOKS": "known", "PYTHONPATH": str(HERE), "OP_FUZZ_KNOWN": json.dumps(known)}
        done = subprocess.run(
            command,
            cwd=folder,  # where it leaves what it found
            env=os.environ | more,
            capture_output=True,
            text=True,
            timeout=seconds + 120,
            check=False,
        )
        cases = counted(done.stdout)
        failed = done.returncode != 0 or cases == 0
        if failed:
            say(done.stdout + done.stderr)
        return cases, failed


def counted(said: str) -> int:
    """Return how many cases schemathesis says that it made."""
    for line in said.splitlines():
        words = line.split()
        if len(words) > 1 and words[1].startswith("generated") and words[0].isdigit():
            return int(words[0])
    return 0


def furnished(sandbox: Sandbox, spelling: str) -> dict[str, str]:
    """Put one thing of each kind into the sandbox, and return what they are called, by the names of fields."""
    local = sandbox.local
    wire, answers = ({}, {}) if spelling == "documented" else (others(Dialect), others(Forms))
    local.switchboard.change({"wire": wire, "answers": answers, "rotate_refresh": False})
    order: dict[str, Any] = {
        "sourceOrderId": "S-1",
        "currency": "USD",
        "total": 50,
        "premiumPaid": 1,
        "orderItems": [{"sourceItemId": "I1", "productName": "Lamp", "quantity": 2, "price": 20}],
        "address": {},
        "fulfillments": [
            {
                "sourceFulfillmentId": "F1",
                "fulfillmentStatus": "FULFILLED",
                "sourceItemIds": [{"sourceItemId": "I1", "quantity": 2}],
            }
        ],
    }
    local.orders.create(order)
    local.products.create({"productId": "P1", "name": "Lamp"})
    local.quotes.set(SetQuote.model_validate({"storeUrl": "shop.example", "applicationId": "A1", "variantKey": "K1"}))
    local.quotes.set(SetQuote.model_validate({"storeUrl": "shop.example"}))
    local.store.put("webhook", "http://127.0.0.1:9", {"url": "http://127.0.0.1:9", "secret": "not-a-real-secret"})
    local.oauth.register(APP)
    consent = Authorize(client_id=APP.client_id, redirect_uri=APP.redirect_uris[0])
    client = {"client_id": APP.client_id, "client_secret": APP.client_secret}
    code = {"grant_type": "authorization_code", "redirect_uri": consent.redirect_uri}
    given = local.oauth.token(
        TokenWish.model_validate(client | code | {"code": local.oauth.authorize(consent)["code"]})
    )
    filed = local.claims.file({"source_order_id": "S-1"})
    return client | {
        "store_token": "any",
        "ending": ".000Z" if spelling == "documented" else "Z",  # of a time
        "code": local.oauth.authorize(consent)["code"],
        "redirect_uri": consent.redirect_uri,
        "refresh_token": given["refresh_token"],
        "token": given["access_token"],
        "store_id": STORE,
        "storeId": STORE,
        "sourceOrderId": "S-1",
        "source_order_id": "S-1",
        "sourceFulfillmentId": "F1",
        "fulfillmentSourceId": "F1",
        "sourceItemId": "I1",
        "productId": "P1",
        "claimId": filed["claim_id"],
        "deliveryId": filed["deliveries"][0],
        "store_url": "shop.example",
        "storeUrl": "shop.example",
        "applicationId": "A1",
        "key": "K1",
    }


def others(model: Any) -> dict[str, str]:
    """Return the second spelling of everything that a model switches."""
    return {name: get_args(field.annotation)[1] for name, field in model.model_fields.items()}


if __name__ == "__main__":
    sys.exit(main())
