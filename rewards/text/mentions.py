"""Where names stand in a text, whatever ending they take there: Москва in "в Москве"."""

from collections.abc import Iterable, Iterator

from rewards.text.normalize import ARABIC_PREFIXES, spaced

SHORT = 3  # letters of a name that stands alone or not at all: NYC, Rom


def mentions(names: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    """Where each of the folded names stands in a folded text, to the end of what is known of the word."""
    for name in filter(None, names):
        short = len(name) <= SHORT and name.isascii()
        whole = len(name) <= SHORT or not spaced(name[-1]) or (name.isascii() and len(name) == SHORT + 1)
        stem = name if whole else name[:-1]
        at = text.find(stem)
        while at >= 0:
            end = at + len(stem)
            end += stem != name and text[end : end + 1] == name[-1]
            if _starts_word(text, at) and not (short and spaced(text[end : end + 1] or " ")):
                yield at, end
            at = text.find(stem, end)


def _starts_word(text: str, at: int) -> bool:
    """Whether a word starts here, after an Arabic preposition perhaps."""
    if not at or not spaced(text[at]) or not spaced(text[at - 1]):
        return True
    return text[at - 1] in ARABIC_PREFIXES or text[max(0, at - 2) : at] == "لل"
