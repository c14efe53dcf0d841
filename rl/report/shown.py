"""Samples in a terminal. What a model wrote may hold escape sequences and marks that turn the text around it: such
characters are named instead, and each text stands in an isolate of its own direction."""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from rl.report.reading import Sample

# C0 and C1 controls but the line feed and the tab; embeddings, overrides and isolates; separators of lines.
ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
ISOLATE, END = "\u2068", "\u2069"


def harmless(text: str) -> str:
    """The text with nothing in it that a terminal obeys."""
    return ODD.sub(lambda found: f"<U+{ord(found[0]):04X}>", text)


def isolated(text: str) -> str:
    """Harmless, and each line in the direction of its first strong letter whatever stands around it."""
    return "\n".join(f"{ISOLATE}{line}{END}" if line else "" for line in harmless(text).split("\n"))


def overview(samples: Sequence[Sample], of: int) -> RenderableType:
    """One line on what is shown, and how the samples that were asked for did."""
    known = [sample["reward"] for sample in samples if sample["reward"] is not None]
    mean = f", mean reward {sum(known) / len(known):.3f}" if known else ""
    masked = len(samples) - len(known)
    return Text(f"{len(samples)} of {of} samples{mean}" + (f", {masked} masked" if masked else ""))


def sample_view(number: int, sample: Sample, group: Sequence[Sample]) -> RenderableType:
    """One sample in full: what was asked, said, called and answered, what it was worth, and what was due."""
    step = f"step {sample['step']}"
    where = {"training": step, "during": f"during, {step}"}.get(sample["set"], sample["set"])
    title = f"{number}. {sample['language']} · {sample['kind']} · {where} · {sample['stop']}"
    blocks: list[RenderableType] = [Rule(Text(harmless(title), style="bold"), align="left")]
    blocks += [
        _worth(sample),
        Text(harmless(sample["task_id"]), style="dim"),
        _said("user", str(sample["request"]), "cyan"),
    ]
    statuses = iter(sample.get("statuses") or ())
    for message in sample["messages"]:
        blocks += _message(message, statuses)
    blocks += [_notes(sample["notes"]), _due(sample), _group(sample, group)]
    return Group(*blocks)


def _worth(sample: Sample) -> Text:
    reward = sample["reward"]
    text = Text("masked: we failed" if reward is None else f"reward {reward:.3f}", style=_style(reward))
    if sample["set"] == "training":
        text.append(f"  advantage {sample['advantage']:+.3f}", style="default")
    for name, value in sample["parts"].items():
        shown = "-" if value is None else f"{value:.2f}"
        text.append(f"  {harmless(name)} ", style="dim").append(shown, style=_style(value))
    return text


def _style(value: float | None) -> str:
    if value is None:
        return "yellow"
    return "green" if value >= 0.999 else "red" if value < 0.5 else "default"


def _said(who: str, text: str, style: str) -> RenderableType:
    table = Table.grid(padding=(0, 1))
    table.add_column(width=13, no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row(Text(who, style=style), Text(isolated(text)))
    return table


def _message(message: Mapping[str, Any], statuses: Any) -> list[RenderableType]:
    role = str(message["role"])
    blocks: list[RenderableType] = []
    if role == "tool":
        status = next(statuses, "")
        return [_said(status or "result", str(message.get("content")), "green" if status == "ok" else "red")]
    if message.get("content"):
        blocks.append(_said(role[:13], str(message["content"]), "magenta"))
    return blocks + [_said("call", _call(call), "magenta") for call in message.get("calls", ())]


def _call(call: Mapping[str, Any]) -> str:
    return f"{call['name']}({json.dumps(call['arguments'], ensure_ascii=False)})"


def _notes(notes: Mapping[str, str]) -> RenderableType:
    lines = [Text(f"{harmless(name)}: {isolated(str(note))}", style="dim") for name, note in notes.items()]
    return Padding(Group(*lines), (0, 0, 0, 14))


def _due(sample: Sample) -> RenderableType:
    calls = "\n".join(_call(call) for call in sample["expected_calls"])
    facts = "\n".join(f"to be told: {json.dumps(fact, ensure_ascii=False)}" for fact in sample["facts"])
    none = "no call" if sample.get("tools") is not None else "this version of the file does not say"
    return _said("expected", "\n".join(filter(None, [calls or none, facts])), "cyan")


def _group(sample: Sample, group: Sequence[Sample]) -> RenderableType:
    """The samples of the same task and step, with their rewards and advantages."""
    if len(group) < 2:
        return Text()
    text = Text("group         ", style="cyan")
    for member in group:
        reward = "masked" if member["reward"] is None else f"{member['reward']:.2f}"
        style = "bold underline" if member is sample else "default"
        advantage = f" ({member['advantage']:+.2f})" if member["set"] == "training" else ""
        text.append(f"{reward}{advantage}", style=style).append("  ")
    return text
