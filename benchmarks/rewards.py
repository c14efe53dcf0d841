"""How fast calls are read and judged, on one core: what scoring adds to each completion."""

import json
import time
from dataclasses import replace

from rewards.match import match_calls
from rewards.outcome import json_valid
from rewards.parse import FORMATS, parse_calls
from rewards.types import Task, Trajectory
from rl.data.catalog import tasks as catalog
from rl.data.sources.bfcl import gold
from sandbox.types import ToolCall

# One of each way of going wrong, besides the gold answer.
BROKEN = ('{"name": ', "I cannot do that.", '<tool_call>{"name": "f", "arguments": {"a": NaN}}</tool_call>')


def completions_per_second(tasks: list[Task], format: str = "hermes", rounds: int = 5) -> dict[str, float]:
    """Completions parsed, matched and checked against their schemas a second of one core's time (the best
    of ``rounds``, the least disturbed by others), and their mean length in characters.

    Half are right, a quarter have an argument too many, a quarter are malformed or no call.
    """
    texts = [(task, text) for task in tasks for text in _completions(task, format)]
    times = [_seconds(texts, format) for _ in range(rounds + 1)][1:]
    lengths = [len(text) for _, text in texts]
    return {"completions_per_second": len(texts) / min(times), "characters": sum(lengths) / len(lengths)}


def _seconds(texts: list[tuple[Task, str]], format: str) -> float:
    trajectory = Trajectory("", [], [], [], [], [], [], [], "end")
    start = time.process_time()
    for task, text in texts:
        trajectory.calls[:] = parse_calls(text, format, task.tools)
        match_calls(task, trajectory.calls)
        json_valid(task, trajectory)
    return time.process_time() - start


def _completions(task: Task, format: str) -> list[str]:
    right = [ToolCall("", c["name"], gold(c["arguments"])) for c in task.expected.calls]
    wrong = [replace(call, arguments={**(call.arguments or {}), "extra": "x"}) for call in right]
    return [_written(right, format)] * 2 + [_written(wrong, format), BROKEN[len(task.id) % len(BROKEN)]]


def _written(calls: list[ToolCall], format: str) -> str:
    key = "parameters" if format == "llama3_json" else "arguments"
    bodies = [json.dumps({"name": c.name, key: c.arguments}, ensure_ascii=False) for c in calls]
    match format:
        case "hermes":
            return "\n".join(f"<tool_call>\n{body}\n</tool_call>" for body in bodies)
        case "llama3_json":
            return "; ".join(bodies)
        case "mistral":
            return f"[TOOL_CALLS] [{', '.join(bodies)}]"
        case "pythonic":
            made = [
                f"{c.name}({', '.join(f'{k}={v!r}' for k, v in (c.arguments or {}).items())})" for c in calls
            ]
            return f"[{', '.join(made)}]"
    raise ValueError(f"no completions are made in {format}; take one of {', '.join(FORMATS)}")


def main() -> None:
    """Print the speed on the catalog's tasks, by format."""
    tasks = [task for task in catalog.load("train", ["en", "ar", "zh"], per_tool=1) if task.expected.calls]
    for format in ("hermes", "llama3_json", "mistral", "pythonic"):
        found = completions_per_second(tasks, format)
        rate, length = found["completions_per_second"], found["characters"]
        print(
            f"{format}: {rate:,.0f} completions parsed, matched and checked a second of {length:.0f} characters"
        )


if __name__ == "__main__":
    main()
