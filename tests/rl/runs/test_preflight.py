"""What is refused before a run starts."""

import sys
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from rewards.types import Task
from rl.errors import UserError
from rl.rollout.chat import Chat
from rl.runs.preflight import check_prompts, check_sandbox
from rl.runs.run import train
from tests.rl.parts import composed


def test_a_prompt_must_leave_room_for_the_answers_of_its_own_language(
    some_tasks: list[Task], tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    chat = Chat(tiny_tokenizer)
    longest: dict[str, int] = {}
    for task in some_tasks:
        length = len(chat.prompt_ids(task.messages, task.tools))
        longest[task.language] = max(length, longest.get(task.language, 0))
    short = min(longest, key=lambda tag: longest[tag])
    room = max(longest.values()) + 40
    config = composed(f"rollout.max_model_len={room}", "rollout.max_new_tokens=40")
    own = room - longest[short]
    assert own > 40, "more than the longest prompt leaves"
    check_prompts(config, chat, some_tasks, {})
    check_prompts(config, chat, some_tasks, {short: own})
    with pytest.raises(UserError, match=rf"an answer of rollout.max_new_tokens 40 x .* for {short}; raise"):
        check_prompts(config, chat, some_tasks, {short: own + 1})


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
    with pytest.raises(UserError, match=r"^The tools of sandbox\.mcp cannot be used \(") as refused:
        check_sandbox(config, some_tasks)
    assert reason in str(refused.value) and "\n" not in str(refused.value)


NO_DOCSTRING = "def spend(amount: int) -> int:\n    return amount\n"


@pytest.mark.parametrize("trust", ["tools", "trusted_tools"])
@pytest.mark.parametrize(
    ("source", "reason"),
    [
        (None, "there is no module 'own_tools'"),
        ("import nothing_of_the_kind", "ModuleNotFoundError: No module named 'nothing_of_the_kind'"),
        ("def", "SyntaxError"),
        (NO_DOCSTRING, "tool spend: write a docstring, the model reads it"),
        (
            'def world_time() -> int:\n    """Tell."""\n    return 1',
            "has a tool 'world_time', a name that is taken",
        ),
    ],
)
def test_tools_that_cannot_be_used_are_refused_before_the_run(
    some_tasks: list[Task],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    trust: str,
    source: str | None,
    reason: str,
) -> None:
    if source is not None:
        (tmp_path / "own_tools.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "own_tools", raising=False)
    config = composed("sandbox=process", f"sandbox.{trust}=[own_tools]")
    with pytest.raises(UserError, match=rf"^The tools of sandbox\.{trust} cannot be used \(") as refused:
        check_sandbox(config, some_tasks)
    assert reason in str(refused.value) and "\n" not in str(refused.value)


def test_documents_of_tools_that_are_wrong_are_refused_before_the_run(
    some_tasks: list[Task], tmp_path: Path
) -> None:
    (tmp_path / "shop.yaml").write_text("openapi: 2.0")
    config = composed("sandbox=process", f"+sandbox.rest={{sources: [{tmp_path / 'shop.yaml'}]}}")
    with pytest.raises(UserError, match=r"^The tools of sandbox\.rest cannot be used \("):
        check_sandbox(config, some_tasks)


@pytest.mark.parametrize(
    ("override", "reason"),
    [
        (
            "+reward.components.mine={_target_: no_such_module.f, weight: 1}",
            "there is no module no_such_module",
        ),
        ("sandbox.trusted_tools=[no_such_tools]", "there is no module 'no_such_tools'"),
    ],
)
def test_what_cannot_work_is_refused_before_a_model_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, override: str, reason: str
) -> None:
    monkeypatch.setattr("rl.runs.prepare.warm_started", lambda *_: pytest.fail("the warm start has begun"))
    config = composed("experiment=demo", f"output_dir={tmp_path}", override)
    with pytest.raises(UserError, match=reason):
        train(config)
