"""What the run does with its memory."""

import gc
import weakref

from rl.hardware.memory import old_objects_left_alone


class Cycle:
    def __init__(self) -> None:
        self.itself = self


def test_searches_for_garbage_leave_out_what_was_there_and_find_what_came_since() -> None:
    with old_objects_left_alone():
        assert gc.get_freeze_count() > 10_000
        gone = weakref.ref(Cycle())
        gc.collect()
        assert gone() is None
    assert gc.get_freeze_count() == 0
