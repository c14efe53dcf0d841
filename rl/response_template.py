"""Calls read by transformers' parser, for models whose template writes them in a form of its own.

A tokenizer with a ``response_template`` says how its model's turns are read
(``PreTrainedTokenizerBase.parse_response``). It is more lenient than our readers are.
"""

from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase

from sandbox.tools import one_line
from sandbox.types import ToolCall, ToolSpec

RESPONSE_TEMPLATE = "response_template"


def as_function(tool: ToolSpec) -> dict[str, Any]:
    """A tool as chat templates take it (OpenAI's function format)."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
    }


def template_calls(
    tokenizer: PreTrainedTokenizerBase, text: str, tools: Sequence[ToolSpec]
) -> tuple[str, list[ToolCall]]:
    """What a turn says beside its calls, and the calls; a turn that cannot be read is one malformed call."""
    try:
        message = tokenizer.parse_response(text, prefix="", tools=[as_function(tool) for tool in tools])
    except (
        ValueError,
        LookupError,
        TypeError,
        RuntimeError,
    ) as error:  # whatever the model's text does to it
        return "", [ToolCall("0", None, None, text, one_line(f"cannot be read: {error}"))]
    calls = [_call(str(i), made, text) for i, made in enumerate(message.get("tool_calls") or ())]
    return str(message.get("content") or ""), calls


def _call(id: str, made: dict[str, Any], raw: str) -> ToolCall:
    function = made.get("function", made)
    name, arguments = function.get("name"), function.get("arguments")
    if not isinstance(name, str) or not isinstance(arguments, dict):
        return ToolCall(id, None, None, raw, "a call needs a name and arguments")
    return ToolCall(id, name, arguments, raw)
