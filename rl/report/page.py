"""The report as one HTML file: data, styles, scripts and the plotting library in it, and nothing fetched from anywhere.

The page's own policy (Content-Security-Policy) lets only its own scripts run, by their hashes. What models wrote is in
compressed blocks and is put into the page as text.
"""

import base64
import hashlib
import html
import shlex
import shutil
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rl.errors import UserError
from rl.evaluation.compare import compare
from rl.evaluation.stored import AFTER, BEFORE, Stored, stored
from rl.report.figures import figures
from rl.report.packed import block, packed
from rl.report.reading import EVALUATION, RunData, read_run

ASSETS = Path(__file__).with_name("assets")
LIBRARY = "plotly-basic.min.js"  # plotly.js, its basic distribution; MIT, see plotly-LICENSE.txt
SCRIPTS = ("data.js", "charts.js", "viewer.js", "main.js")
SAMPLES = 20_000  # that a page holds, if not told otherwise
BYTES = 15_000_000  # of the whole file, at most
# Settings that the head of the page shows of each run.
SHOWN = (
    "model.path", "data.source", "advantage.estimator", "advantage.baseline", "advantage.scale", "seed", "trainer.steps",
    "trainer.learning_rate", "trainer.generations", "rollout.temperature",
)  # fmt: skip
Content = tuple[str, list[str]]  # the index and the samples, each a block


def looked_at(folder: Path) -> str:
    """Writes the run's report and says where it is, and how the worst samples are looked at."""
    run = read_run(folder)
    path = folder / "report.html"
    path.write_text(page([run], SAMPLES), encoding="utf-8")
    return f"Report: {path} (opens in a browser)\nWorst samples: {worst_samples(run)}"


def worst_samples(run: RunData) -> str:
    """The command that shows them, of the language that ended lowest."""
    after = run.evaluations.get("evaluation-after", {}).get("languages", {})
    rewards = {tag: of["reward"] for tag, of in after.items() if of["reward"] is not None}
    lowest = f" --language {min(rewards, key=lambda tag: rewards[tag])}" if rewards else ""
    chosen = " --set evaluation-after" if rewards else ""
    return f"{_command()} {shlex.quote(str(run.path))}{chosen}{lowest} --worst 20"


def _command() -> str:
    """How ``inspect`` is called from here: by its name where the shell finds it."""
    if shutil.which("polyglot-grpo"):
        return "polyglot-grpo inspect"
    python = Path(sys.executable)
    near = python.relative_to(Path.cwd()) if python.is_relative_to(Path.cwd()) else python
    return f"{near} -m rl.inspect"


def content(runs: Sequence[RunData], samples: int, budget: int) -> Content:
    """What a page shows, at most ``samples`` samples in at most ``budget`` bytes."""
    told = {
        "made": time.strftime("%Y-%m-%d %H:%M:%S"),
        "runs": [_described(run, name) for run, name in zip(runs, _names(runs), strict=True)],
        "comparison": _comparison(runs),
    }
    room = budget - len(block(told))
    for share in (0.7, 0.5, 0.3):  # the columns of samples take room, too
        index, blocks = packed(runs, samples, int(room * share))
        first = block(told | {"samples": index})
        if len(first) + sum(map(len, blocks)) <= budget:
            break
    return first, blocks


def page(runs: Sequence[RunData], samples: int, *, follow: bool = False) -> str:
    """The HTML file. ``follow``: its data come from where it comes from, again and again, instead of lying in it."""
    library = _asset(LIBRARY)
    script = "\n".join(_asset(name) for name in SCRIPTS)
    shell = _asset("page.html")
    style = _asset("page.css")
    room = BYTES - len((library + script + shell + style).encode("utf-8")) - 4096
    index, blocks = ("", []) if follow else content(runs, samples, room)
    title = ", ".join(_names(runs))
    filled = {
        "TITLE": html.escape(title),
        "POLICY": _policy([library, script], follow),
        "STYLE": style,
        "FOLLOW": "yes" if follow else "no",
        "INDEX": index,
        "BLOCKS": "\n".join(f'<script type="text/plain" class="samples">{text}</script>' for text in blocks),
        "LIBRARY": library,
        "SCRIPT": script,
    }
    for name, text in filled.items():
        shell = shell.replace(f"<!--{name}-->", text, 1)
    return shell


def _policy(scripts: Sequence[str], follow: bool) -> str:
    """Only these scripts, no connection, no frames, no forms; the library sets styles of its own."""
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts)
    asked = "'self'" if follow else "'none'"
    return (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data: blob:; "
        f"connect-src {asked}; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")


def _asset(name: str) -> str:
    return (ASSETS / name).read_text(encoding="utf-8")


def _names(runs: Sequence[RunData]) -> list[str]:
    """Folder names, with their parents' where two are alike."""
    names = [run.name for run in runs]
    return [
        str(run.path) if names.count(run.name) > 1 else run.name
        for run in runs
    ]  # fmt: skip


def _described(run: RunData, name: str) -> dict[str, Any]:
    return {
        "name": name,
        "path": str(run.path),
        "state": run.state,
        "notes": [*run.notes, *(f"Alarm at {text}." for text in run.summary.get("alarms", ()))],
        "settings": {key: found for key in SHOWN if (found := _setting(run.config, key)) is not None},
        "peak_memory_gb": run.summary.get("peak_memory_gb"),
        **figures(run),
    }


def _setting(config: Mapping[str, Any], dotted: str) -> Any:
    found: Any = config
    for name in dotted.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _comparison(runs: Sequence[RunData]) -> dict[str, Any]:
    """Runs beside each other, or one before and after its training; a sentence where that cannot be."""
    found: list[Stored] = []
    problems: list[str] = []
    wanted = (
        [(run, None) for run in runs]
        if len(runs) > 1
        else [(run, which) for run in runs for which in (BEFORE, AFTER)]
    )
    if len(runs) == 1 and runs[0].state == EVALUATION:
        return {}
    for run, which in wanted:
        try:
            found.append(stored(run.path, which))
        except UserError as error:
            problems.append(str(error))
    if len(found) < 2:
        return {"problems": problems}
    try:
        return compare(found) | {"problems": problems}
    except UserError as error:
        return {"problems": [*problems, str(error)]}
