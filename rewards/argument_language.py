"""Whether arguments are in the right language: free text in the user's, codes and names as they are.

A parameter is marked in its JSON Schema: ``"x-language": "user"`` for free text (a reminder's words, a
title), ``"invariant"`` for what no language changes (an ISO code, an address, a person's name). What is
not marked is not judged. The built-in tools' marks stand in ``MARKS``.

Values in the wrong language are the failure seen most in multilingual tool calling (Luo et al., "Lost in
Execution", ACL 2026).
"""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby
from statistics import fmean
from typing import Any

from rewards.language.verifier import LanguageVerifier, verifier_of
from rewards.reply import requests
from rewards.text.normalize import find_text, fold
from rewards.text.scripts import script
from rewards.types import Task, Trajectory
from sandbox.types import ToolCall

MARK, USER, INVARIANT = "x-language", "user", "invariant"
MARKS = {
    ("set_alarm", "label"): USER,
    ("set_reminder", "todo"): USER,
    ("cancel_reminder", "todo"): USER,
    ("show_reminders", "todo"): USER,
    ("add_event", "title"): USER,
    ("play_music", "artist"): INVARIANT,
    ("book_restaurant", "restaurant"): INVARIANT,
    ("convert_currency", "source"): INVARIANT,
    ("convert_currency", "target"): INVARIANT,
    ("convert_units", "source"): INVARIANT,
    ("convert_units", "target"): INVARIANT,
    ("next_holiday", "country"): INVARIANT,
    ("check_vat", "number"): INVARIANT,
    ("check_iban", "iban"): INVARIANT,
    ("format_phone", "country"): INVARIANT,
    ("send_pix", "key"): INVARIANT,
    ("send_upi", "vpa"): INVARIANT,
}


def argument_language(
    task: Task, trajectory: Trajectory, languages: Sequence[str] | None = None
) -> float | None:
    """The share of marked arguments that are in the language they must be in, in 0..1; None (abstains)
    where none is marked or can be told.

    Free text is right where the request has it, or the verifier finds it in the task's language. An
    invariant value is right where it is the expected one, and translated where it is neither that nor
    written like it (``Euro`` for ``EUR``, ``फ़ेरुज़`` for ``Fairuz``); another value that is written like it
    (``USD``) is a wrong value, but in no wrong language.
    """
    verifier = verifier_of(languages)
    verdicts = [
        _user_text(task, value, verifier) if mark == USER else _kept(value, _accepted(task, name, key))
        for name, key, value, mark in _marked(task, trajectory.calls)
    ]
    judged = [verdict for verdict in verdicts if verdict is not None]
    return fmean(judged) if judged else None


def _marked(task: Task, calls: Sequence[ToolCall]) -> Iterator[tuple[str, str, str, str]]:
    """(tool, parameter, value, mark) of each argument that is a text and has a mark."""
    tools = {tool.name: tool.parameters.get("properties", {}) for tool in task.tools}
    for call in calls:
        if call.error is None and call.name in tools:
            for key, value in (call.arguments or {}).items():
                mark = _mark(call.name, key, tools[call.name].get(key))
                if mark in (USER, INVARIANT) and isinstance(value, str) and value.strip():
                    yield call.name, key, value, mark


def _mark(tool: str, parameter: str, schema: Any) -> Any:
    own = schema.get(MARK) if isinstance(schema, dict) else None
    return own or MARKS.get((tool, parameter))


def _user_text(task: Task, value: str, verifier: LanguageVerifier) -> bool | None:
    if any(find_text(value, request) for request in requests(task)):
        return True
    return verifier.verify(value, task.language).match


def _accepted(task: Task, tool: str, parameter: str) -> list[str]:
    calls = [call for call in task.expected.calls if call["name"] == tool]
    values = [value for call in calls for value in call["arguments"].get(parameter, ())]
    return [value for value in values if isinstance(value, str) and value]


def _kept(value: str, accepted: Sequence[str]) -> bool | None:
    if not accepted:
        return None
    if any(fold(value) == fold(right) for right in accepted):
        return True
    return None if any(_shape(value) == _shape(right) for right in accepted) else False


def _shape(value: str) -> str:
    """How a value is written: its runs of capitals, of small letters, of digits, of other letters by script,
    and what stands between them. Runs of capitals and of digits keep their length: they are codes."""
    kinds = [_kind(character) for character in unicodedata.normalize("NFC", value.strip())]
    runs = [(kind, len(list(run))) for kind, run in groupby(kinds)]
    return "".join(kind * size if kind in "A9" else kind for kind, size in runs)


def _kind(character: str) -> str:
    if character.isdigit():
        return "9"
    if not character.isalpha():
        return character
    name = script(character)
    if name != "LATIN":
        return f"<{name}>"
    return "A" if character.isupper() else "a"
