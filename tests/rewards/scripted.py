"""Scripted trajectories on the catalog's tasks, and what the shipped presets pay for them."""

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from rewards.compose import Rewards
from rewards.samples import gold, trajectory
from rewards.scoring.part import Part, PartScore, Row, evaluate, inline
from rewards.types import Task, Trajectory
from rl.data.catalog import tasks as catalog_tasks
from sandbox import catalog
from sandbox.types import ToolCall

CONF = Path(__file__).resolve().parents[2] / "conf" / "reward"
LANGUAGES = "ar bn de en es fr hi ja ko pt ru sw te th zh".split()
SORRY = {
    "ar": "عذرًا، لم أتمكن من تنفيذ طلبك هذه المرة.", "bn": "দুঃখিত, আমি কাজটি করতে পারিনি।",
    "de": "Das hat leider nicht funktioniert.", "en": "I'm sorry, I wasn't able to do that.",
    "es": "Lo siento, no he podido hacerlo.", "fr": "Désolé, je n'ai pas pu le faire.",
    "hi": "क्षमा करें, यह काम नहीं हो सका।", "ja": "申し訳ございません、うまくいきませんでした。",
    "ko": "죄송합니다, 요청하신 일을 처리하지 못했습니다.", "pt": "Sinto muito, não consegui fazer isso.",
    "ru": "Извините, мне не удалось это сделать.", "sw": "Samahani, sikuweza kufanya hivyo.",
    "te": "క్షమించండి, ఆ పని చేయలేకపోయాను.", "th": "ขออภัยค่ะ ดำเนินการให้ไม่ได้ค่ะ",
    "zh": "很抱歉，我没能完成这件事。",
}  # fmt: skip
DONE = {
    "ar": "تم تنفيذ كل ما طلبته.", "bn": "আপনার বলা কাজটা করে দিয়েছি।", "de": "Alles ist wie gewünscht erledigt.",
    "en": "Everything is done as you wished.", "es": "Ya está todo hecho como pediste.",
    "fr": "Tout est fait comme vous le vouliez.", "hi": "आपका बताया काम पूरा हो गया है।",
    "ja": "ご希望どおりに手続きが完了しました。", "ko": "말씀하신 대로 모두 처리했습니다.",
    "pt": "Tudo foi feito como você pediu.", "ru": "Всё сделано так, как вы просили.",
    "sw": "Kazi yote uliyoniomba imekamilika.", "te": "మీరు అడిగిన పని పూర్తి చేశాను.",
    "th": "ทำให้ตามที่ขอเรียบร้อยแล้วค่ะ", "zh": "您要办的事情已经全部办好了。",
}  # fmt: skip
ERROR = ("world_time", {"city": "Atlantis"})
UNASKED = ("add_event", {"title": "x", "date": "2026-07-01", "time": "03:15"})
HELPERS = ("show_reminders", "world_time", "add_event", "cancel_alarm", "send_pix")
MALFORMED = ToolCall("", None, None, "{", "no JSON")
Made = ToolCall | tuple[str, dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A task with its English reply, for what is said in the wrong language."""

    task: Task
    english: str

    @property
    def right(self) -> list[ToolCall]:
        return gold(self.task).calls

    @property
    def reply(self) -> str:
        return str(self.task.expected.reply)

    @property
    def look(self) -> Made:
        """A call that is of no use here."""
        of_no_use = ("world_time", {"city": "Paris"}), ("show_reminders", {})
        needed = {call.name for call in self.right}
        return next(call for call in of_no_use if call[0] not in needed)

    @property
    def sorry(self) -> str:
        return SORRY[self.task.language]

    @property
    def done(self) -> str:
        return DONE[self.task.language]

    def rolled_out(self, calls: Sequence[Made], reply: str | None, stop: str = "end") -> Trajectory:
        made = [call if isinstance(call, ToolCall) else ToolCall("", *call) for call in calls]
        return trajectory(self.task, [replace(c, id=str(i)) for i, c in enumerate(made)], reply, stop)


KINDS = [kind for kind in catalog_tasks.KINDS if kind != "small_talk"]


@cache
def cases(split: str = "train") -> list[Case]:
    """One task of every kind in two languages, every language in several kinds."""
    return [
        case(kind, language, split)
        for number, kind in enumerate(KINDS)
        for language in sorted({LANGUAGES[number % 15], LANGUAGES[(7 * number + 4) % 15]})
    ]


def case(kind: str, language: str, split: str = "train") -> Case:
    of, english = (
        catalog_tasks.load(split, [tag], tools=[kind], per_tool=1, tools_per_task=4)[0]
        for tag in (language, "en")
    )
    shown = {tool.name for tool in of.tools}
    tools = [*of.tools, *(catalog.SPECS[name] for name in HELPERS if name not in shown)]
    return Case(replace(of, tools=tools), str(english.expected.reply))


@cache
def preset(name: str) -> Rewards:
    """The rewards of a shipped preset, all languages in the run."""
    return Rewards.from_config({**_read(name), "languages": LANGUAGES})


def _read(name: str) -> dict[str, Any]:
    own = yaml.safe_load((CONF / f"{name}.yaml").read_text("utf-8"))
    components: dict[str, Any] = {}
    for settings in (*(_read(base) for base in own.pop("defaults", []) if base != "_self_"), own):
        for part, options in settings.get("components", {}).items():
            components[part] = components.get(part, {}) | options
    return {**own, "components": components}


def paid(rewards: Rewards, rows: Sequence[tuple[Task, Trajectory]]) -> list[float]:
    """The rewards of many rows, none of them masked."""
    return asyncio.run(_paid(rewards, rows))


async def _paid(rewards: Rewards, rows: Sequence[tuple[Task, Trajectory]]) -> list[float]:
    found = []
    for task, made in rows:

        async def run(part: Part, pair: tuple[Task, Trajectory] = (task, made)) -> PartScore:
            return (await evaluate(part, [Row(*pair)], inline))[0]

        score = await rewards.compose(task.language, 0, run)
        assert score.reward is not None, (task.id, score.notes)
        found.append(score.reward)
    return found


def pairs(better: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Neighbours in a chain, the better first."""
    yield from itertools.pairwise(better)
