"""Agreement with human labels: published examples, and the command itself."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.judge.agreement import Correlation, alpha, bootstrap, kappa, wilson
from tests.rewards.judge.judge_server import grades, serving

ROOT = Path(__file__).parents[3]
# Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section E: four observers, twelve units.
OBSERVERS = [
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
]


def test_alpha_of_krippendorff_s_own_example():
    columns = zip(*(row.split() for row in OBSERVERS), strict=True)
    units = [[float(value) for value in column if value != "."] for column in columns]
    assert alpha(units) == pytest.approx(0.849, abs=0.0005)


def test_kappa_of_cohen_s_and_of_the_textbook_s_example():
    yes_no = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa(yes_no) == pytest.approx(0.4)
    # Cohen 1960, table 1: proportions of three categories, kappa = .492.
    table = {
        (0, 0): 88,
        (0, 1): 14,
        (0, 2): 18,
        (1, 0): 10,
        (1, 1): 40,
        (1, 2): 10,
        (2, 0): 2,
        (2, 1): 6,
        (2, 2): 12,
    }
    assert kappa([pair for pair, n in table.items() for _ in range(n)]) == pytest.approx(0.492, abs=0.0005)


def test_wilson_s_interval():
    assert wilson(0.0, 10) == (0.0, pytest.approx(0.2775, abs=1e-4))
    assert wilson(81 / 263, 263) == (
        pytest.approx(0.2553, abs=1e-4),
        pytest.approx(0.3662, abs=1e-4),
    )  # Newcombe 1998


def test_where_nothing_varies_nothing_is_claimed():
    assert (
        kappa([(True, True)] * 5) is None and alpha([(0.5, 0.5)] * 5) is None and alpha([(1.0,), ()]) is None
    )
    assert bootstrap([(True, True)] * 5, kappa) is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=30))
def test_bounds(pairs):
    for value in (alpha(pairs), kappa([(a > 0.5, b > 0.5) for a, b in pairs])):
        assert value is None or value <= 1 + 1e-9
    same = alpha([(a, a) for a, _ in pairs])
    assert same is None or same == pytest.approx(1)
    assert alpha(pairs) == pytest.approx(alpha([(b, a) for a, b in pairs]))


def test_an_interval_holds_the_value_and_narrows_with_more_rows():
    draw = random.Random(1)
    rows = [(h, min(1.0, max(0.0, h + draw.gauss(0, 0.2)))) for h in (draw.random() for _ in range(400))]
    few, many = bootstrap(rows[:40], alpha), bootstrap(rows, alpha)
    assert few and many and many[0] < alpha(rows) < many[1]
    assert many[1] - many[0] < few[1] - few[0]


def test_correlation_as_they_come():
    line = Correlation()
    for x in range(10):
        line.add(x, 3 - 2 * x)
    assert line.value == pytest.approx(-1)
    flat = Correlation()
    for x in range(10):
        flat.add(x, 0.5)
    assert flat.value is None


ROWS = [
    {"language": "fr", "request": "Ça fait combien ?", "reply": f"Cela fait {i} euros.", "human": human, "judge": judge}
    for i, (human, judge) in enumerate([(1.0, 1.0), (0.75, 0.5), (0.0, 0.25), ([0.0, 0.5], 0.75)])
] + [
    {"language": "ja", "request": "いくら？", "reply": f"{i}円です。", "human": [human, human], "judge": human}
    for i, human in enumerate([0.0, 0.25, 0.75, 1.0])
]  # fmt: skip


def calibrate(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rewards.judge", "calibrate", str(path), *options]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), "utf-8")
    return path


def test_grades_in_the_file_are_compared_language_by_language(tmp_path):
    path = write(tmp_path / "labels.jsonl", ROWS)
    found = json.loads(calibrate(path, "--json").stdout)["languages"]
    assert list(found) == ["fr", "ja", "all"]
    assert (found["fr"]["n"], found["fr"]["accuracy"], found["fr"]["kappa"]) == (4, 0.75, 0.5)
    assert found["fr"]["bias"] == pytest.approx((0 - 0.25 + 0.25 + 0.5) / 4)
    assert (found["ja"]["accuracy"], found["ja"]["kappa"], found["ja"]["alpha"]) == (1.0, 1.0, 1.0)
    assert found["ja"]["human_alpha"] == 1.0
    table = calibrate(path).stdout.splitlines()
    assert (
        table[0].split()
        == "language n failed accuracy Cohen's kappa Krippendorff's alpha people's bias length".split()
    )
    assert [line.split()[0] for line in table[1:]] == ["fr", "ja", "all"]
    assert "0.75 [0.30, 0.95]" in table[1]


def test_other_peoples_line_breaks_and_byte_order_marks_are_read(tmp_path):
    odd = [{**row, "reply": f"a\u2028b\x85c\u2029{row['reply']}"} for row in ROWS]
    path = write(tmp_path / "labels.jsonl", odd)
    path.write_text("\ufeff" + path.read_text("utf-8"), "utf-8")
    assert json.loads(calibrate(path, "--json").stdout)["languages"]["all"]["n"] == len(ROWS)


def test_what_has_no_grade_is_judged_by_the_server(tmp_path):
    rows = [{**row, "tools": ["convert_currency"], "results": [{"amount": i}]} for i, row in enumerate(ROWS)]
    path = write(tmp_path / "labels.jsonl", [{k: v for k, v in row.items() if k != "judge"} for row in rows])
    with serving() as server:
        server.answers = [(401, "no")]
        server.otherwise = lambda request: grades(0.75)
        done = calibrate(path, "--base-url", server.url, "--model", "m", "--api-key-env", "", "--json")
    found = json.loads(done.stdout)
    assert found["languages"]["all"]["n"] == 8 and found["languages"]["all"]["failed"] == 1
    assert found["languages"]["all"]["kappa"] == 0.0
    assert found["judge"]["graded"] == 7
    assert "amounts" in server.requests[0]["messages"][0]["content"]  # the tools chose the rubric


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", ":2 is no JSON"),
        ("[]", ":2 must be an object"),
        ('{"language": "fr", "request": "?", "reply": ""}', ":2 needs reply: a text."),
        ('{"language": "fr", "request": "?", "reply": "!", "human": 5}', ":2 needs human: a number in 0..1"),
        ('{"language": "fr", "request": "?", "reply": "!", "human": []}', ":2 needs human"),
        ('{"language": "fr", "request": "?", "reply": "!", "human": true}', ":2 needs human"),
        ('{"language": "fr", "request": "?", "reply": "!", "human": 1, "judge": "good"}', ':2 has judge "good"'),
        ('{"language": "fr", "request": "?", "reply": "!", "human": 1, "tools": 3}', ":2 needs results and tools"),
        ('{"language": "fr", "request": "?", "reply": "!", "human": 1}', "give --base-url and --model"),
    ],
)  # fmt: skip
def test_a_bad_row_is_one_sentence_with_its_place(tmp_path, line, said):
    path = tmp_path / "labels.jsonl"
    path.write_text(json.dumps(ROWS[0]) + "\n" + line, "utf-8")
    done = calibrate(path)
    assert done.returncode == 2 and said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_files_that_are_missing_or_empty_are_named(tmp_path):
    assert "nowhere.jsonl cannot be read" in calibrate(tmp_path / "nowhere.jsonl").stderr
    assert "holds no labels" in calibrate(write(tmp_path / "none.jsonl", [])).stderr
