"""What natives say every day is their language: the replies that no table has learned from (every fourth of ``benchmarks/spoken``).

The bars for the order of words were set by them, nothing else was."""

import pytest

from benchmarks.order_table import spoken
from rewards.language import LanguageVerifier
from tests.rewards.hand_written import LANGUAGES


@pytest.fixture(scope="module")
def verifier():
    return LanguageVerifier(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_a_native_reply_is_taken_for_another_language_or_none(verifier, language):
    _, kept_back = spoken(language)
    lost = [text for text in kept_back if verifier.verify(text, language).match is False]
    assert len(kept_back) > 300 and len(lost) <= 0.02 * len(kept_back), lost[:5]


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "pt"])
def test_none_of_them_passes_as_swahili_which_shares_their_letters(verifier, language):
    learned, kept_back = spoken(language)
    assert not [text for text in learned + kept_back if verifier.verify(text, "sw").match is True]
