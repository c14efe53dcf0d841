"""``rollouts/*.parquet``: one row a sample, what each column is, and how nested values are kept.

Lists and structs are Parquet's own. Values whose form is the user's (arguments, facts) are JSON text. Text is text:
no letter is escaped, and a lone surrogate, which only a hostile model writes, is a question mark, for Parquet holds
UTF-8.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import pyarrow as pa

from rl.report.samples import Row

Decode = Callable[[list[int]], str]


class Column(NamedTuple):
    """``meaning`` is what the documentation says of it."""

    kind: pa.DataType
    meaning: str


TEXT, COUNT, NUMBER = pa.string(), pa.int64(), pa.float64()
CALL = pa.struct([("name", TEXT), ("arguments", TEXT)])
MESSAGE = pa.struct([("role", TEXT), ("name", TEXT), ("content", TEXT), ("tool_calls", pa.list_(CALL))])
COLUMNS = {
    "step": Column(COUNT, "the training step whose update the sample was taken for"),
    "task_id": Column(TEXT, "the task; the samples of one task and step are a *prompt* group"),
    "parallel_id": Column(TEXT, "the same request in all languages: the *parallel task* group"),
    "language": Column(TEXT, "BCP 47 tag: the *language* group"),
    "locale": Column(TEXT, "BCP 47 tag of the user's locale"),
    "request": Column(TEXT, "the last message before the policy's first turn"),
    "tools": Column(pa.list_(TEXT), "names of the tools that the prompt shows"),
    "expected_calls": Column(
        pa.list_(CALL), "the right calls; `arguments` is JSON: argument → acceptable values, `\"\"` for left out"
    ),
    "facts": Column(pa.list_(TEXT), "what the reply must state, each as JSON"),
    "seed": Column(COUNT, "of the sample's first turn"),
    "reward": Column(NUMBER, "null: we failed and the sample is masked; 0: the model failed"),
    "parts": Column(TEXT, "a struct with a number for each part of the reward, null where it abstained or failed"),
    "notes": Column(pa.map_(TEXT, TEXT), "why a part has no value, and what else parts had to say"),
    "advantage": Column(NUMBER, "the mean over the tokens that the policy chose; 0 in evaluations"),
    "length": Column(COUNT, "tokens that the policy chose"),
    "policy_version": Column(COUNT, "updates that the newest policy of this sample had seen"),
    "lowest_version": Column(COUNT, "and those of its oldest"),
    "stop": Column(TEXT, "why it ended: `end`, `length`, `turns`, or `infra` where we failed"),
    "messages": Column(pa.list_(MESSAGE), "what came after the request; `arguments` is JSON"),
    "statuses": Column(pa.list_(TEXT), "the sandbox's status of each call that was run, in order"),
    "turns": Column(pa.list_(TEXT), "each turn as the policy wrote it: thoughts, calls and control tokens"),
    "steps": Column(
        pa.map_(TEXT, pa.bool_()), "of an evaluation: whether each step of the funnel was right, null where it has none"
    ),
    "token_ids": Column(pa.list_(pa.int32()), "all tokens after the prompt (with `report.tokens=true`)"),
    "sampled": Column(pa.list_(pa.bool_()), "whether the policy chose that token (with `report.tokens=true`)"),
    "logprobs": Column(
        pa.list_(pa.float32()), "its log-probability when sampled, in nats (with `report.tokens=true`)"
    ),
}  # fmt: skip
TOKENS = ("token_ids", "sampled", "logprobs")


def as_table(rows: Sequence[Row], decode: Decode | None = None, tokens: bool = False) -> pa.Table:
    """The rows as a table of ``COLUMNS``. ``decode`` turns tokens into text; without it ``turns`` is null.

    ``tokens``: with the columns ``TOKENS``.
    """
    parts = pa.struct(
        [(_text(name), NUMBER) for name in sorted({name for row in rows for name in row.parts})]
    )
    kinds = {name: parts if name == "parts" else column.kind for name, column in COLUMNS.items()}
    schema = pa.schema([(name, kind) for name, kind in kinds.items() if tokens or name not in TOKENS])
    return pa.Table.from_pylist([_flat(row, decode) for row in rows], schema=schema)


def _flat(row: Row, decode: Decode | None) -> dict[str, Any]:
    changed = {
        "expected_calls": [_call(call) for call in row.expected_calls],
        "facts": [_json(fact) for fact in row.facts],
        "messages": [_message(message) for message in row.messages],
        "notes": list(row.notes.items()),
        "steps": list(row.steps.items()),
        "turns": None if decode is None else [decode(turn) for turn in _turns(row)],
    }
    plain: dict[str, Any] = _clean(vars(row) | changed)
    return plain


def _turns(row: Row) -> list[list[int]]:
    """The tokens of each turn: those that the policy chose one after another."""
    pairs = zip(row.token_ids, row.sampled, strict=True)
    return [[token for token, _ in run] for sampled, run in groupby(pairs, lambda pair: pair[1]) if sampled]


def _message(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    calls = [_call(call.get("function", call)) for call in message.get("tool_calls") or ()]
    return {
        "role": message["role"],
        "name": message.get("name"),
        "content": content if isinstance(content, str | None) else _json(content),
        "tool_calls": calls,
    }


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    arguments = call.get("arguments")
    return {
        "name": call.get("name"),
        "arguments": arguments if isinstance(arguments, str) else _json(arguments),
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _clean(value: Any) -> Any:
    """The value with all its texts as UTF-8 can have them."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {_clean(key): _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(_clean, value))
    return value
