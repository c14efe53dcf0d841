"""Du or Sie, tu or vous, です・ます or plain: how a reply speaks to its reader."""

import re

from rewards.culture.customs import Manner, Register
from rewards.culture.reply_view import Finding, Said


def register(said: Said) -> Finding | None:
    """Broken by a mixture, by familiar words to a user who is formal (or is owed it by default), and by
    words of address that only other countries use. More formal than the user is no mistake."""
    rules = said.customs.register
    if rules is None:
        return None
    if rules.elsewhere and (found := rules.elsewhere.search(said.prose)):
        return Finding(False, f"{found[0]!r} is not said in {said.task.locale}")
    for forms in rules.clash:
        if all(words := [form.search(said.prose) for form in forms]):
            return Finding(False, f"mixes {' and '.join(repr(word[0]) for word in words if word)}")
    asked = _asked(said.asked, rules) if rules.mirror else None
    used = _used(said.prose, rules, asked)
    if not used:
        return None
    if len(used) == 2:
        return Finding(False, f"mixes {' and '.join(repr(word) for word in used.values())}")
    (manner, word) = next(iter(used.items()))
    due = asked or rules.default
    if manner == "familiar" and due == "formal":
        return Finding(False, f"{word!r} is familiar where formal speech is due")
    return Finding(True, f"{word!r} is {manner}")


def _used(text: str, rules: Register, asked: Manner | None) -> dict[Manner, str]:
    """The manners that a text is in, each with a word that shows it."""
    found: dict[Manner, str] = {}
    if formal := rules.formal.search(text):
        found["formal"] = formal[0]
    # です ends in a familiar ending's letters, as 니다 does: formal words are taken out first, and what stood
    # before them (the 마 of 마세요) ends no sentence.
    rest = rules.formal.sub("|", text)
    familiar = _search(rules.opening, rest) or rules.familiar.search(rest)
    if not familiar and "formal" in (asked, *found):
        familiar = _search(rules.beside, rest)
    if familiar:
        found["familiar"] = familiar[0]
    return found


def _asked(text: str, rules: Register) -> Manner | None:
    """The manner of the request; None where it does not tell, or is mixed."""
    formal = rules.formal.search(text) or _search(rules.asked_formal, text)
    rest = rules.formal.sub("|", text)
    familiar = rules.familiar.search(rest) or _search(rules.asked_familiar, rest)
    if bool(formal) == bool(familiar):
        return None
    return "formal" if formal else "familiar"


def _search(pattern: re.Pattern[str] | None, text: str) -> re.Match[str] | None:
    return pattern.search(text) if pattern else None
