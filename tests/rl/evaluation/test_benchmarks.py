"""The field's benchmarks in small files of our own in their formats: gold is 1.0, and less where it should be."""

import json
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from rewards.types import Score, Task
from rl.data import load
from rl.errors import UserError
from rl.evaluation.benchmarks import BENCHMARKS, benchmarks
from rl.evaluation.benchmarks import bfcl as bfcl_benchmark
from rl.evaluation.benchmarks.mgsm import last_number
from rl.evaluation.funnel import STEPS, Judged
from rl.evaluation.results import results
from rl.evaluation.written import as_csv, as_markdown
from rl.rollout import replay
from rl.rollout.chat import assistant_message
from rl.rollout.script import gold_turn
from tests.rl.data import test_sources

TOOL = {"api_name": "getSales", "api_description": "Sales of a place.", "field": "Business/Retail",
        "parameters": {"location": {"type": "str"}, "year": {"type": "int"}}, "required": ["location"]}  # fmt: skip
OTHER = {
    "api_name": "getHail",
    "api_description": "Hail.",
    "parameters": {"place": {"type": "str"}},
    "required": [],
}
SEALTOOLS = [
    {"id": "dev-easy-0", "query": "Sales of Bari in 1999, please.",
     "calling": [{"api": "getSales", "parameters": {"location": "Bari", "year": "1999"}, "responses": ["API_call_0"]}]},
    {"id": "dev-hard-0", "query": "Sales of Bari and hail there.",
     "calling": [{"api": "getSales", "parameters": {"location": "Bari"}}, {"api": "getHail", "parameters": {"place": "API_call_0"}}]},
]  # fmt: skip
MGSM = {
    "en": "Ann has 3 boxes of 400 nails. How many nails has she?\t1,200\n",
    "bn": "আনার ৩টি বাক্সে ৪০০টি করে পেরেক আছে। মোট কত?\t1200\n",
    "de": "Anna hat 3 Kisten mit je 400 Nägeln. Wie viele Nägel hat sie?\t1200\n",
}
ANSWERS = {"en": "3 × 400 is 1,200 nails.", "bn": "৩ × ৪০০ = ১,২০০", "de": "Sie hat 1.200 Nägel."}
CONFUSION = {
    "monolingual/native/fr.csv": "Décris la mer en une phrase.",
    "crosslingual/okapi/ar.csv": "Respond in Arabic: what is the sea?",
}
REPLIES = {
    "fr": "La mer est une grande étendue d'eau salée qui couvre la terre.",
    "ar": "البحر مسطح كبير من المياه المالحة يغطي معظم الأرض.",
}
ENGLISH = "The sea is a large body of salt water that covers most of the earth."
XSID = """# id: 1
# text = wake me at 7 am
# text-en = wake me at 7 am
# intent = alarm/set_alarm
1\twake\talarm/set_alarm\tO
2\tme\talarm/set_alarm\tO
3\tat\talarm/set_alarm\tB-datetime
4\t7\talarm/set_alarm\tI-datetime
5\tam\talarm/set_alarm\tI-datetime

"""


@pytest.fixture(scope="module")
def suites(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Task]]:
    root = tmp_path_factory.mktemp("suites")
    paths = test_sources.written(root / "published")
    files = {"sealtools/tool.jsonl": [TOOL, OTHER], "sealtools/dev.jsonl": SEALTOOLS}
    texts = {name: "\n".join(map(json.dumps, rows)) for name, rows in files.items()}
    texts |= {f"mgsm/mgsm_{language}.tsv": text for language, text in MGSM.items()}
    texts |= {f"confusion/{name}": f'id,prompt\n1,"{text}"\n' for name, text in CONFUSION.items()}
    texts["xsid/en.dev.conll"] = XSID
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    found = {name: load(name, root / name, "test") for name in ("mgsm", "confusion")}
    found |= {name: load(name, root / name, "dev") for name in ("sealtools", "xsid")}
    found |= {name: load(name, paths[name], "test", held_out=0) for name in ("bfcl", "mapicall", "itc")}
    return found | {"massive": load("massive", paths["massive"], "test")}


def on_paper(task: Task, text: str) -> Judged:
    """A turn of ``text`` to a task whose tools do not run."""
    return Judged(
        task, replay(replace(task, run_calls=False), [text]), Score(1.0, {}), dict.fromkeys(STEPS, True)
    )


def right(task: Task) -> str:
    if task.source == "mgsm":
        return ANSWERS[task.language]
    if task.source == "confusion":
        return REPLIES[task.language]
    calls = gold_turn(task) or "I have nothing for that."
    return f"<think>{THOUGHTS.get(task.language, '')}</think>{calls}" if task.source == "itc" else calls


THOUGHTS = {
    "tr": "Kullanıcı Lefkoşa'daki nöbetçi eczaneyi soruyor, bu yüzden aracı çağırmalıyım.",
    "vi": "Người dùng hỏi về điều mà một công cụ có thể trả lời, nên tôi gọi nó.",
    "en": "The user asks for something that a tool of this list can tell, so I call it.",
}


def shares(figures: Any) -> list[float]:
    """Every figure that should be 1.0: rates, and precision, recall, F1, format and the like."""
    if isinstance(figures, dict) and "ci95" in figures:
        return [figures["rate"]]
    if isinstance(figures, dict):
        return [v for name, one in figures.items() if "error" not in name for v in shares(one)]
    return [] if figures is None else [float(figures)]


@pytest.mark.parametrize("source", BENCHMARKS)
def test_gold_is_one_and_silence_is_less(source: str, suites: dict[str, list[Task]]) -> None:
    found = benchmarks([on_paper(task, right(task)) for task in suites[source]])[source]
    for language, figures in found.items():
        assert shares(figures) and shares(figures) == pytest.approx([1.0] * len(shares(figures))), (
            language,
            figures,
        )
    wrong = benchmarks([on_paper(task, ENGLISH) for task in suites[source]])[source]
    assert min(value for figures in wrong.values() for value in shares(figures)) == 0.0


def test_they_are_in_every_file_of_the_results(suites: dict[str, list[Task]]) -> None:
    samples = [on_paper(task, right(task)) for task in [*suites["massive"], *suites["mgsm"]]]
    found = results(samples, 1, 0.0)
    assert set(found["benchmarks"]) == {"massive", "mgsm"}
    text, table = as_markdown(found), as_csv(found)
    assert "## mgsm" in text and "| ast accuracy |" in text
    assert any(line.startswith("mgsm,bn,accuracy.rate,1.0") for line in table.splitlines())
    masked = [replace(sample, score=Score(None, {}), steps={}) for sample in samples]
    assert benchmarks(masked) == {}


@pytest.mark.parametrize(
    ("text", "locale", "value"),
    [
        ("Es sind 1.200 Nägel, also 12.000.", "de-DE", 12000),
        ("The answer is 3.5", "en-US", Decimal("3.5")),
        ("La réponse est 3,5 km.", "fr-FR", Decimal("3.5")),
        ("উত্তর: ৪২", "bn-BD", 42),
        ("الجواب ١٬٢٠٠", "ar-EG", 1200),
        ("คำตอบคือ ๑๒", "th-TH", 12),
        ("12 000 roubles", "ru-RU", 12000),
        ("It fell to -5.", "en-US", -5),
        ("between 3 and 4", "en-US", 4),
        ("答えは１８個です。", "ja-JP", 18),
        ("none", "en-US", None),
    ],
)
def test_the_last_number_of_a_reply(text: str, locale: str, value: Any) -> None:
    assert last_number(text, locale) == value


def test_bfcl_by_category_with_the_official_verdict_beside(
    suites: dict[str, list[Task]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert bfcl_benchmark.category_of("live_parallel_multiple_3-2-1") == "live_parallel_multiple"
    assert bfcl_benchmark.category_of("simple_python_7") == "simple_python"
    task = next(t for t in suites["bfcl"] if t.expected.calls)
    asked: list[Any] = []

    def checker(*given: Any) -> dict[str, Any]:
        asked.append(given)
        return {"valid": False}

    monkeypatch.setattr(bfcl_benchmark, "official_checker", lambda: checker)
    published = [{"name": tool.name} for tool in task.tools]
    monkeypatch.setattr(bfcl_benchmark, "_published", lambda: {task.id: (published, ["gold"])})
    figures = bfcl_benchmark.figures([on_paper(task, right(task))])
    (category,) = figures.keys() - {"overall"}
    assert figures[category]["ast_accuracy"]["rate"] == 1.0
    assert figures[category]["official"]["rate"] == 0.0, "the official verdict is its own"
    functions, calls, answers, named, _ = asked[0]
    assert (functions, answers, named) == (published, ["gold"], category)
    assert list(calls[0]) == [task.expected.calls[0]["name"]]
    published[0]["name"] = "another_edition"
    assert bfcl_benchmark.judge(on_paper(task, right(task))) is None, "the question of that id is another one"


def test_itc_needs_a_thought_and_it_in_the_query_s_language(suites: dict[str, list[Task]]) -> None:
    turkish = [task for task in suites["itc"] if task.language == "tr"]
    bare = BENCHMARKS["itc"]([on_paper(task, gold_turn(task)) for task in turkish])
    assert bare["micro"]["format"] == 0.0 and bare["micro"]["selection_f1"] == 1.0
    form = '{"Thought": "%s", "Action": {"tool": "nobetci_eczane", "parameters": {"il": "Lefkoşa"}}}'
    message, calls = assistant_message(form % THOUGHTS["tr"], "itc")
    own = replay(replace(turkish[0], run_calls=False), [gold_turn(turkish[0])])
    written = Judged(
        turkish[0], replace(own, calls=calls, messages=[message]), Score(1.0, {}), {"decision": True}
    )
    assert BENCHMARKS["itc"]([written])["micro"]["format"] == 1.0, "in ITC's own form, too"
    assert BENCHMARKS["itc"]([written])["micro"]["language_matching"] == 1.0
    foreign = [on_paper(t, f"<think>{THOUGHTS['en']}</think>{gold_turn(t)}") for t in turkish]
    assert BENCHMARKS["itc"](foreign)["macro"]["language_matching"] == 0.0


@pytest.mark.parametrize(
    ("source", "make", "said"),
    [
        ("mgsm", lambda p: (p / "mgsm_en.tsv").write_text("no tab here\n"), "mgsm_en.tsv:1: a line is"),
        ("mgsm", lambda p: None, "no files named mgsm_"),
        ("confusion", lambda p: (p / "fr.csv").write_text("a,b\n1,2\n"), "has no column prompt"),
        ("sealtools", lambda p: None, "has no tool.jsonl"),
        ("sealtools", lambda p: (p / "tool.jsonl").write_text(json.dumps(TOOL)), "has no split 'test'"),
    ],
)
def test_files_that_are_none_of_theirs(
    source: str, make: Callable[[Path], Any], said: str, tmp_path: Path
) -> None:
    make(tmp_path)
    with pytest.raises(UserError) as error:
        load(source, tmp_path, "test")
    assert said in str(error.value) and "\n" not in str(error.value)


def test_the_official_checker_agrees_on_its_own_gold() -> None:
    pytest.importorskip("bfcl_eval", reason="pip install --no-deps bfcl-eval")
    tasks = [task for task in load("bfcl", None, "test", categories=["simple_python"], held_out=0)][:50]
    figures = BENCHMARKS["bfcl"]([on_paper(task, gold_turn(task)) for task in tasks])
    ours, theirs = (figures["simple_python"][name] for name in ("ast_accuracy", "official"))
    assert ours == theirs and theirs["rate"] >= 0.98, "simple_python_17 may leave out what it requires"
