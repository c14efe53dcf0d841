"""What natives say every day is their language: the replies that no table has seen (every fourth of ``benchmarks/spoken``)."""

from pathlib import Path

import pytest

from rewards.language import LanguageVerifier
from tests.rewards.hand_written import LANGUAGES

SPOKEN = Path("benchmarks/spoken")


@pytest.fixture(scope="module")
def verifier():
    return LanguageVerifier(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_hardly_a_native_reply_is_taken_for_another_language_or_none(verifier, language):
    kept_back = (SPOKEN / f"{language}.txt").read_text("utf-8").splitlines()[3::4]
    lost = [text for text in kept_back if verifier.verify(text, language).match is False]
    assert len(kept_back) > 300 and len(lost) <= 0.02 * len(kept_back), lost[:5]


@pytest.mark.parametrize("language", ["de", "en", "es", "fr", "pt"])
def test_none_of_them_passes_as_swahili_which_shares_their_letters(verifier, language):
    texts = (SPOKEN / f"{language}.txt").read_text("utf-8").splitlines()
    assert not [text for text in texts if verifier.verify(text, "sw").match is True]
