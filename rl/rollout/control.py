"""A tokenizer's control tokens, kept from what is said in a conversation.

A result, a request or a description may hold the text of a control token (``<|im_end|>``). As text it is
cut after its first character, the conversation is rendered, and its pieces are tokenized one by one: so no
control token comes of it, and without such a text all tokens are what they are anyway.
"""

import re
import secrets
from typing import Any

from transformers import PreTrainedTokenizerBase

# Added tokens that are no special ones, and yet are marks to the model: <tool_call>, [INST].
MARK = re.compile(r"<[^\s<>]+>|\[/?[A-Z_]{3,}\]")
THOUGHTS = ("<think>", "</think>", "[THINK]", "[/THINK]")  # an assistant's own


class ControlTokens:
    """``apart`` cuts texts, ``pieces`` are what a rendered conversation is tokenized in."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        special = special_tokens(tokenizer)
        marks = {token for token in tokenizer.get_added_vocab() if token in special or MARK.search(token)}
        self._cut = f"\ufdd0{secrets.token_hex(8)}\ufdd0"  # which nobody who writes a text can know
        self._said, self._replied = _any_of(marks), _any_of(special - set(THOUGHTS))

    def apart(self, value: Any) -> Any:
        """The JSON value with all its texts cut, names too."""
        return self._apart(value, self._said)

    def apart_in_message(self, message: dict[str, Any]) -> dict[str, Any]:
        """The message with what it says cut; an assistant's reply keeps the marks that it may write."""
        if message.get("role") != "assistant":
            return {key: value if key == "role" else self.apart(value) for key, value in message.items()}
        return {
            key: self.apart(value) if key == "tool_calls" else self._apart(value, self._replied)
            for key, value in message.items()
        }

    def pieces(self, text: str) -> list[str]:
        """The rendered conversation, cut where it has to be."""
        return text.split(self._cut)

    def _apart(self, value: Any, tokens: re.Pattern[str] | None) -> Any:
        if isinstance(value, str):
            return tokens.sub(lambda first: first[0] + self._cut, value) if tokens else value
        if isinstance(value, list):
            return [self._apart(item, tokens) for item in value]
        if isinstance(value, dict):
            return {self._apart(key, tokens): self._apart(item, tokens) for key, item in value.items()}
        return value


def special_tokens(tokenizer: PreTrainedTokenizerBase) -> set[str]:
    """All of them: ``all_special_tokens`` has only those that the tokenizer's settings name, and Llama's name two."""
    added = tokenizer.added_tokens_decoder.values()
    return {*tokenizer.all_special_tokens, *(token.content for token in added if token.special)}


def _any_of(tokens: set[str]) -> re.Pattern[str] | None:
    """The first character of any of the tokens, at each place where one begins, in any case."""
    longer = sorted(token for token in tokens if len(token) > 1)
    first = [f"{re.escape(token[0])}(?={re.escape(token[1:])})" for token in longer]
    return re.compile("|".join(first), re.IGNORECASE) if first else None
