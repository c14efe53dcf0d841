"""Grammars of calls in each form: what they let through, what they hold back, and who is refused one."""

import json
from collections.abc import Sequence
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
import torch
import xgrammar
from transformers import PreTrainedTokenizerFast

from rewards.parse import parse_calls
from rewards.types import Task
from rl.config.schema import Config
from rl.errors import ConfigError, UserError
from rl.rollout.grammar import EXPRESSIBLE, calls_tag
from rl.runs.preflight import check_grammar
from sandbox.arguments import CallCheck, wrong_call
from sandbox.catalog import SPECS
from sandbox.types import ToolSpec
from tests.rl.parts import composed

ODD = ToolSpec(
    "odd",
    "Takes one of everything.",
    {
        "type": "object",
        "properties": {
            "n": {"type": "integer"},
            "x": {"type": "number"},
            "maybe": {"type": ["integer", "null"]},
            "flags": {"type": "array", "items": {"type": "boolean"}, "maxItems": 3},
            "unit": {"enum": ["celsius", 'a "b"']},
            "inner": {
                "type": "object",
                "properties": {"q": {"type": "number", "exclusiveMinimum": 0}},
                "required": ["q"],
            },
        },
        "required": ["n", "x", "unit"],
        "additionalProperties": False,
    },
)
TOOLS = [SPECS["set_alarm"], SPECS["world_time"], ODD]
BEGUN = {
    "hermes": ["<tool_call>", "Oui. <tool_call>"],
    "qwen3_coder": ["<tool_call>", "はい。\n<tool_call>\n<function=odd>\n"],
    "mistral": ["[TOOL_CALLS]", "Oui. [TOOL_CALLS]"],
    "llama3_json": ["{", "<|python_tag|>"],
    "json": ["{", "["],
}
ALARM = {"name": "set_alarm", "arguments": {"datetime": "07:30", "label": 'نوم "1" </tool_call>'}}
LLAMA = {"name": "set_alarm", "parameters": ALARM["arguments"]}
TEXT, TEXT2 = (
    json.dumps(ALARM, ensure_ascii=False),
    json.dumps({"name": "world_time", "arguments": {"city": "ソウル"}}),
)
WRITTEN = {
    "hermes": f"D'accord.\n<tool_call>\n{TEXT}\n</tool_call>\n<tool_call>{TEXT2}</tool_call>",
    "qwen3_coder": "<tool_call>\n<function=set_alarm>\n<parameter=datetime>\n07:30\n</parameter>\n<parameter=label>\n"
    "a\nb\n</parameter>\n</function>\n</tool_call>\n<tool_call>\n<function=odd>\n<parameter=n>\n-7\n</parameter>\n"
    "<parameter=x>\n0.5\n</parameter>\n<parameter=unit>\ncelsius\n</parameter>\n</function>\n</tool_call>",
    "mistral": f"Oui.[TOOL_CALLS][{TEXT}, {TEXT2}]",
    "llama3_json": f"{json.dumps(LLAMA)}; {json.dumps(LLAMA)}",
    "json": f"[{TEXT}, {TEXT2}]",
}


def compiled(tokenizer: PreTrainedTokenizerFast, form: str) -> Any:
    info = xgrammar.TokenizerInfo.from_huggingface(tokenizer, vocab_size=len(tokenizer))
    return xgrammar.GrammarCompiler(info).compile_structural_tag(str(calls_tag(form, TOOLS)))


def takes(grammar: Any, text: str) -> bool:
    """Whether the text is a whole turn."""
    matcher = xgrammar.GrammarMatcher(grammar)
    return matcher.accept_string(text) and matcher.accept_token(1)


def at_random(tokenizer: PreTrainedTokenizerFast, grammar: Any, begun: str, draw: Random) -> str | None:
    """What a policy without any knowledge makes of a turn that begins so; None if it came to no end."""
    matcher = xgrammar.GrammarMatcher(grammar)
    assert matcher.accept_string(begun)
    mask = xgrammar.allocate_token_bitmask(1, len(tokenizer))
    ids: list[int] = []
    for _ in range(150):
        matcher.fill_next_token_bitmask(mask)
        bits = (mask[0, :, None] >> torch.arange(32, dtype=torch.int32)) & 1
        allowed = bits.flatten()[: len(tokenizer)].nonzero()[:, 0].tolist()
        ends = tokenizer.eos_token_id in allowed and draw.random() < 0.1
        token = tokenizer.eos_token_id if ends else draw.choice(allowed)
        assert matcher.accept_token(token)
        if token == tokenizer.eos_token_id:
            return begun + str(tokenizer.decode(ids))
        ids.append(token)
    return None


def wrong(text: str, form: str, tools: Sequence[ToolSpec] = TOOLS) -> list[str | None]:
    """Of each call in the text, what is wrong with it."""
    names: dict[str, str | None] = {tool.name: tool.name for tool in tools}
    checks = {tool.name: CallCheck(tool) for tool in tools}
    return [wrong_call(call, names, checks.__getitem__) for call in parse_calls(text, form, tools)]


@pytest.mark.parametrize("form", EXPRESSIBLE)
def test_whatever_is_drawn_the_calls_fit_their_schemas(
    form: str, tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    grammar, draw = compiled(tiny_tokenizer, form), Random(form)
    texts = [at_random(tiny_tokenizer, grammar, begun, draw) for begun in BEGUN[form] * 25]
    whole = [text for text in texts if text is not None]
    found = [(text, problem) for text in whole for problem in wrong(text, form)]
    assert len(found) > 5
    assert [one for one in found if one[1] is not None] == []


@pytest.mark.parametrize("form", EXPRESSIBLE)
def test_calls_as_models_write_them_and_free_text_go_through(
    form: str, tiny_tokenizer: PreTrainedTokenizerFast
) -> None:
    grammar, calls = compiled(tiny_tokenizer, form), WRITTEN[form]
    assert wrong(calls, form) == [None, None]
    assert takes(grammar, calls)
    for text in ("", "Il est 7 h 30.", "おやすみなさい。\n{「」}", '2 < 3, [a], "b": `c`'):
        assert takes(grammar, text), text
    assert not takes(grammar, calls.replace("set_alarm", "set_alrm"))
    assert not takes(grammar, calls.replace("datetime", "when"))
    assert not takes(grammar, calls[:-3])


def test_without_tools_there_is_no_grammar() -> None:
    assert all(calls_tag(form, []) is None for form in EXPRESSIBLE)


@pytest.mark.parametrize("engine", ["hf", "openai"])
def test_other_engines_are_refused(engine: str) -> None:
    more = (
        ["model.path=name", "rollout.endpoint.base_url=http://127.0.0.1:1/v1"] if engine == "openai" else []
    )
    with pytest.raises(ConfigError, match=r"rollout.grammar=calls .*leave it at none"):
        composed(f"rollout={engine}", "rollout.grammar=calls", *more)


def test_forms_and_tools_that_no_grammar_is_made_of_are_refused(some_tasks: list[Task]) -> None:
    def check(config: Config, call_format: str, tools: list[ToolSpec]) -> None:
        task: Any = SimpleNamespace(tools=tools)
        chat: Any = SimpleNamespace(call_format=call_format)
        check_grammar(config, chat, [task])

    config = composed("rollout.grammar=calls")
    check(config, "hermes", TOOLS)
    check(composed(), "pythonic", TOOLS)
    with pytest.raises(UserError, match="written as pythonic, only for hermes"):
        check(config, "pythonic", TOOLS)
    level = {"type": "integer", "minimum": 5, "maximum": 3}
    impossible = ToolSpec("dim", "d", {"type": "object", "properties": {"level": level}})
    with pytest.raises(UserError, match=r"the tool 'dim' \(Invalid range: minimum greater than maximum\)"):
        check(config, "hermes", [*TOOLS, impossible])
