"""Messages to tokens, once. What was sampled is never tokenized again: a turn's tokens are followed
by the tokens of the tool results, which are rendered alone.
"""

import json
import pickle
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Any

from transformers import GenerationConfig, PreTrainedTokenizerBase

from rewards.parse import FORMATS, parse_calls, without_calls
from rl.config.schema import Model
from rl.errors import UserError
from rl.rollout.control import ControlTokens, special_tokens
from sandbox.types import ToolCall, ToolResult, ToolSpec

PROBE = "probe_tool_name"
PROBE_TOOL = ToolSpec(
    PROBE,
    "d",
    {
        "type": "object",
        "properties": {"n": {"type": "integer"}, "s": {"type": "string"}, "t": {"type": "string"}},
    },
)
PROBE_CALL = ToolCall("0", PROBE, {"n": 7, "s": "7", "t": "it's \\n"})
# A text that is Python whether or not its backslash was escaped tells the templates that escape from those that do not.
PROBES = (PROBE_CALL, ToolCall("0", PROBE, {"n": 7, "s": "7", "t": "\\n"}))
KEPT = 256  # prompts
CALL_ID = "000000000"  # nine letters or digits: Mistral's templates take no other id
WRITTEN = ("hermes", "qwen3_coder", "mistral", "json", "llama3_json", "pythonic", "lfm2", "api_bank", "itc")
THOUGHT = "<think>"
# Where models have several tokens that end a turn, the tokenizer names one of them.
ENDS = (
    "<|eom_id|>", "<|eot_id|>", "<|end_of_text|>", "<|im_end|>", "<|endoftext|>", "<|end|>", "<|eot|>",
    "<|call|>", "<|return|>", "</s>", "<end_of_turn>", "<turn|>", "<eos>",
)  # fmt: skip
QUESTION = {"role": "user", "content": "-"}


class NoToolTemplate(UserError):
    """The model's tokenizer has no chat template, or one that tools cannot be used with."""


class Chat:
    """A tokenizer with a chat template that shows tools, takes results and writes calls as we read them.

    ``call_format`` is how the model writes calls: a name of ``rewards.parse.FORMATS``; ``"auto"``: as its
    template writes them. ``end_ids`` are the tokens that end a turn: the tokenizer's, and those of the
    model's own settings. Raises :class:`NoToolTemplate` if the template cannot be used.

    What tools, users and descriptions say is text: no word of it becomes a control token.
    """

    def __init__(
        self, tokenizer: PreTrainedTokenizerBase, call_format: str = "auto", **template_options: Any
    ) -> None:
        self.tokenizer = tokenizer
        self.options = template_options
        self.call_format = call_format
        self.eos_id: int = tokenizer.eos_token_id
        self.end_ids = tuple(dict.fromkeys((self.eos_id, *_other_ends(tokenizer))))
        self._special = special_tokens(tokenizer)
        self._control = ControlTokens(tokenizer)
        self._kept_ids = lru_cache(KEPT)(self._pickled_ids)
        self.opened = ""  # the mark of a thought that the prompt opens
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
        if self.render([QUESTION], []).rstrip().endswith(THOUGHT):
            self.opened = THOUGHT

    def _written_format(self) -> str | None:
        """The format in which the template writes calls; None if nothing here reads it."""
        turns = [(probe, self._turn(probe)) for probe in PROBES]
        return next((name for name in WRITTEN if all(_is(p, turn, name) for p, turn in turns)), None)

    def _turn(self, call: ToolCall) -> str:
        """An assistant's turn that makes a call, without its header and end, as the template writes it."""
        return self._behind_header(self.render([QUESTION, _calling(call)], [], answer=False))

    def _behind_header(self, whole: str) -> str:
        """What an assistant says in answer to ``QUESTION``, in the rendering of both."""
        opened = self.render([QUESTION], [])
        header = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(opened, whole, strict=False)))
        return whole[header:].partition(self.tokenizer.eos_token)[0]

    def turn_ids(self, message: dict[str, Any]) -> list[int]:
        """Tokens of an assistant's message as a turn that was sampled: as the template writes it, with its end."""
        calls = [call | {"id": CALL_ID} for call in message.get("tool_calls", [])]
        message = message | ({"tool_calls": calls} if calls else {})
        text = self._behind_header(self._apart([QUESTION, message], [], answer=False))
        return [*self._encode_apart(text), self.eos_id]

    def render(self, messages: list[dict[str, Any]], tools: list[ToolSpec], answer: bool = True) -> str:
        """The conversation as text; ``answer`` opens the assistant's turn at the end."""
        return self._rendered([_readable(m) for m in messages], [as_function(t) for t in tools], answer)

    def _rendered(self, messages: list[Any], functions: list[Any], answer: bool) -> str:
        text = self.tokenizer.apply_chat_template(
            messages, tools=functions or None, add_generation_prompt=answer, tokenize=False, **self.options
        )
        return str(text)

    def _apart(self, messages: list[dict[str, Any]], tools: list[ToolSpec], answer: bool = True) -> str:
        """``render``, cut within what looks like a control token and was said by somebody."""
        said = [self._control.apart_in_message(_readable(message)) for message in messages]
        return self._rendered(said, [self._control.apart(as_function(t)) for t in tools], answer)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer.encode(text, add_special_tokens=False)
        return ids

    def token_ids(
        self, messages: list[dict[str, Any]], tools: list[ToolSpec], answer: bool = True
    ) -> list[int]:
        """Tokens of the conversation, control tokens where the template has them and nowhere else."""
        return self._encode_apart(self._apart(messages, tools, answer))

    def _encode_apart(self, text: str) -> list[int]:
        return [token for piece in self._control.pieces(text) for token in self.encode(piece)]

    def prompt_ids(self, messages: list[dict[str, Any]], tools: list[ToolSpec]) -> list[int]:
        """Tokens of the prompt, up to and with the header of the assistant's turn. Kept, since all samples of a prompt
        begin with them."""
        return list(self._kept_ids(pickle.dumps((messages, tools))))

    def _pickled_ids(self, prompt: bytes) -> list[int]:
        return self.token_ids(*pickle.loads(prompt))

    def result_ids(self, calls: list[ToolCall], results: list[ToolResult]) -> list[int]:
        """Tokens that follow a sampled assistant turn: its tool results and the next turn's header.

        The results are rendered after a stand-in call, and what stands behind the end of that turn is
        kept: templates write the last turn of a conversation unlike the same turn with more after it, so
        two renderings have no common start. Empty if the template does not end turns with the eos token.
        """
        tool_messages = [tool_message(call, result) for call, result in zip(calls, results, strict=True)]
        tool_messages = [message | {"tool_call_id": CALL_ID} for message in tool_messages]
        text = self._apart([QUESTION, _calling(PROBE_CALL), *tool_messages], [])
        _, _, behind = text.partition(PROBE)
        return self._encode_apart(behind.partition(self.tokenizer.eos_token)[2])

    def decode(self, token_ids: list[int]) -> str:
        """The text of an assistant turn, its end-of-turn token left out.

        Other special tokens are left out, too, unless some of them mark calls.
        """
        ids = token_ids[:-1] if token_ids and token_ids[-1] in self.end_ids else token_ids
        marked = not set(FORMATS[self.call_format].marks).isdisjoint(self._special)
        return str(self.tokenizer.decode(ids, skip_special_tokens=not marked))

    def read(self, token_ids: list[int], tools: Sequence[ToolSpec]) -> tuple[dict[str, Any], list[ToolCall]]:
        """A sampled turn as a message, and the calls in it (a malformed one has its ``error`` set).

        A thought that the prompt opened begins with its mark in the message, so that all see it as one.
        """
        return assistant_message(self.opened + self.decode(token_ids), self.call_format, tools)


def chat_of(tokenizer: PreTrainedTokenizerBase, model: Model) -> Chat:
    """The chat that the settings ask for."""
    return Chat(tokenizer, model.call_format, **model.chat_template_kwargs)


def assistant_message(
    text: str, call_format: str | None = None, tools: Sequence[ToolSpec] = ()
) -> tuple[dict[str, Any], list[ToolCall]]:
    """An assistant turn as a message, and the calls in it, as ``parse_calls`` reads them. Beside its calls
    it keeps all that was said, thoughts too."""
    calls = parse_calls(text, call_format, tools)
    said = without_calls(text, call_format) if calls else text
    message: dict[str, Any] = {"role": "assistant", "content": said}
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


def _readable(message: dict[str, Any]) -> dict[str, Any]:
    """The message with the arguments of its calls as objects: other programs hand them in as texts."""
    calls = message.get("tool_calls")
    if not calls or not any(isinstance(_arguments(call), str) for call in calls):
        return message
    return message | {"tool_calls": [_with_object(call) for call in calls]}


def _arguments(call: dict[str, Any]) -> Any:
    return call.get("function", call).get("arguments")


def _with_object(call: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(text := _arguments(call), str):
        return call
    try:
        read = {"arguments": json.loads(text or "{}")}
    except json.JSONDecodeError as error:
        raise UserError(f"a message has a call whose arguments are no JSON: {error}; correct it") from None
    return call | ({"function": call["function"] | read} if "function" in call else read)


def _other_ends(tokenizer: PreTrainedTokenizerBase) -> list[int]:
    special = special_tokens(tokenizer) - {tokenizer.eos_token}
    vocabulary = tokenizer.get_vocab()
    return [*(vocabulary[name] for name in ENDS if name in special), *_model_ends(tokenizer.name_or_path)]


def _model_ends(path: str) -> list[int]:
    """The tokens at which the model's own settings for generation end a turn; none where it has no such settings."""
    try:
        ends = GenerationConfig.from_pretrained(path).eos_token_id if path else None
    except OSError:
        return []
    return ends if isinstance(ends, list) else [] if ends is None else [ends]


def _is(probe: ToolCall, turn: str, call_format: str) -> bool:
    calls = parse_calls(turn, call_format, [PROBE_TOOL])
    return [(c.name, c.arguments, c.error) for c in calls] == [(PROBE, probe.arguments, None)]


def _as_message(call: ToolCall) -> dict[str, Any]:
    return {
        "type": "function",
        "function": {"name": call.name or "unknown", "arguments": call.arguments or {}},
    }
