"""What a person sees while a run goes on: progress bars, the per-language table, the last word."""

import io
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, cast

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

from rl.evaluation.languages import english_first
from rl.evaluation.metrics import language_metrics
from rl.report.samples import GenerationBatch
from rl.report.summary import Result, Summary

console = Console(stderr=True)
LONG = 5.0  # seconds


def say(*lines: str) -> None:
    """Lines as they are, whatever characters paths in them have, and unbroken: commands in them can be copied."""
    console.print(*lines, sep="\n", soft_wrap=True, highlight=False, markup=False)


class Relay(io.TextIOBase):
    """A file whose text goes to another process: ``put`` takes it there."""

    def __init__(self, put: Callable[[str], object]) -> None:
        self.put = put

    def write(self, text: str) -> int:
        if text:
            self.put(text)
        return len(text)


@dataclass(frozen=True)
class Screen:
    """What a process that shows something elsewhere must know of the terminal there."""

    terminal: bool
    width: int
    colors: str | None

    @classmethod
    def here(cls) -> "Screen":
        return cls(console.is_terminal, console.width, console.color_system)


def show_at(screen: Screen, put: Callable[[str], object]) -> None:
    """From here on this process's console is drawn on ``screen``, through ``put``."""
    file = cast(IO[str], Relay(put))
    kind = cast(Any, screen.colors)
    Console.__init__(
        console, file=file, force_terminal=screen.terminal, width=screen.width, color_system=kind
    )


@contextmanager
def progress(text: str, total: float) -> Iterator[Any]:
    """A progress bar, in a log file a line for each tenth that takes long; yields ``advance(done, note)`` with the absolute
    amount done."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=console,
    )
    with bar:
        task = bar.add_task(text, total=total, note="")
        tenths, since = 0, time.monotonic()

        def advance(done: float, note: str = "") -> None:
            nonlocal tenths, since
            bar.update(task, completed=done, note=note)
            if console.is_terminal or time.monotonic() - since < LONG:
                return
            if tenths < int(10 * done / total) < 10:
                tenths, since = int(10 * done / total), time.monotonic()
                console.print(f"{text} {10 * tenths}%  {note}".rstrip(), highlight=False, markup=False)

        yield advance


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

    def step(self, step: GenerationBatch) -> None:
        metrics = language_metrics(step.rows)
        self.bar.update(self.task, completed=step.step + 1)
        self.live.update(Group(self.bar, step_table(step, metrics)), refresh=True)
        if not console.is_terminal:
            rewards = {k.split("/")[1]: v for k, v in metrics.items() if k.endswith("/reward")}
            text = " ".join(f"{language} {value:.2f}" for language, value in rewards.items())
            console.print(f"step {step.step + 1}  {text}", highlight=False)


def step_table(step: GenerationBatch, metrics: dict[str, float]) -> RenderableType:
    parts = list(step.rows[0].parts)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ["language", "reward", *parts, "zero adv.", "masked", "tokens"]:
        table.add_column(column, justify="left" if column == "language" else "right")
    for language in sorted({row.language for row in step.rows}):
        names = ["reward", *(f"part/{p}" for p in parts), "zero_advantage", "masked"]
        values = [_two(metrics.get(f"language/{language}/{name}")) for name in names]
        table.add_row(language, *values, f"{metrics[f'language/{language}/length']:.0f}")
    return table


def summary_table(summary: Summary) -> Table:
    """Before and after by language, with 95% intervals; English first."""
    table = Table(title="Held-out reward (0 to 1), mean and 95% interval")
    for column in ("language", "tasks", "before", "after", "change"):
        table.add_column(column, justify="left" if column == "language" else "right")
    rows = summary["languages"]
    for language in english_first(rows):
        before, after = rows[language].get("before"), rows[language].get("after")
        tasks = next((str(result["n"]) for result in (after, before) if result), "")
        table.add_row(language, tasks, _cell(before), _cell(after), _change(before, after))
    return table


def evaluation_table(results: dict[str, Result]) -> Table:
    """Reward and parts by language, with the reward's 95% interval; English first."""
    parts = sorted({part for result in results.values() for part in result["parts"]})
    table = Table(title="Held-out reward (0 to 1)")
    for column in ["language", "tasks", "reward", "95% interval", *parts]:
        table.add_column(column, justify="left" if column == "language" else "right")
    for language in english_first(results):
        result = results[language]
        low_high = result["ci95"]
        interval = f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else "-"
        values = [_two(result["parts"].get(part)) for part in parts]
        table.add_row(language, str(result["n"]), _two(result["reward"]), interval, *values)
    return table


def _change(before: Result | None, after: Result | None) -> str:
    if before is None or after is None or before["reward"] is None or after["reward"] is None:
        return ""
    return f"{after['reward'] - before['reward']:+.3f}"


def _cell(result: Result | None) -> str:
    if result is None or result["reward"] is None:
        return "-"
    within = f" ± {(result['ci95'][1] - result['ci95'][0]) / 2:.3f}" if result["ci95"] else ""
    return f"{result['reward']:.3f}{within}"


def _two(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
