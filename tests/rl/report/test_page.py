"""The report in a real browser: Debian's Chromium without a window, driven by Playwright (``make browser`` has both)."""

import re
import shutil
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rl.report.page import BYTES, page
from rl.report.reading import read_run
from rl.report.run_folder import RunFolder
from rl.report.samples import GenerationBatch
from rl.report.serve import server
from tests.rl.report.made import HEBREW, run_folder, step_rows

CHROMIUM = shutil.which("chromium")
HOSTILE = (
    "</script><script>window.hacked = 1</script><img src=x onerror='window.hacked = 2'>"
    "<!-- <style>*{display:none}</style> \u2028 \u202egnp.exe \x1b[31m ${window.hacked} {{7*7}}"
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    playwright = pytest.importorskip(
        "playwright.sync_api", reason="Playwright is not installed (make browser)"
    )
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (make browser)")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM)
        yield opened
        opened.close()


def apart(call: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What replays trajectories has an event loop of its own, and Playwright's is in this thread."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(call, *args, **options).result()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = apart(run_folder, tmp_path_factory.mktemp("runs"), hostile=HOSTILE)
    return made


@pytest.fixture(scope="module")
def file(folder: Path) -> Path:
    path = folder / "report.html"
    path.write_text(page([read_run(folder)], 20_000), encoding="utf-8")
    return path


def page_of(browser: Any, address: str) -> Any:
    """The page, with what it asked for and what went wrong in ``requests`` and ``errors``."""
    view = browser.new_page(viewport={"width": 1300, "height": 900})
    view.requests, view.errors = [], []
    view.on("request", lambda request: view.requests.append(request.url))
    view.on("pageerror", lambda error: view.errors.append(str(error)))
    view.on("console", lambda message: message.type == "error" and view.errors.append(message.text))
    view.goto(address)
    view.wait_for_selector("html[data-ready]")
    return view


@pytest.fixture(scope="module")
def opened(browser: Any, file: Path) -> Iterator[Any]:
    view = page_of(browser, file.as_uri())
    yield view
    view.close()


def count(view: Any) -> int:
    return int(re.match(r"([\d,]+) of", view.inner_text("#count"))[1].replace(",", ""))  # type: ignore[index]


def filtered(view: Any, **fields: str) -> int:
    view.click("#f-reset")
    for name, value in fields.items():
        home = view.locator(f"#f-{name}")
        home.select_option(value) if home.evaluate("e => e.tagName") == "SELECT" else home.fill(value)
    view.wait_for_timeout(400)
    return count(view)


def test_it_opens_from_disk_and_asks_for_nothing(opened: Any, file: Path) -> None:
    assert opened.requests == [file.as_uri()] and opened.errors == []
    assert opened.locator("#training-charts figure:not([hidden])").count() >= 10
    opened.locator("#chart-funnel").scroll_into_view_if_needed()
    opened.wait_for_selector("#chart-funnel .main-svg")
    assert opened.requests == [file.as_uri()] and opened.errors == []


def test_its_own_policy_lets_nothing_out_and_no_script_in(browser: Any, file: Path) -> None:
    view = page_of(browser, file.as_uri())
    with socket.create_server(("127.0.0.1", 0)) as listening:
        away = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert view.evaluate(f"fetch('{away}/').then(() => 'let', () => 'refused')") == "refused"
        view.evaluate(
            f"document.body.insertAdjacentHTML('beforeend', '<img src={away}/x.png><link rel=stylesheet href={away}/x.css>')"
        )
        inject = "s.textContent = 'window.hacked = 3'; document.body.append(s)"
        view.evaluate(f"(() => {{ const s = document.createElement('script'); {inject} }})()")
        view.wait_for_timeout(300)
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert view.evaluate("window.hacked") is None
    view.close()


def test_filters_leave_what_is_like_them(opened: Any, folder: Path) -> None:
    samples = read_run(folder).samples
    assert filtered(opened) == len(samples)
    assert filtered(opened, language="ar") == sum(s["language"] == "ar" for s in samples)
    assert (
        filtered(opened, set="evaluation-after") == sum(s["set"] == "evaluation-after" for s in samples) == 12
    )
    assert filtered(opened, kind="world_time") == sum(s["kind"] == "world_time" for s in samples)
    trained = [s for s in samples if s["set"] == "training"]
    assert filtered(opened, set="training", first="2", last="2") == sum(s["step"] == 2 for s in trained)
    assert filtered(opened, part="outcome", high="0.4") == sum(s["parts"]["outcome"] < 0.4 for s in samples)
    assert filtered(opened, text="NOTHING was") == sum("nothing was done" in str(s["notes"]) for s in samples)
    assert filtered(opened, text=HEBREW[1][:9]) == 1
    assert filtered(opened, text="no sample says this") == 0
    assert "No sample is like that" in opened.inner_text("#detail")


def test_the_worst_come_first_where_asked(opened: Any) -> None:
    filtered(opened, set="training", sort="worst")
    assert opened.inner_text("#list .row >> nth=0").startswith("0.00")
    filtered(opened, set="training", sort="best")
    assert opened.inner_text("#list .row >> nth=0").startswith("1.00")


def test_what_a_model_wrote_is_text_and_does_nothing(opened: Any) -> None:
    assert filtered(opened, text="window.hacked = 1") == 2  # of two kinds of task
    shown = opened.inner_text("#detail")
    assert "</script><script>window.hacked = 1</script><img src=x" in shown
    assert "U+202E" in shown and "U+001B" in shown and "\u202e" not in shown
    assert opened.locator("#detail img, #detail script, #detail style, #list img").count() == 0
    assert opened.evaluate("window.hacked") is None and opened.errors == []


@pytest.mark.parametrize(("language", "letter"), [("ar", r"[\u0600-\u06ff]"), ("he", r"[\u0590-\u05ff]")])
def test_right_to_left_text_stands_right(opened: Any, language: str, letter: str) -> None:
    """Its first letter is to the right of its last one, and the line begins at the right edge."""
    filtered(opened, language=language)
    places = opened.evaluate(
        """(letter) => {
          const home = document.querySelector('#detail .user .text');
          const text = document.createTreeWalker(home, NodeFilter.SHOW_TEXT).nextNode();
          const letters = [...text.data].map((l, i) => [l, i]).filter(([l]) => new RegExp(letter, 'u').test(l));
          const at = ([, i]) => { const r = new Range(); r.setStart(text, i); r.setEnd(text, i + 1);
            return r.getBoundingClientRect(); };
          return { first: at(letters[0]).right, last: at(letters.at(-1)).left, edge: home.getBoundingClientRect().right,
            direction: getComputedStyle(home).direction };
        }""",
        letter,
    )
    assert places["direction"] == "rtl" and places["first"] > places["last"]
    assert abs(places["edge"] - places["first"]) < 3


def test_the_keyboard_is_enough(opened: Any) -> None:
    filtered(opened, set="training", language="fr")
    opened.click("#list .row >> nth=0")
    opened.keyboard.press("j")
    opened.keyboard.press("ArrowDown")
    chosen = "#list [aria-selected='true']"
    assert opened.get_attribute(chosen, "id") == "row-2"
    assert opened.get_attribute("#list", "aria-activedescendant") == "row-2"
    opened.keyboard.press("k")
    first = opened.inner_text("#siblings .here")
    opened.keyboard.press("]")
    opened.wait_for_timeout(100)
    assert opened.inner_text("#siblings .here") != first
    opened.keyboard.press("/")
    assert opened.evaluate("document.activeElement.id") == "f-text"
    opened.keyboard.press("Escape")
    assert opened.evaluate("document.activeElement.id") == "list"
    opened.keyboard.press("End")
    assert opened.get_attribute(chosen, "aria-posinset") == str(count(opened))


def test_a_group_shows_its_samples_with_their_advantages(opened: Any, folder: Path) -> None:
    filtered(opened, set="training", language="en", first="1", last="1")
    members = [s for s in read_run(folder).samples if s["task_id"] == "catalog/train/set_alarm/1/en"]
    rows = opened.locator("#siblings tbody tr").all_inner_texts()
    assert [float(row.split("\t")[2]) for row in rows] == pytest.approx(
        [s["advantage"] for s in members], abs=1e-3
    )


def test_figures_of_a_chart_are_in_its_table(opened: Any, folder: Path) -> None:
    opened.locator("#chart-reward details summary").click()
    table = opened.inner_text("#chart-reward table").splitlines()
    trained = [s for s in read_run(folder).samples if s["set"] == "training" and s["step"] == 3]
    english = [s["reward"] for s in trained if s["language"] == "en"]
    column = table[0].split("\t").index("en")
    assert float(table[-1].split("\t")[column]) == pytest.approx(sum(english) / len(english), abs=1e-3)


def test_light_and_dark(browser: Any, file: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        view = browser.new_page(color_scheme=scheme)
        view.goto(file.as_uri())
        grounds.append(view.evaluate("getComputedStyle(document.body).backgroundColor"))
        view.close()
    assert grounds == ["rgb(255, 255, 255)", "rgb(18, 22, 28)"]


def test_many_samples_are_few_rows(browser: Any, folder: Path, tmp_path: Path) -> None:
    run = read_run(folder)
    run.samples = [s | {"step": n} for n in range(20_000 // len(run.samples) + 1) for s in run.samples][
        :20_000
    ]
    path = tmp_path / "many.html"
    path.write_text(page([run], 20_000), encoding="utf-8")
    assert path.stat().st_size <= BYTES
    view = browser.new_page(viewport={"width": 1300, "height": 900})
    view.goto(path.as_uri())
    view.wait_for_selector("html[data-ready]")
    assert count(view) == 20_000
    view.focus("#list")
    view.keyboard.press("End")
    view.wait_for_timeout(200)
    assert view.get_attribute("#list [aria-selected='true']", "id") == "row-19999"
    assert view.locator("#list .row").count() < 60
    view.close()


def test_a_served_page_follows_the_run(browser: Any, tmp_path: Path) -> None:
    from playwright.sync_api import expect

    folder = apart(run_folder, tmp_path, steps=2, ended=False)
    with server([folder], 20_000) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        home = f"http://127.0.0.1:{running.server_port}"
        view = browser.new_page()
        view.goto(f"{home}/")
        expect(view.locator("#count")).to_contain_text("samples", timeout=30_000)
        before = count(view)
        assert "goes on" in view.inner_text("#run-cards")
        rows = apart(step_rows, 2)
        RunFolder(folder).step(GenerationBatch(2, rows, {"sampling": 1.0}))
        expect(view.locator("#count")).to_contain_text(f"of {before + len(rows)} ", timeout=30_000)
        view.close()
        stranger = urllib.request.Request(
            f"{home}/data", headers={"Host": f"evil.example:{running.server_port}"}
        )
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(stranger)
        running.shutdown()
