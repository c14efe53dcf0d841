"""What a person sees while a run goes on: progress bars, the per-language table, the last word."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from rl.steps import Step, language_metrics

console = Console(stderr=True)


@contextmanager
def progress(text: str, total: float) -> Iterator[Any]:
    """A progress bar; yields ``advance(done, note)`` with the absolute amount done."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
        console=console,
    )
    with bar:
        task = bar.add_task(text, total=total, note="")
        yield lambda done, note="": bar.update(task, completed=done, note=note)


class TrainingView:
    """A live bar over the steps with the newest step's table under it; plain lines in a log file."""

    def __init__(self, steps: int, done: int = 0) -> None:
        self.bar = Progress(
            TextColumn("GRPO"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
        )
        self.task = self.bar.add_task("GRPO", total=steps, completed=done)
        self.live = Live(self.bar, console=console, refresh_per_second=4, transient=True)

    def __enter__(self) -> "TrainingView":
        self.live.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.live.stop()

    def step(self, step: Step) -> None:
        metrics = language_metrics(step.rows)
        self.bar.update(self.task, completed=step.step + 1)
        self.live.update(Group(self.bar, step_table(step, metrics)), refresh=True)
        if not console.is_terminal:
            rewards = {k.split("/")[1]: v for k, v in metrics.items() if k.endswith("/reward")}
            text = " ".join(f"{language} {value:.2f}" for language, value in rewards.items())
            console.print(f"step {step.step + 1}  {text}", highlight=False)


def step_table(step: Step, metrics: dict[str, float]) -> RenderableType:
    parts = list(step.rows[0].parts)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ["language", "reward", *parts, "zero adv.", "masked", "tokens"]:
        table.add_column(column, justify="left" if column == "language" else "right")
    for language in sorted({row.language for row in step.rows}):
        names = ["reward", *(f"part/{p}" for p in parts), "zero_advantage", "masked"]
        values = [_two(metrics.get(f"language/{language}/{name}")) for name in names]
        table.add_row(language, *values, f"{metrics[f'language/{language}/length']:.0f}")
    return table


def summary_table(summary: dict[str, Any]) -> Table:
    """Before and after by language, with 95% intervals; English first."""
    table = Table(title="Held-out reward (0 to 1), one sample a task, mean and 95% interval")
    for column in ("language", "tasks", "before", "after", "change"):
        table.add_column(column, justify="left" if column == "language" else "right")
    rows = summary["languages"]
    for language in sorted(rows, key=lambda tag: (tag != "en", tag)):
        before, after = rows[language].get("before"), rows[language].get("after")
        change = f"{after['reward'] - before['reward']:+.3f}" if _scored(before) and _scored(after) else ""
        some = after or before
        table.add_row(language, str(some["n"]), _cell(before), _cell(after), change)
    return table


def evaluation_table(results: dict[str, Any]) -> Table:
    """Reward and parts by language, with the reward's 95% interval; English first."""
    parts = sorted({part for result in results.values() for part in result["parts"]})
    table = Table(title="Held-out reward (0 to 1), one sample a task")
    for column in ["language", "tasks", "reward", "95% interval", *parts]:
        table.add_column(column, justify="left" if column == "language" else "right")
    for language in sorted(results, key=lambda tag: (tag != "en", tag)):
        result = results[language]
        low_high = result["ci95"]
        interval = f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else "-"
        values = [_two(result["parts"].get(part)) for part in parts]
        table.add_row(language, str(result["n"]), _two(result["reward"]), interval, *values)
    return table


def _scored(result: dict[str, Any] | None) -> bool:
    return result is not None and result["reward"] is not None


def _cell(result: dict[str, Any] | None) -> str:
    if result is None or result["reward"] is None:
        return "-"
    half = (result["ci95"][1] - result["ci95"][0]) / 2 if result["ci95"] else 0.0
    return f"{result['reward']:.3f} ± {half:.3f}"


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
