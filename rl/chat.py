"""Messages to tokens, once. What was sampled is never tokenized again: a turn's tokens are followed
by the tokens of the tool results, which are rendered alone.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import takewhile
from typing import Any

from transformers import PreTrainedTokenizerBase

from rewards.parse import FORMATS, parse_calls, prose
from rl.errors import UserError
from sandbox.types import ToolCall, ToolResult, ToolSpec

PROBE = "probe_tool_name"
PROBE_TOOL = ToolSpec(
    PROBE, "d", {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}}
)
PROBE_CALL = ToolCall("0", PROBE, {"n": 7, "s": "7"})
CALL_ID = "000000000"  # nine letters or digits: Mistral's templates take no other id
WRITTEN = ("hermes", "qwen3_coder", "mistral", "json", "llama3_json", "pythonic", "api_bank", "itc")
QUESTION = {"role": "user", "content": "-"}


class NoToolTemplate(UserError):
    """The model's tokenizer has no chat template, or one that tools cannot be used with."""


class Chat:
    """A tokenizer with a chat template that shows tools, takes results and writes calls as we read them.

    ``call_format`` is how the model writes calls: a name of ``rewards.parse.FORMATS``; ``"auto"``: as its
    template writes them. Raises :class:`NoToolTemplate` if the template cannot be used.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, call_format: str = "auto", **template_options: Any
    ) -> None:
        self.tokenizer = tokenizer
        self.options = template_options
        self.call_format = call_format
        self.eos_id: int = tokenizer.eos_token_id
        for problem in self._problems():
            raise NoToolTemplate(f"The chat template of {tokenizer.name_or_path or 'the model'} {problem}.")

    def _problems(self) -> Iterator[str]:
        """What keeps tools from being used with the template, looked at in turn."""
        if not self.tokenizer.chat_template:
            yield "is missing; use an instruction-tuned model, or set tokenizer.chat_template and save it"
        if PROBE not in self.render([QUESTION], [PROBE_TOOL]):
            yield "does not show tools to the model; use one that takes `tools` (Qwen3's does)"
        if not self.result_ids([PROBE_CALL], [ToolResult("0", "ok", {})]):
            eos = self.tokenizer.eos_token
            yield f"does not end a turn with the tokenizer's eos token {eos!r}; use a tokenizer where it does"
        if self.call_format == "auto":
            written = self._written_format()
            if written is None:
                yield (
                    "writes calls in a form that is not read here; set model.call_format to the form that the "
                    f"model writes, one of {', '.join(FORMATS)}"
                )
            self.call_format = written or "auto"

    def _written_format(self) -> str | None:
        """The format in which the template writes calls; None if nothing here reads it."""
        turn = self._turn(PROBE_CALL)
        return next((name for name in WRITTEN if _is_probe(parse_calls(turn, name, [PROBE_TOOL]))), None)

    def _turn(self, call: ToolCall) -> str:
        """An assistant's turn that makes a call, without its header and end, as the template writes it."""
        opened = self.render([QUESTION], [])
        whole = self.render([QUESTION, _calling(call)], [], answer=False)
        header = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(opened, whole, strict=False)))
        return whole[header:].partition(self.tokenizer.eos_token)[0]

    def render(self, messages: list[dict[str, Any]], tools: list[ToolSpec], answer: bool = True) -> str:
        """The conversation as text; ``answer`` opens the assistant's turn at the end."""
        text = self.tokenizer.apply_chat_template(
            messages,
            tools=[as_function(t) for t in tools] or None,
            add_generation_prompt=answer,
            tokenize=False,
            **self.options,
        )
        return str(text)

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False)

    def prompt_ids(self, messages: list[dict[str, Any]], tools: list[ToolSpec]) -> list[int]:
        """Tokens of the prompt, up to and with the header of the assistant's turn."""
        return self.encode(self.render(messages, tools))

    def result_ids(self, calls: list[ToolCall], results: list[ToolResult]) -> list[int]:
        """Tokens that follow a sampled assistant turn: its tool results and the next turn's header.

        The results are rendered after a stand-in call, and what stands behind the end of that turn is
        kept: templates write the last turn of a conversation unlike the same turn with more after it, so
        two renderings have no common start. Empty if the template does not end turns with the eos token.
        """
        tool_messages = [tool_message(call, result) for call, result in zip(calls, results, strict=True)]
        tool_messages = [message | {"tool_call_id": CALL_ID} for message in tool_messages]
        text = self.render([QUESTION, _calling(PROBE_CALL), *tool_messages], [])
        _, _, behind = text.partition(PROBE)
        return self.encode(behind.partition(self.tokenizer.eos_token)[2])

    def decode(self, token_ids: list[int]) -> str:
        """The text of an assistant turn, its end-of-turn token left out.

        Other special tokens are left out, too, unless some of them mark calls.
        """
        ids = token_ids[:-1] if token_ids and token_ids[-1] == self.eos_id else token_ids
        marked = not set(FORMATS[self.call_format].marks).isdisjoint(self.tokenizer.all_special_tokens)
        return str(self.tokenizer.decode(ids, skip_special_tokens=not marked))

    def read(self, token_ids: list[int], tools: Sequence[ToolSpec]) -> tuple[dict[str, Any], list[ToolCall]]:
        """A sampled turn as a message, and the calls in it (a malformed one has its ``error`` set)."""
        return assistant_message(self.decode(token_ids), self.call_format, tools)


def assistant_message(
    text: str, call_format: str | None = None, tools: Sequence[ToolSpec] = ()
) -> tuple[dict[str, Any], list[ToolCall]]:
    """An assistant turn as a message, and the calls in it, as ``parse_calls`` reads them."""
    calls = parse_calls(text, call_format, tools)
    message: dict[str, Any] = {"role": "assistant", "content": prose(text, call_format) if calls else text}
    if calls:
        message["tool_calls"] = [_as_message(call) for call in calls]
    return message, calls


def as_function(tool: ToolSpec) -> dict[str, Any]:
    """A tool as chat templates take it (OpenAI's function format)."""
    return {
        "type": "function",
        "function": {"name": tool.name, "description": tool.description, "parameters": tool.parameters},
    }


def tool_message(call: ToolCall, result: ToolResult) -> dict[str, Any]:
    return {
        "role": "tool",
        "name": call.name or "unknown",
        "content": json.dumps(result.content, ensure_ascii=False),
    }


def _calling(call: ToolCall) -> dict[str, Any]:
    return {"role": "assistant", "content": "", "tool_calls": [_as_message(call) | {"id": CALL_ID}]}


def _is_probe(calls: list[ToolCall]) -> bool:
    return [(c.name, c.arguments, c.error) for c in calls] == [(PROBE, PROBE_CALL.arguments, None)]


def _as_message(call: ToolCall) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": call.name or "unknown", "arguments": call.arguments or {}},
    }
