"""What is said of vLLM's engine where it dies during a call."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from vllm.v1.engine.exceptions import EngineDeadError

from rl.rollout.engines import vllm


def engine(dies: bool) -> Any:
    """One whose calls are cancelled, and that is known to be dead a little later, or never."""
    made: Any = vllm.VllmEngine.__new__(vllm.VllmEngine)
    made.asleep = False
    made.llm = SimpleNamespace(errored=False, dead_error=EngineDeadError())

    async def pause() -> None:
        if dies:
            asyncio.get_running_loop().call_later(0.2, setattr, made.llm, "errored", True)
        raise RuntimeError("Call to pause_scheduler method failed: cancelled")

    made.llm.pause_generation = pause
    return made


def test_a_call_that_is_cancelled_while_the_engine_dies_tells_of_its_death() -> None:
    with pytest.raises(EngineDeadError):
        asyncio.run(engine(dies=True).start_weight_update())


def test_any_other_error_of_a_call_is_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vllm, "DYING", 0.2)
    with pytest.raises(RuntimeError, match="cancelled"):
        asyncio.run(engine(dies=False).start_weight_update())
