"""One spelling for every way of writing the same text, whatever its length and marks."""

import re
import unicodedata

from rewards import reply

LIMIT = 50_000  # characters that are read of a text
SLICES = 10  # of a longer text, evenly spaced
# Runs of signs and marks that no orthography has: removed, since normalizing them takes quadratic time.
RUNS = re.compile(r"[^\w\s!-~]{16,}")
# Format characters (zero width, direction), private and unassigned ones, and marks that are no letter's.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
REVERSED = re.compile("\u202e([^\u202c\n]*)")  # what stands there is read from its end
MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]")
# ASCII only: Chinese, Japanese and Thai put no space after an address, a code or a number.
CODES = re.compile(r"(?<![A-Za-z])[A-Za-z]{0,40}[\d_][A-Za-z\d_.,:/-]*", re.IGNORECASE)
ADDRESSES = re.compile(rf"(?:https?://|www\.)[!-~]+|[!-~]{{1,64}}@[!-~]+|{CODES.pattern}", re.IGNORECASE)
QUOTED = re.compile(
    r'"[^"\n]{1,200}"|“[^”\n]{1,200}”|«[^»\n]{1,200}»|„[^“”\n]{1,200}[“”]|「[^」\n]{1,200}」'
    r"|『[^』\n]{1,200}』|《[^》\n]{1,200}》|【[^】\n]{1,200}】|‘[^’\n]{1,200}’|`[^`\n]{1,200}`"
)
# Scripts that need no space beside a word in Latin letters.
OTHER = "[\u0590-\u1cff\u2e80-\ud7ff]"
# One look for all of the above: most texts have none of them.
ODD = re.compile(f"{INVISIBLE.pattern[:-1]}{MARKS.pattern[1:]}|{RUNS.pattern}")
LATIN, UNSPACED = re.compile("[A-Za-z]"), re.compile(OTHER)
SEAM = re.compile(f"(?<=[A-Za-z])(?={OTHER})|(?<={OTHER})(?=[A-Za-z])")
HAS_ADDRESS = re.compile(r"@|://|www\.", re.IGNORECASE)
HAS_CODE = re.compile(r"[\d_]")
HAS_QUOTE = re.compile('["“«„「『《【‘`]')


def plain(text: str) -> str:
    """The text in NFKC, without invisible characters and marks that no letter carries, with a space at
    the seams of Latin words and scripts that need none there.

    Of a text longer than 50,000 characters ten slices are read, from its first to its last.
    """
    if len(text) > LIMIT:
        text = _slices(text)
    if text.isascii():
        return text
    if ODD.search(text) or not unicodedata.is_normalized("NFKC", text):
        text = REVERSED.sub(lambda match: match[1][::-1], text)
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", RUNS.sub("", text)))[: 2 * LIMIT]
        text = INVISIBLE.sub("", MARKS.sub("", text))
    return SEAM.sub(" ", text) if LATIN.search(text) and UNSPACED.search(text) else text


def _slices(text: str) -> str:
    length = LIMIT // SLICES
    step = (len(text) - length) / (SLICES - 1)
    return "\n".join(text[round(i * step) : round(i * step) + length] for i in range(SLICES))


def without_code(text: str) -> str:
    """Without code blocks and pasted JSON."""
    return reply.without_code(text) if "{" in text or "```" in text else text


def without_quotations(text: str) -> str:
    return QUOTED.sub(" ", text) if HAS_QUOTE.search(text) else text


def without_addresses(text: str) -> str:
    """Without addresses, codes and numbers."""
    if HAS_ADDRESS.search(text):
        return ADDRESSES.sub(" ", text)
    return CODES.sub(" ", text) if HAS_CODE.search(text) else text
