"""Refunds, replacements and store credits of a Python shop that acts, and then fails, is late or raves."""

import asyncio
import sys
import threading
import types
from collections import Counter
from concurrent.futures import Future
from itertools import product

import attrs
import pytest
from op_custom_store import CustomStoreAdapter, CustomStoreSettings

from op_core.demo.shop import DemoShop
from op_core.ledger import actions
from op_core.models import Line
from op_core.money import Money
from op_core.plugins import StoreInfo
from op_core.runners.embedded import Embedded
from op_core.testing import bodies
from op_core.testing.model_shop import an_order
from op_core.testing.scene import Scene

TIMING = {"deadline": "20 s", "lease": "1 min", "quiet_period": "1 min", "calls": 32}
CHANGES = {"refund": "grant_refund", "reship": "create_replacement", "store_credit": "issue_store_credit"}
FAULTS = ("none", "raise before", "raise after", "nothing", "twice", "late")
LATE = 0.5  # seconds that are enough to see that a call is late
CASES = {n: (*case, n % 4 in (1, 2)) for n, case in enumerate(product(CHANGES, FAULTS), 1)}
"""Number of an order to what is decided about it, what goes wrong, and whether the method is ``async def``."""


class Shaky:
    """
    The demo shop, whose first change for each order goes wrong: it doubles whatever it is asked for twice.

    Attributes:
        hit: Number of an order to how many changes were asked for.
        arrived: Counts those that have acted and are late.
        released: Done, what is late is let go.
    """

    def __init__(self, shop, cases, *, finds):
        self.shop, self.cases, self.finds = shop, cases, finds
        self.hit, self.lock, self.released = Counter(), threading.Lock(), Future()
        self.arrived = threading.Semaphore(0)

    def __getattr__(self, name):
        """Hand out the demo shop's methods."""
        if name.startswith("find_") and not self.finds:
            raise AttributeError(name)
        method = getattr(self.shop, name)
        if name not in CHANGES.values():
            return method

        def now(request):
            fault = self.begin(request)
            made = method(request)
            if fault == "late":
                self.arrived.release()
                self.released.result(60)
            return self.answer(fault, made)

        async def later(request):
            fault = self.begin(request)
            made = method(request)
            if fault == "late":
                self.arrived.release()
                await asyncio.wrap_future(self.released)
            return self.answer(fault, made)

        return lambda request: (later if self.cases[int(request.order.id)][2] else now)(request)

    def begin(self, request):
        """Return what goes wrong with this call."""
        number = int(request.order.id)
        with self.lock:
            self.hit[number] += 1
            fault = self.cases[number][1] if self.hit[number] == 1 else "none"
        if fault == "raise before":
            raise ConnectionError
        return fault

    def release(self):
        """Let go what is late."""
        if not self.released.done():
            self.released.set_result(None)

    def answer(self, fault, made):
        """Answer, or not."""
        if fault == "raise after":
            raise TimeoutError
        return {"nothing": None, "twice": [made, made]}.get(fault, made)


@attrs.define(eq=False)
class Play:
    """A shop, and the store that works for it."""

    shaky: Shaky
    scene: Scene
    runner: Embedded

    def begin(self):
        """Have everything decided and called: what is late is given up soon, and only that."""
        late = [number for number, (_, fault, _) in self.shaky.cases.items() if fault == "late"]
        self.decide(self.shaky.cases.keys() - set(late))
        self.work(1)
        self.decide(late)
        shop = self.scene.desk.shop
        shop.deadline, patience = LATE, shop.deadline
        for _ in range(5):  # on a busy machine the time of a call may be out before it begins: then it begins later
            self.work(1)
            late = late[sum(self.shaky.arrived.acquire(timeout=5) for _ in late) :]
            if not late:
                break
        shop.deadline = patience

    def decide(self, numbers):
        """Have Order Protection decide the claims about these orders."""
        for number in numbers:
            verb = self.shaky.cases[number][0]
            total = None if verb == "reship" else 15
            said = bodies.resolution(verb.upper(), bodies.item(f"{number}-1", 1, 15), total=total)
            self.scene.deliver(bodies.approved(said, claim=f"C-{number}", order=str(number), event=f"e-{number}"))

    def work(self, rounds):
        """Do all that is due, again and again, with time between."""
        for _ in range(rounds):
            self.runner.run_once()
            self.scene.clock.move(minutes=20)

    def restart(self):
        """End this process while what is late still hangs, and begin another one."""
        self.runner.stop()
        self.scene.restart()
        self.runner = self.scene.runner

    def release(self):
        """Let what is late answer, and whoever waited for it say so."""
        self.shaky.release()
        for thread in threading.enumerate():
            if thread.name.startswith("op-core call OP-"):
                thread.join(20)

    def effects(self):
        """Return how often each order has each effect, in the shop's own tables."""
        numbers = {action.reference: int(action.order_id) for action in self.scene.actions()}
        verbs = {"replacement": "reship"}
        made = self.shaky.shop.effects()
        return Counter((numbers[one.reference], verbs.get(one.kind, one.kind)) for one in made)

    def acted(self):
        """Return the actions by the number of their order."""
        return {int(one.order_id): one for one in self.scene.actions()}

    def stories(self):
        """Return what was tried of each action."""
        read = self.scene.ledger.read
        return [", ".join(one.result for one in read(actions.attempts_of, each.id)) for each in self.scene.actions()]


@pytest.fixture
def play_of(tmp_path, monkeypatch):
    """Make a shop with an order for each case."""
    made = []

    def play(cases, *, finds=True):
        shop = DemoShop("shop.db", directory=tmp_path)
        fifteen = Money("15.00", "USD")
        for number in cases:
            line = Line(id=f"{number}-1", name="Mug", quantity=1, unit_price=fifteen)
            order = an_order(id=str(number), number=f"#{number}", lines=(line,), subtotal=fifteen)
            (payment,) = order.payments
            shop.add_order(attrs.evolve(order, payments=(attrs.evolve(payment, id=f"pay-{number}"),)))
        module = types.ModuleType("a_shaky_shop")
        module.backend = Shaky(shop, cases, finds=finds)
        made.append(module.backend)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        info = StoreInfo("main", "main-1", tmp_path)
        adapter = CustomStoreAdapter(CustomStoreSettings(backend="a_shaky_shop:backend"), info)
        url = f"sqlite:///{tmp_path}/op.db"
        scene = Scene.make(adapter, url=url, timing=TIMING, resolutions={"store_credit": "act"})
        return Play(module.backend, scene, scene.runner)

    yield play
    for one in made:
        one.release()


def test_what_the_shop_did_is_found_and_what_it_did_not_is_made(play_of):
    """Each effect is there once and told as done; only what the shop had not done was asked for a second time."""
    play = play_of(CASES)
    play.begin()
    play.restart()
    play.work(2)

    assert {(number, verb): 1 for number, (verb, *_) in CASES.items()} == play.effects()
    assert {"done"} == {action.state for action in play.acted().values()}
    assert {number: 2 if fault == "raise before" else 1 for number, (_, fault, _) in CASES.items()} == play.shaky.hit
    assert not [story for story in play.stories() if "result: unknown, call: begun" in story]


def test_without_finders_a_person_is_asked(play_of):
    """What is in doubt is asked for once, and held; what says late that it was done, is done."""
    play = play_of(CASES, finds=False)
    play.begin()
    play.restart()
    play.work(2)
    doubtful = {number for number, (_, fault, _) in CASES.items() if fault != "none"}
    assert doubtful == {number for number, action in play.acted().items() if action.needs_person}
    play.release()
    play.work(1)

    doubtful -= {number for number, (_, fault, _) in CASES.items() if fault == "late"}
    assert doubtful == {number for number, action in play.acted().items() if action.needs_person}
    assert CASES.keys() - doubtful == {number for number, action in play.acted().items() if action.state == "done"}
    assert dict.fromkeys(CASES, 1) == play.shaky.hit
    acted = {(number, verb): 1 for number, (verb, fault, _) in CASES.items() if fault != "raise before"}
    assert acted == play.effects()


def test_while_the_call_lives_nobody_asks_and_its_late_word_counts(play_of):
    """A method that hangs is neither asked about nor called again, however long; when it returns, that is the truth."""
    cases = {number: case for number, case in CASES.items() if case[1] == "late"}
    play = play_of(cases)
    play.begin()
    play.work(2)
    assert {"unknown"} == {action.state for action in play.acted().values()}
    play.release()
    play.work(1)

    assert {(number, verb): 1 for number, (verb, *_) in cases.items()} == play.effects()
    assert all(story.endswith("result: unknown, late: done, result: done") for story in play.stories())
    assert not [story for story in play.stories() if "ask" in story]
