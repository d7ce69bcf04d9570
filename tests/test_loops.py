"""One event loop for each store: started when it is needed, closed with it, and nobody else's business."""

import asyncio
import gc
import threading
import warnings

import pytest

from op_core.calls import Calls, OutOfTime
from op_core.hooks import hookimpl
from op_core.loops import Loop
from op_core.storefront import Storefront
from op_core.testing.model_shop import ModelShop, an_order

LONG = 10.0


def loops():
    """Return the threads of loops that run."""
    return [thread for thread in threading.enumerate() if thread.name == "op-core loop"]


def test_a_hook_that_blocks_its_loop_leaves_other_stores_alone():
    """Promise 7: an ``async def`` that blocks starves its own store, and no other."""
    release = threading.Event()

    class Blocking(ModelShop):
        @hookimpl
        async def op_get_order(self, request):
            """Block the loop."""
            release.wait(LONG)
            return an_order()

    class Fine(ModelShop):
        @hookimpl
        async def op_get_order(self, request):
            """Answer."""
            await asyncio.sleep(0)
            return an_order()

    blocked, fine = Storefront.of("a", Blocking()), Storefront.of("b", Fine(), deadline=2.0)
    asking = threading.Thread(target=blocked.get_order, args=("1001",))
    asking.start()
    try:
        assert an_order() == fine.get_order("1001")
        assert asking.is_alive()
    finally:
        release.set()
        asking.join(LONG)
    blocked.close()
    fine.close()


def test_a_store_without_async_hooks_has_no_loop():
    """It starts with the first thing to await."""
    before = len(loops())
    shop = Storefront.of("a", ModelShop([an_order()]))
    shop.get_order("1001")

    assert before == len(loops())
    shop.close()


def test_a_closed_loop_leaves_nothing_open():
    """Not the thread, not the loop, not what a hook began on the side; and it starts again if it is asked to."""
    loop, ended = Loop(), threading.Event()

    async def aside():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def hook():
        hook.kept = asyncio.ensure_future(aside())
        await asyncio.sleep(0)
        return asyncio.get_running_loop()

    for _ in range(2):
        ended.clear()
        before = len(loops())
        used = loop.submit(hook()).result(LONG)
        assert before + 1 == len(loops())
        loop.close()
        assert used.is_closed()
        assert ended.is_set()
        assert before == len(loops())
    loop.close()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del hook.kept, used
        gc.collect()
    assert [] == [str(one.message) for one in caught]


def test_a_loop_is_closed_with_the_last_call_that_hangs():
    """Closing cancels nothing that may have reached the shop: its late result is still taken."""
    calls, release, told, end = Calls(), asyncio.Event(), [], threading.Event()

    async def hook():
        hook.loop = asyncio.get_running_loop()
        await release.wait()
        return 7

    def late(future):
        told.append(future.result())
        end.set()

    with pytest.raises(OutOfTime):
        calls.run(hook, 0.05, name="OP-1", late=late)
    thread = loops()[-1]
    calls.close()
    assert {"OP-1"} == calls.live
    hook.loop.call_soon_threadsafe(release.set)
    assert end.wait(LONG)
    thread.join(LONG)

    assert [7] == told
    assert hook.loop.is_closed()


@pytest.mark.parametrize("leave", [SystemExit, KeyboardInterrupt])
def test_a_hook_that_wants_to_end_the_process_does_not_end_the_loop(leave):
    """``sys.exit()`` on the loop fails its own call only; another one that is awaited there goes on."""
    loop = Loop()

    async def other(begun):
        begun.set()
        await asyncio.sleep(0.05)
        return 7

    async def exits():
        raise leave

    begun = threading.Event()
    waiting = loop.submit(other(begun))
    assert begun.wait(LONG)
    with pytest.raises(RuntimeError, match=leave.__name__):
        loop.submit(exits()).result(LONG)

    assert 7 == waiting.result(LONG)
    loop.close()
