"""One step of a claim after the other, up to where it is stopped."""

from op_core.testing import bodies
from op_core.testing.crash import SimulatedCrash, armed

__all__ = ["act", "deliver", "killed", "plan", "protect", "report"]


def deliver(scene, name, *said, event="a", make=bodies.approved):
    """Deliver an approved claim, or what *make* makes of *said*."""
    scene.deliver(make(*said, claim=f"C-{name}", order=name, event=f"{name}-{event}"))


def plan(scene, name, *said, **more):
    """Deliver it and plan it; return the newest action."""
    deliver(scene, name, *said, **more)
    scene.plan()
    return (scene.actions() or [None])[-1]


def act(scene, name, *said, **faults):
    """Plan it and do it; *faults* says what each verb meets."""
    scene.shop.faults = {(verb, 1): fault for verb, fault in faults.items()}
    plan(scene, name, *said)
    scene.act()
    return scene.actions()[-1]


def report(scene, name, *said, **faults):
    """Plan it, do it and report it; *faults* says what each call of the API meets."""
    scene.api.faults = {call: [fault] for call, fault in faults.items()}
    act(scene, name, *said)
    scene.report()


def protect(scene, name):
    """Have protection added to an order, by a webhook."""
    scene.deliver(bodies.protection(added=True, order=name, event=f"{name}-on"))
    scene.plan()


def killed(scene, point, step):
    """Do *step* and die at *point*."""

    def die(passed):
        if passed == point:
            raise SimulatedCrash

    try:
        with armed(die):
            step()
    except SimulatedCrash:
        return scene.restart()
    raise AssertionError(f"it never came to {point}")
