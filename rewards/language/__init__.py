"""Whether a text is in the language that was expected of it, and the reward for it."""

from rewards.language.reward import language_match, language_score
from rewards.language.verifier import LanguageVerifier, Shares, Verdict

__all__ = ["LanguageVerifier", "Shares", "Verdict", "language_match", "language_score"]
