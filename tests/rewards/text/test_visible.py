"""What a reader of a reply sees, and what was left to be filled in."""

import subprocess
import sys

import pytest

from rewards.text.visible import blanks, tidy, unhidden

HIDDEN = [
    "~~7:30~~", "[x](http://x/ 7:30)", "![7:30](x)", "\n[//]: # (7:30)", "\\phantom{7:30}", "<!-- 7:30", "<del>7:30</del>",
    "<script>7:30</script>", '<a title="7:30">x</a>', '<font color="white">7:30</font>', "<span hidden>7:30</span>",
    "```\n7:30\n```", "~~~\n7:30\n~~~", "```7:30",
]  # fmt: skip
SEEN = [
    "**7:30**", "<b>7:30</b>", '<a href="x">7:30</a>', "[7:30](http://x)", "~7:30", "~ 7:30 ~", "7:30 <3", "a < b, 7:30", "_7:30_", "`7:30`",
    "1. 7:30", "| 7:30 |", "≈7:30 [OK]",
]  # fmt: skip
BLANKS = ["It rings at XX:XX.", "xx/xx/2026", "Hello {name}", "{{ city }}", "[TIME]", "<CITY>", "____", "%s"]
NO_BLANKS = [
    "[OK]",
    "I <3 it",
    "XXL",
    "100 %",
    "xx",
    "{7:30}",
    "Max: 5",
    "a_b",
    "[1]",
    "[Anna]",
    "XX. Jahrhundert",
]
# Each would take minutes if reading it took quadratic time.
PROGRAM = """
from rewards.facts.verdicts import verdict
from rewards.facts.cldr import cldr
from rewards.text.normalize import fold
from rewards.text.visible import blanks, tidy, unhidden

for text in (
    "ﷺ" * 19_000, "ﬃﷺ㋿㍻㍿" * 6_000, "\\n" * 200_000 + "a", "a" + "\\u0301\\u0323" * 60_000, "ก" + "\\u0e48\\u0e49" * 60_000, "9 " * 50_000,
    "<s " * 50_000, "~~a" * 50_000, "](" * 50_000, "[" * 100_000, "<a " * 50_000, "{a" * 50_000, "[AAA" * 30_000, "<!--" * 30_000, "_" * 100_000,
):
    for seen in (text, tidy(text)):
        blanks(unhidden(seen))
        verdict(["valid"], ["not…valid"], seen[:60_000], cldr("de-DE"))
    fold(tidy(text))
"""


@pytest.mark.parametrize("text", HIDDEN)
def test_what_no_reader_sees_is_not_said(text):
    assert "7:30" not in unhidden(f"Done. {text}")


@pytest.mark.parametrize("text", SEEN)
def test_what_a_reader_sees_is(text):
    assert "7:30" in unhidden(f"Done. {text}")


def test_a_blank_is_one_and_a_sign_is_none():
    assert [text for text in BLANKS if not blanks(text)] == []
    assert [text for text in NO_BLANKS if blanks(text)] == []


def test_a_tidy_text_says_the_same():
    assert tidy("a  b\n\nc") == "a  b\n\nc"
    assert tidy("a \n \n \n b    c") == "a\n\nb c"
    assert tidy("e\u0301 ก็ वि 👍🏽👍🏽") == "e\u0301 ก็ वि 👍🏽👍🏽"
    assert tidy("a\ud800b") == "a\ufffdb"


def test_no_text_takes_long():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], timeout=120, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
