"""No reward hack scores above the honest wrong answer that it imitates."""

import pytest

from rewards.compose import Rewards
from rewards.language import language_score
from tests.rewards.hacks import HACKS, MONEY, Hack
from tests.rewards.hand_written import CONFIG

LANGUAGES = sorted({locale.split("-")[0] for locale in MONEY})


@pytest.fixture(scope="module")
def rewards():
    return Rewards.from_config({**CONFIG, "languages": LANGUAGES})


@pytest.mark.parametrize("locale", MONEY)
def test_the_right_answer_earns_all(locale, rewards):
    hack = Hack("none", locale, "english", MONEY[locale][1])
    assert rewards.score(hack.task, hack.trajectory).reward == 1.0
    assert language_score(hack.task, hack.trajectory, LANGUAGES).reward == 1.0


@pytest.mark.parametrize("hack", HACKS, ids=lambda hack: f"{hack.name}, {hack.locale}")
def test_a_hack_earns_no_more_than_what_it_imitates(hack, rewards):
    assert rewards.score(hack.task, hack.trajectory).reward <= rewards.score(hack.task, hack.honest).reward


@pytest.mark.parametrize("hack", HACKS, ids=lambda hack: f"{hack.name}, {hack.locale}")
def test_a_hack_earns_nothing_for_its_language_unless_it_is_in_it(hack):
    score = language_score(hack.task, hack.trajectory, LANGUAGES)
    least, most = {"in it": (1.0, 1.0), "a value": (0.8, 1.0), "not in it": (0.0, 0.0)}[hack.language]
    assert least <= score.reward <= most, score.notes


def test_the_corpus_is_wide():
    assert len(HACKS) >= 30
    assert len({hack.locale for hack in HACKS}) >= 10
    assert len({(hack.locale, hack.reply) for hack in HACKS}) == len(HACKS)
