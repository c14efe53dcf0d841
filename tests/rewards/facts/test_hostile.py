"""Texts that would take minutes if a pattern were quadratic: a child with a generous limit reads them all."""

import subprocess
import sys

PROGRAM = """
from rewards.facts import local, stated
from rewards.facts.telling import told

FACTS = [
    {"kind": "time", "value": "19:30"}, {"kind": "date", "value": "2026-03-14"},
    {"kind": "number", "value": 30, "unit": "minute"}, {"kind": "money", "value": 212.5, "currency": "EUR"},
    {"kind": "temperature", "value": -3}, {"kind": "text", "value": "567982"}, {"kind": "text", "value": "buy milk"},
    {"kind": "text", "value": "", "verdict": True, "yes": ["valid"], "no": ["not…valid"]},
]
for text in (
    "." * 19_000, "a" + "\\u0301" * 60_000, "1" * 100_000, "1 " * 50_000, "1," * 50_000, "7:31 " * 20_000,
    "thousand " * 12_000, "half past " * 10_000, "buy " * 25_000, "一" * 60_000, "万" * 60_000, "이" * 60_000,
    "half an hour " * 6_000, "半小时" * 25_000, "mile and a half " * 5_000, "1,80," * 15_000, "about 63 " * 9_000,
    "สิบ" * 30_000, "fünf" * 25_000, " " * 60_000, "not " * 25_000, "212 euros " * 10_000, "-" * 60_000,
):
    for locale in ("en-US", "de-DE", "zh-CN", "ko-KR", "th-TH"):
        told(FACTS, text, locale, text)
"""


def test_no_text_takes_long():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], timeout=240, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
