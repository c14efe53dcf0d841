"""A reply as it is read: bounded, and without what its markup hides or crosses out."""

import re

SURROGATE = re.compile("[\ud800-\udfff]")  # halves of a character, which are no text
SPACES = re.compile(r"\s{3,}")
# Signs and marks in numbers that no orthography has: to normalize them takes quadratic time.
STACKED = re.compile(r"[^\w\s!-~]{16,}")
CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)", re.DOTALL)
MARKUP = re.compile(
    r"~~.{1,500}?~~"  # crossed out
    r"|!\[[^\]\n]{0,500}\]\([^)\n]{0,500}\)?|(?<=\])\([^)\n]{0,500}\)?"  # pictures, and where links lead
    r"|^\[[^\]\n]{0,500}\]:[^\n]*$"
    r"|\\[hv]?phantom\{[^}\n]{0,500}\}"
    r"|<!--.*"  # that nobody closed
    r"|<(?P<unseen>script|style|template|del|strike|s)\b.*?(?:</(?P=unseen)>|\Z)"
    r"|<(?!a\b)(?P<dressed>[a-z]\w{0,20})\s[^<>]{1,500}>.*?(?:</(?P=dressed)>|\Z)"  # in white letters, hidden
    r"|<a\s[^<>]{1,500}>",
    re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
MARKS = re.compile(r"[~\[\\<]")
# What was to be filled in: {answer}, [TIME], <CITY>, XX:XX, ____
BLANK = re.compile(
    r"\{\{?\s?[A-Za-z_][\w. ]{0,30}\}|\[[A-Z][A-Z_ ]{2,30}\]|<[A-Z][A-Z_]{2,30}>"
    r"|(?<![^\W_])[Xx]{1,4}[:.,/-][Xx]{2,4}(?![^\W_])|_{4,}|%[sd](?!\w)"
)


def tidy(text: str) -> str:
    """The text without what makes it slow to read and says nothing: stacks of marks, pages of empty lines."""
    if not text.isascii():
        text = STACKED.sub("", SURROGATE.sub("\ufffd", text))
    return SPACES.sub(lambda run: "\n\n" if "\n" in run[0] else " ", text)


def unhidden(text: str) -> str:
    """The text without code blocks and without what a reader of the rendered page does not see, or sees crossed out."""
    text = CODE.sub(" ", text)
    return MARKUP.sub(" ", text) if MARKS.search(text) else text


def blanks(text: str) -> list[str]:
    """The places of a text that were left to be filled in."""
    return [match[0] for match in BLANK.finditer(text)]
