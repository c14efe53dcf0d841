"""mAPICall-Bank: API-Bank's dialogues in several languages, right only where the whole call is.

``data.path`` is a file, or a folder with one a language, of API-Bank's rows (Li et al. 2023, arXiv
2304.08244), as a JSON array or JSON lines: ``input`` has a line of JSON for each API (``apiCode``,
``description``, ``parameters``), then the dialogue (``User: ...``, ``AI: ...``, ``API-Request:
[...]->result``) and ``Generate API Request:``; ``output`` is ``API-Request: [Api(key='value')]``.
``instruction`` becomes the system prompt where ``data.system`` is null. The language is the row's
``language``, or else the file's name (``hi.json``, ``level-1.th.json``); without either it is English.
"""

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from rewards.parse import parse_calls
from rewards.schema import typed
from rewards.types import Expected, ExpectedCall, Task
from rl.data.rows import Row, in_split, locale_of, only, rows, tasks_of
from rl.data.tools import expected_call, fitting, tool_of
from sandbox.types import ToolSpec

SPEAKER = re.compile(r"^(User|AI|API-Request)\s*:\s*")
LINE_END = re.compile(r"\r?\n")  # other line breaks may stand in a text
ASKED = re.compile(r"\s*Generate (?:the )?API Request\s*:?\s*$")
LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?")


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    held_out: float = 0.0,
    system: str | None = None,
) -> list[Task]:
    """A task of each row; rows of one ``id``, or else of one place in their files, are parallel."""

    def task(row: Row) -> Task:
        language = row.get("language", str, _file_language(row))
        described, said = _parts(row.get("input", str))
        calls = _calls(row.get("output", str))
        parallel_id = f"mapicall/{row.value.get('id', row.number)}"
        first = system or row.get("instruction", str, "")
        return Task(
            id=f"{parallel_id}/{language}",
            parallel_id=parallel_id,
            language=language,
            locale=locale_of(language),
            messages=[*([{"role": "system", "content": first}] if first else []), *_dialogue(said)],
            tools=fitting([_tool(line) for line in described], calls),
            expected=Expected(calls=calls, rules="exact"),
            source="mapicall",
            split=split,
            run_calls=False,
        )

    return only("mapicall", in_split(tasks_of(rows(path), task), split, held_out), languages, tools)


def _file_language(row: Row) -> str:
    """The part of the file's name before its ending, if it looks like a language."""
    name = Path(row.where.rpartition(":")[0]).name.split(".")
    return name[-2] if len(name) > 1 and LANGUAGE.fullmatch(name[-2]) else "en"


def _parts(text: str) -> tuple[list[str], list[str]]:
    """The lines that describe APIs, and those of the dialogue."""
    lines = LINE_END.split(ASKED.sub("", text))
    count = next((i for i, line in enumerate(lines) if SPEAKER.match(line)), len(lines))
    return [line for line in lines[:count] if line.strip().startswith("{")], lines[count:]


def _dialogue(lines: Iterable[str]) -> list[dict[str, Any]]:
    """The dialogue as messages; what an earlier request came to is told by the user's side."""
    messages: list[dict[str, Any]] = []
    for line in lines:
        if speaker := SPEAKER.match(line):
            role = "user" if speaker[1] == "User" else "assistant"
            told, arrow, result = line.partition("->") if speaker[1] == "API-Request" else (line, "", "")
            content = told if speaker[1] == "API-Request" else line[speaker.end() :]
            messages.append({"role": role, "content": content.strip()})
            if arrow:
                messages.append({"role": "user", "content": result.strip()})
        elif line.strip():
            messages[-1]["content"] += "\n" + line
    if not messages or messages[-1]["role"] != "user":
        raise ValueError("the dialogue in input must end with a line 'User: ...' or a request's result")
    return messages


def _tool(line: str) -> ToolSpec:
    try:
        api = typed(json.loads(line), dict, "a description of an API")
    except json.JSONDecodeError as error:
        raise ValueError(f"a line of input that describes an API is no JSON: {error}") from None
    name, parameters = api.get("apiCode") or api.get("name"), api.get("parameters")
    return tool_of(api | {"name": name, "parameters": parameters or api.get("input_parameters")})


def _calls(output: str) -> list[ExpectedCall]:
    calls = parse_calls(output, "api_bank")
    if not calls or calls[0].error:
        raise ValueError(f"output is no API-Request: {calls[0].error if calls else output[:60]!r}")
    return [expected_call(call.name, call.arguments) for call in calls]
