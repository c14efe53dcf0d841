"""One spelling for every way of writing the same text, whatever its length and marks."""

import re
import unicodedata

from rewards.language.tokens import english, glued
from rewards.text.visible import STACKED

GAP = "\x1f"  # stands where a value, a code or a number was taken out; among words it is a space
LIMIT = 50_000  # characters that are read of a text
SLICES = 10  # of a longer text, evenly spaced
# Format characters (zero width, direction), private and unassigned ones, and marks that are no letter's.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
REVERSED = re.compile("\u202e([^\u202c\n]*)")  # what stands there is read from its end
MARKS = re.compile("[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]")
# ASCII only: Chinese, Japanese and Thai put no space after an address, a code or a number. What ends a
# sentence is no part of them.
CODES = re.compile(
    r"[A-Za-z\d-](?:(?<=[A-Z])[A-Z]{0,2}(?=[$€£¥])|(?<![A-Za-z\d][A-Za-z\d-])(?:(?<=\d)|(?<!\d)[A-Za-z-]{0,39}+\d)"
    r"(?:[A-Za-z\d.,:/-]*[A-Za-z\d])?)"
)
ADDRESSES = re.compile(
    rf"(?:https?://|www\.)[!-~]+|[!-?A-~]{{1,64}}@[a-z\d-]{{1,63}}(?:\.[a-z\d-]{{1,63}}){{1,8}}|{CODES.pattern}",
    re.IGNORECASE,
)
# Words in disguise: al4rm, your1alarm, yourAlarmIsSet, your-alarm-is-set, your=alarm, youralarmisset; and letters that are
# no words: R.E.M.
DIGITS_AS_LETTERS = re.compile(r"[A-Za-z]*[a-z]\d[a-z][A-Za-z\d]*")
LETTERS = str.maketrans("0134578", "oieastb")
HUMPS = re.compile(r"(?<![A-Za-z])[A-Z]{0,3}[a-z]+(?:[A-Z]+[a-z]+)+")
SEVERAL = 4  # words with capitals that are no name, whatever they are
JOINED = re.compile(r"(?<![A-Za-z])[A-Za-z]+(?:[-./_+|'’][A-Za-z]+){3,}")
# What stands between words, if it is no letter, mark or apostrophe; alone a hyphen or a dot may be a word's own, and
# Catalan's dot: col·lega. Words of one letter are ends: client(e), SMS:n.
WORDS = "A-Za-zÀ-ÖØ-öø-ʯͰ-ҁҊ-֏"
BETWEEN = re.compile(
    rf"(?<=[{WORDS}]{{2}})(?![-.][{WORDS}]|(?<=[lL])·[lL])[^\w\s'’ʼ\u0300-\u036f\u0483-\u0489\u0590-\u1cff]+(?=[{WORDS}]{{2}})"
)
GLUED = re.compile(r"(?<![A-Za-z\d])[A-Za-z]{14,}(?![A-Za-z\d])")  # shorter ones are one word each
INITIALS = re.compile(r"(?<!\w)(?:[A-ZÀ-ÞА-Я]\.){1,8}")
# Scripts that need no space beside a word in Latin letters.
OTHER = "[\u0590-\u1cff\u2e80-\ud7ff]"
# Looks that most texts end with. Each pattern begins with a class of characters, which is found fast.
ODD = re.compile(f"{INVISIBLE.pattern[:-1]}{MARKS.pattern[1:-1]}\u1d00-\u1d2b\U0001f150-\U0001f189]")
RUN = re.compile(r"[^\w\s!-~][^\w\s!-~]{15}")
LATIN, UNSPACED = re.compile("[A-Za-z]"), re.compile(OTHER)
SEAM = re.compile(f"(?<=[A-Za-z])(?={OTHER})|(?<={OTHER})(?=[A-Za-z])")
WEB = re.compile(r"[wW]{3}\.")
DISGUISED = re.compile(r"[a-z]\d[a-z]")
HAS_CODE = re.compile(r"[\d$€£¥]")
UNUSUAL = re.compile(
    r"[-./+|'’A-ZÀ-ÞА-Я](?:(?<=[a-z][A-Z])|(?<=[A-Za-z][-./+|'’])(?=[A-Za-z])|(?<=[^-./+|'’])\.)"
)
# Letters in signs that normalization leaves alone: 🅐 and 🅰, and small capitals.
SIGNS = {start + i: chr(65 + i) for start in (0x1F150, 0x1F170) for i in range(26)}
SIGNS |= dict(zip(map(ord, "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ"), "abcdefghijklmnopqrstuvwyz", strict=True))


def plain(text: str) -> str:
    """The text in NFKC, without invisible characters and marks that no letter carries, with a space at
    the seams of Latin words and scripts that need none there.

    Of a text longer than 50,000 characters ten slices are read, from its first to its last.
    """
    if len(text) > LIMIT:
        text = _slices(text)
    if text.isascii():
        return text
    if ODD.search(text) or RUN.search(text) or not unicodedata.is_normalized("NFKC", text):
        text = REVERSED.sub(lambda match: match[1][::-1], text.translate(SIGNS))
        text = unicodedata.normalize("NFKC", INVISIBLE.sub("", STACKED.sub("", text)))[: 2 * LIMIT]
        text = INVISIBLE.sub("", MARKS.sub("", text))
    return SEAM.sub(" ", text) if LATIN.search(text) and UNSPACED.search(text) else text


def _slices(text: str) -> str:
    length = LIMIT // SLICES
    step = (len(text) - length) / (SLICES - 1)
    return "\n".join(text[round(i * step) : round(i * step) + length] for i in range(SLICES))


def is_reversed(text: str) -> bool:
    return "\u202e" in text


def has_address(text: str) -> bool:
    """Whether there may be an address, whose text is looked at more closely."""
    return "@" in text or "://" in text or (("w." in text or "W." in text) and bool(WEB.search(text)))


def without_addresses(text: str) -> str:
    """Without addresses, codes, numbers and initials, and with words that are joined or have digits for
    letters as words."""
    if "_" in text:
        text = text.replace("_", " ")
    if UNUSUAL.search(text):
        text = INITIALS.sub(" ", HUMPS.sub(_named, JOINED.sub(_apart, text)))
    if has_address(text):
        text = ADDRESSES.sub(_word_or_nothing, text)
    elif HAS_CODE.search(text):
        text = CODES.sub(_word_or_nothing if DISGUISED.search(text) else GAP, text)
    return GLUED.sub(_words, BETWEEN.sub(" ", text))


def _apart(joined: re.Match[str]) -> str:
    return re.sub(r"[-./_+|'’]", " ", HUMPS.sub(_named, joined[0]))


def _named(humps: re.Match[str]) -> str:
    """The words that are written as one with capitals; a name of a few, such as YouTube, stays, but not what is all
    everyday English."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", humps[0])
    parts = words.lower().split()
    if len(parts) < SEVERAL and not english().issuperset(parts):
        return humps[0]
    return words if words[0].isupper() else words.lower()


def _words(long: re.Match[str]) -> str:
    return " ".join(glued(long[0].lower())) or long[0]


def _word_or_nothing(code: re.Match[str]) -> str:
    """The word that has digits for letters, or the words that have them between; else a gap."""
    words = re.split(r"\d+", code[0].lower())
    if len(words) > 1 and english().issuperset(words):
        return f" {' '.join(words)} "
    return f" {code[0].translate(LETTERS)} " if DIGITS_AS_LETTERS.fullmatch(code[0]) else GAP
