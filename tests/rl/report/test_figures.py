"""Figures over steps, against what the samples themselves say."""

from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest

from rl.report.figures import figures
from rl.report.reading import read_run
from tests.rl.report.made import run_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_folder(tmp_path_factory.mktemp("runs"))


def test_a_point_is_the_mean_of_its_samples_within_its_interval(folder: Path) -> None:
    run = read_run(folder)
    found = figures(run)
    for number, (first, last) in enumerate(found["points"]):
        own = [
            s["reward"]
            for s in run.samples
            if s["set"] == "training" and s["language"] == "fr" and first <= s["step"] <= last
        ]
        mean, low, high, requests = found["curves"]["reward"]["fr"][number]
        assert mean == pytest.approx(fmean(own)) and low <= mean <= high and requests == 2


def test_the_gap_is_english_less_the_language_over_requests_that_both_have(folder: Path) -> None:
    found = figures(read_run(folder))
    curves, gaps = found["curves"]["reward"], found["gaps"]["reward"]
    assert "en" not in gaps and gaps["fr"][1][3] == 2  # two requests
    for number, gap in enumerate(gaps["ar"]):
        assert gap[0] == pytest.approx(curves["en"][number][0] - curves["ar"][number][0])
    assert gaps["he"] == [None] * 4 or gaps["he"][1][3] == 0  # no request of it is shared


def test_a_long_run_is_pooled_into_points_that_lose_no_step(folder: Path) -> None:
    run = read_run(folder)
    run.samples = [s | {"step": step} for step in range(500) for s in run.samples if s["step"] == 3]
    run.metrics = [line | {"step": step} for step in range(500) for line in run.metrics[-1:]]
    points = figures(run)["points"]
    assert len(points) <= 60 and points[0][0] == 0 and points[-1][1] == 499
    assert all(before[1] + 1 == after[0] for before, after in pairwise(points))


def test_seconds_and_evaluations_are_there(folder: Path) -> None:
    found = figures(read_run(folder))
    assert found["seconds"]["sampling"] == [2.0] * 4 and "scoring_each" not in found["seconds"]
    after = found["evaluations"]["evaluation-after"]
    assert after["languages"]["ar"]["reward"][0] == 0.75 and after["languages"]["ar"]["success"][3] == 4
    assert after["funnel"]["fr"]["decision"][0] == 0.75


def test_evaluations_while_it_trains_are_curves_of_their_own(folder: Path) -> None:
    during = figures(read_run(folder))["during"]
    assert during["points"] == [[0, 0], [2, 2]]
    assert [point[0] for point in during["success"]["fr"]] == [0.0, 0.5] and during["success"]["all"][1][
        3
    ] == 4
