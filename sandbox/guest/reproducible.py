"""The same bytes in each session of a seed: the clock stands, and all that is random comes from ``random``'s seed."""

import os
import random
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

from sandbox.guest.c_clock import FrozenLibraries

# time_machine takes them where they are, and every fork would pay for their size.
KEPT_OUT = ("pytest", "dateutil")
CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM, CLOCK_TAI = 5, 8, 11
CIVIL = (time.CLOCK_REALTIME, CLOCK_REALTIME_COARSE, CLOCK_REALTIME_ALARM, CLOCK_TAI)


def make_reproducible(now: str) -> None:
    """Freeze the clock at ``now`` (ISO 8601) and have all random bytes come from ``random``'s seed."""
    for name in KEPT_OUT:
        sys.modules[name] = None  # type: ignore[assignment]
    import time_machine

    for name in KEPT_OUT:
        del sys.modules[name]
    time_machine.travel(now, tick=False).start()
    _freeze_the_rest()
    FrozenLibraries(int(time.time())).watch()
    os.urandom = random.randbytes
    os.getrandom = lambda size, flags=0: random.randbytes(size)
    random._urandom = random.randbytes  # type: ignore[attr-defined]
    seed = random.Random.seed

    def seed_at_all(self: random.Random, a: Any = None, version: int = 2) -> None:
        seed(self, random.randbytes(16) if a is None else a, version)

    random.Random.seed = seed_at_all  # type: ignore[method-assign]
    random.seed = random._inst.seed
    uuid.getnode = lambda: 0x0242AC110002
    uuid._generate_time_safe = None  # type: ignore[attr-defined]


def _freeze_the_rest() -> None:
    """What of ``time`` looks at the clock by itself, and not by ``time.time``."""
    ctime, asctime = time.ctime, time.asctime
    time.ctime = lambda seconds=None, /: ctime(time.time() if seconds is None else seconds)
    time.asctime = lambda moment=None, /: asctime(time.localtime() if moment is None else moment)
    time.clock_gettime = _civil(time.clock_gettime, lambda: time.time())
    time.clock_gettime_ns = _civil(time.clock_gettime_ns, lambda: time.time_ns())


def _civil(real: Callable[[int], Any], frozen: Callable[[], Any]) -> Callable[[int], Any]:
    return lambda clock, /: frozen() if clock in CIVIL else real(clock)
