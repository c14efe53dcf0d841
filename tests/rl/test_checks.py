"""What is refused before a run starts."""

from pathlib import Path

import pytest

from rewards.types import Task
from rl.checks import check_sandbox
from rl.errors import UserError
from tests.rl.parts import composed


@pytest.mark.parametrize(
    ("source", "reason"),
    [("raise SystemExit(3)", "ended with exit status 3"), ("", "ended with exit status 0")],
)
def test_servers_of_tools_that_do_not_start_are_refused_before_the_run(
    some_tasks: list[Task], tmp_path: Path, source: str, reason: str
) -> None:
    server = tmp_path / "broken.py"
    server.write_text(source)
    config = composed("sandbox=process", f"sandbox.mcp=[{{command: [python, {server}]}}]")
    with pytest.raises(UserError, match=r"^The servers of sandbox\.mcp cannot be used: ") as refused:
        check_sandbox(config, some_tasks)
    assert reason in str(refused.value) and "\n" not in str(refused.value)
