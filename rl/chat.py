"""Messages to tokens, once. What was sampled is never tokenized again: a turn's tokens are followed
by the tokens of the tool results, which are rendered alone.
"""

import json
from typing import Any

from transformers import PreTrainedTokenizerBase

from rewards.parse import parse_calls, prose
from rl.errors import UserError
from sandbox.types import ToolCall, ToolResult, ToolSpec


class NoToolTemplate(UserError):
    """The model's tokenizer has no chat template, or one that does not show tools."""


class Chat:
    """A tokenizer with a chat template that knows tools.

    Raises :class:`NoToolTemplate` if it has none.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, **template_options: Any) -> None:
        self.tokenizer = tokenizer
        self.options = template_options
        self.eos_id: int = tokenizer.eos_token_id
        self._check_template()

    def _check_template(self) -> None:
        name = self.tokenizer.name_or_path
        if not self.tokenizer.chat_template:
            raise NoToolTemplate(
                f"The tokenizer of {name} has no chat template; use an instruction-tuned model, or save one with "
                "the tokenizer (tokenizer.chat_template = ...)."
            )
        probe = ToolSpec("probe_tool_name", "d", {"type": "object", "properties": {}})
        if "probe_tool_name" not in self.render([{"role": "user", "content": "hi"}], [probe]):
            raise NoToolTemplate(
                f"The chat template of {name} does not show tools to the model; use a model whose template takes "
                "`tools` (Qwen3 and Llama 3 do)."
            )

    def render(self, messages: list[dict[str, Any]], tools: list[ToolSpec], answer: bool = True) -> str:
        """The conversation as text; ``answer`` opens the assistant's turn at the end."""
        return self.tokenizer.apply_chat_template(
            messages,
            tools=[as_function(t) for t in tools] or None,
            add_generation_prompt=answer,
            tokenize=False,
            **self.options,
        )

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False)

    def prompt_ids(self, messages: list[dict[str, Any]], tools: list[ToolSpec]) -> list[int]:
        """Tokens of the prompt, up to and with the header of the assistant's turn."""
        return self.encode(self.render(messages, tools))

    def result_ids(self, calls: list[ToolCall], results: list[ToolResult]) -> list[int]:
        """Tokens that follow a sampled assistant turn: its tool results and the next turn's header.

        The results are rendered after a stand-in conversation, and what stands behind that
        conversation's last end-of-turn token is kept.
        """
        stand_in = [
            {"role": "user", "content": "-"},
            {"role": "assistant", "content": "", "tool_calls": [_as_message(call) for call in calls]},
        ]
        tool_messages = [tool_message(call, result) for call, result in zip(calls, results, strict=True)]
        before = self.render(stand_in, [], answer=False)
        after = self.render(stand_in + tool_messages, [])
        end = before.rfind(self.tokenizer.eos_token) + len(self.tokenizer.eos_token)
        if end < len(self.tokenizer.eos_token) or after[:end] != before[:end]:
            raise NoToolTemplate(
                f"The chat template of {self.tokenizer.name_or_path} does not end the assistant's turn with "
                f"{self.tokenizer.eos_token!r}, so tool results cannot be appended to sampled tokens."
            )
        return self.encode(after[end:])

    def decode(self, token_ids: list[int]) -> str:
        """The text of an assistant turn, its end-of-turn token left out."""
        ids = token_ids[:-1] if token_ids and token_ids[-1] == self.eos_id else token_ids
        return self.tokenizer.decode(ids, skip_special_tokens=False)


def as_function(tool: ToolSpec) -> dict[str, Any]:
    """A tool as chat templates take it (OpenAI's function format)."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
    }


def assistant_message(text: str) -> tuple[dict[str, Any], list[ToolCall]]:
    """A sampled turn as a message, and the calls in it (a malformed one has its ``error`` set)."""
    calls = parse_calls(text)
    message: dict[str, Any] = {"role": "assistant", "content": prose(text) if calls else text}
    if calls:
        message["tool_calls"] = [_as_message(call) for call in calls]
    return message, calls


def tool_message(call: ToolCall, result: ToolResult) -> dict[str, Any]:
    return {
        "role": "tool",
        "name": call.name or "unknown",
        "content": json.dumps(result.content, ensure_ascii=False),
    }


def _as_message(call: ToolCall) -> dict[str, Any]:
    return {"type": "function", "function": {"name": call.name or "unknown", "arguments": call.arguments or {}}}
