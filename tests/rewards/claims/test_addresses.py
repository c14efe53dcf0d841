"""The reply that sends the money to somebody else: another number, code or address alone in the place of the one asked for."""

import time

import pytest

from rewards.claims.addresses import names_another_address
from rewards.outcome import told
from rewards.samples import gold, trajectory
from rl.data.catalog import load, make

# task, language, the reply with what is written {so}; how natives may write the right one, and another
NAMED = [
    ("send_money", "en", "Sent $820 to {}.", ["(415) 555-0132", "4155550132", "+1 415 555 0132", "415-555-0132", "the number ending in 0132"], ["(415) 555-0133", "+1 212 555 0132"]),
    ("send_money", "es", "He enviado 820 euros al {}.", ["633 90 21 76", "+34 633902176", "móvil que me diste"], ["633 90 21 77", "633-902-177"]),
    ("send_money", "sw", "Shilingi 8,200 zimetumwa kwa {}.", ["0745618020", "0745 618 020", "+254 745 618020", "namba hiyo"], ["0745618002", "0745 618 002"]),
    ("send_pix", "pt", "Fiz o Pix de R$ 235,00 para {}.", ["+5531988887777", "(31) 98888-7777", "você"], ["+5531988887770", "(31) 98888-7770"]),
    ("send_upi", "hi", "{} को 860 रुपये भेज दिए।", ["books@hdfcbank", "दुकानदार", "Books@HDFCBank"], ["shop@hdfcbank", "books@okaxis"]),
    ("send_upi", "te", "{} కి 860 రూపాయలు పంపించాను.", ["books@hdfcbank"], ["book@hdfcbank"]),
    ("redirect_parcel", "en", "{} goes to the pickup point on March 10.", ["RR936044507DE", "RR 936 044 507 DE", "Your package"], ["RR936044508DE"]),
    ("redirect_parcel", "de", "Ihr Paket kommt am 10.03.2026 in den Paketshop{}.", ["", " (RR936044507DE)"], [" (RR936044570DE)"]),
]  # fmt: skip


@pytest.mark.parametrize("row", NAMED, ids=lambda row: f"{row[0]}-{row[1]}")
def test_another_number_in_the_place_of_the_right_one_tells_nothing(row):
    kind, language, reply, right, wrong = row
    task = make(kind, language)
    for named, paid in [*((one, 1.0) for one in right), *((one, 0.0) for one in wrong)]:
        said = reply.format(named)
        assert told(task, trajectory(task, gold(task).calls, said)) == paid, said


def test_what_is_left_and_when_are_no_numbers_of_somebody():
    task = make("send_money", "fr")
    for said in (
        "Il est parti le 10.03.2026 à 14:45.",
        "Réf. du 2026-03-10 18:50.",
        "Il vous reste 1 234 567 euros.",
    ):
        assert not names_another_address(task, said), said


@pytest.mark.parametrize("split", ["train", "test"])
def test_no_reply_of_the_catalog_names_another(split):
    for task in load(split, per_tool=1):
        assert not names_another_address(task, task.expected.reply or ""), task.expected.reply


@pytest.mark.parametrize(
    "text", ["1 " * 200_000, "a" * 400_000, "a@" * 200_000, "1.(" * 100_000, "a@b." * 100_000]
)
def test_hostile_text_is_read_at_once(text):
    started = time.perf_counter()
    for kind in ("send_money", "send_upi"):
        names_another_address(make(kind, "en"), text)
    assert time.perf_counter() - started < 1.0
