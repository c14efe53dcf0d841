"""What is refused before a run starts."""

import pytest

from rewards.types import Task
from rl.checks import check_sandbox
from rl.errors import UserError
from tests.rl.parts import composed


def test_tools_of_a_server_that_does_not_start_are_refused_before_the_run(some_tasks: list[Task]) -> None:
    config = composed("sandbox=process", "sandbox.mcp=[{command: [python, -c, 'raise SystemExit(3)']}]")
    with pytest.raises(UserError, match=r"^The servers of sandbox\.mcp cannot be used: .*exit status 3"):
        check_sandbox(config, some_tasks)
