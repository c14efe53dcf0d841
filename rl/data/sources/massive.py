"""MASSIVE's requests in 51 languages as calls: an intent is a function, its slots are the arguments.

The way of MASSIVE-Agents (Kulkarni et al., Findings of EMNLP 2025): the values are as spoken, the rules
are the Berkeley leaderboard's. ``data.path`` is one of MASSIVE's files, or the folder of them: JSON lines
of ``id``, ``locale``, ``partition``, ``scenario``, ``intent``, ``utt`` and ``annot_utt``, where slots
stand as ``[time : fünf uhr morgens]`` (FitzGerald et al. 2023, arXiv 2204.08582; CC BY 4.0).
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from rewards.types import Expected, Task
from rl.data.rows import Row, only, prompt, rows, shown, tasks_of
from rl.data.tools import spec
from rl.errors import UserError, hint
from sandbox.types import ToolSpec

SLOT = re.compile(r"\[\s*(\w+)\s*:\s*([^\[\]]*?)\s*\]")
LOCALES = {"sl-SL": "sl-SI"}  # Slovenian is MASSIVE's only locale that is no locale
TAIWAN = "zh-TW"  # a second Chinese: its language keeps the region


def load(
    path: Path,
    split: str = "train",
    languages: Iterable[str] | None = None,
    tools: Sequence[str] | None = None,
    tools_per_task: int = 4,
    system: str | None = None,
) -> list[Task]:
    """The requests of one of MASSIVE's partitions (``train``, ``dev``, ``test``), file by file.

    A function has the slots that any row of the files gives its intent. Raises UserError.
    """
    found = list(rows(path, "*.jsonl"))
    specs = _specs(found)
    for tool in tools or ():
        if tool not in specs:
            raise UserError(f"MASSIVE has no intent {tool!r}{hint(tool, specs)}")

    def task(row: Row) -> Task | None:
        intent, locale, partition = row.get("intent", str), row.get("locale", str), row.get("partition", str)
        if partition != split:
            return None
        parallel_id = f"massive/{partition}/{row.get('id', str)}"
        others = [name for name in tools or specs if name != intent]
        return Task(
            id=f"{parallel_id}/{locale}",
            parallel_id=parallel_id,
            language=locale if locale == TAIWAN else locale.split("-")[0],
            locale=LOCALES.get(locale, locale),
            messages=prompt(row.get("utt", str), system),
            tools=[specs[name] for name in shown([intent], others, tools_per_task, parallel_id)],
            expected=Expected(calls=[{"name": intent, "arguments": _arguments(row)}], rules="bfcl"),
            source="massive",
            split=split,
            run_calls=False,
        )

    return only("massive", tasks_of(found, task), languages, tools)


def _specs(found: Iterable[Row]) -> dict[str, ToolSpec]:
    slots: dict[str, set[str]] = {}
    for row in found:
        try:
            slots.setdefault(row.get("intent", str), set()).update(_slots(row))
        except ValueError as error:
            raise UserError(f"{row.where}: {error}; take MASSIVE's own files") from None
    return {intent: _spec(intent, sorted(names)) for intent, names in sorted(slots.items())}


def _spec(intent: str, slots: Sequence[str]) -> ToolSpec:
    properties = {
        slot: {"type": "string", "description": f"{slot.replace('_', ' ')}, in the words of the request"}
        for slot in slots
    }
    parameters = {"type": "object", "properties": properties, "required": [], "additionalProperties": False}
    scenario, _, action = intent.partition("_")
    return spec(intent, f"{scenario}: {action.replace('_', ' ') or scenario}", parameters)


def _slots(row: Row) -> dict[str, list[str]]:
    pieces: dict[str, list[str]] = {}
    for slot, value in SLOT.findall(row.get("annot_utt", str)):
        pieces.setdefault(slot, []).append(value)
    return pieces


def _arguments(row: Row) -> dict[str, list[str]]:
    """Each slot with its one acceptable value; what was said of it in several places is joined."""
    return {slot: [", ".join(values)] for slot, values in _slots(row).items()}
