"""Finding one time of day in a text, on a 24-hour or a 12-hour clock."""

import re
from collections.abc import Iterator
from datetime import time
from functools import lru_cache

from rewards.facts.cldr import Cldr, cldr, unquoted
from rewards.facts.numbers import Found, digits_known
from rewards.facts.text import Plain, fold, matches

# Words that stand between hour and minutes, or after a full hour, by language.
HOUR_WORDS = {
    "de": ("uhr",), "fr": ("heures", "heure", "h"), "es": ("horas", "hora", "h"),
    "pt": ("horas", "hora", "h"), "it": ("ore", "h"), "ru": ("часов", "часа", "час", "ч."),
    "zh": ("点钟", "点", "點", "时", "時"), "ja": ("時",), "ko": ("시",), "ar": ("ساعة",),
    "hi": ("बजकर", "बजे"), "bn": ("টায়", "টা"), "te": ("గంటలకు", "గంటల", "గంటలు"),
    "th": ("นาฬิกา", "น.", "โมง"), "vi": ("giờ",), "en": ("o'clock", "h"), "sw": ("saa",),
}  # fmt: skip
BEFORE_HOUR = {"ar": "الساعة", "sw": "saa", "id": "pukul"}
DOTTED = frozenset({"de", "it", "es", "fi", "da", "id", "nb", "no", "sv", "en", "sw", "et", "tr"})
MINUTE_WORD = r"(?:\s?(?:分|분|मिनट|মিনিট|నిమిషాలకు|h\b))?"
HALF = {"zh": "半", "ja": "半", "ko": "반"}
NEVER = r"(?!)"
# Common names of parts of the day which CLDR has only in other forms.
MORE_PERIODS = {
    "am": ("a.m.", "a. m.", "in the morning", "manhã", "mañana", "matin", "früh", "صباحا", "ص",
           "早上", "早晨", "朝", "새벽", "सवेरे", "সকালে", "ভোরে", "asubuhi", "โมงเช้า", "เช้า", "ఉదయం"),
    "pm": ("p.m.", "p. m.", "in the evening", "tonight", "afternoon", "evening", "tarde", "abend",
           "après-midi", "soir", "مساء", "م", "عصرا", "ظهرا", "傍晚", "晚", "晩", "夕方", "저녁",
           "বিকেলে", "বিকালে", "সন্ধ্যায়", "দুপুরে", "jioni", "mchana", "บ่าย", "เย็น", "ทุ่ม", "సాయంత్రం"),
    "night": ("noche", "noite", "nuit", "nacht", "ночи", "ليلا", "夜", "রাতে", "রাত", "usiku", "रात"),
}  # fmt: skip
ENGLISH_PERIODS = frozenset({
    "am", "pm", "a.m.", "p.m.", "midnight", "noon", "in the morning", "in the afternoon",
    "in the evening", "at night", "tonight", "afternoon", "evening",
})  # fmt: skip
SWAHILI_CLOCK = frozenset({"asubuhi", "mchana", "jioni", "usiku", "alfajiri"})
PARTING = re.compile(r"[,\n]")
NEAR = r"[\s,]{0,2}(?:(?:de la|de l'|da|du|de|des|in the|at|of|ya|za|के|को|في)\s?)?"


def find_time(value: str, text: Plain, locale: Cldr) -> Iterator[Found]:
    """All places that state "HH:MM"; a 12-hour form needs a word that says which half of the day."""
    moment = time.fromisoformat(value)
    hours = _hours(moment, locale)
    for match in matches(_pattern(locale), text.digits):
        if int(match["hour"]) not in hours or _minute(match) != moment.minute:
            continue
        verdict = _judge(match, moment, locale)
        if verdict is not None:
            known = verdict and digits_known(text.text[match.start() : match.end()], locale)
            yield Found(*match.span(), local=known)


def _hours(moment: time, locale: Cldr) -> set[int]:
    """The numbers that the hour goes by."""
    hours = {moment.hour, moment.hour % 12 or 12}
    return hours | {(moment.hour + 6) % 12 or 12} if locale.language == "sw" else hours


def _minute(match: re.Match[str]) -> int:
    return int(match["minute"] or (30 if match["half"] else 0))


@lru_cache(maxsize=256)
def _pattern(locale: Cldr) -> re.Pattern[str]:
    """Any time of day: compiled once, where one for each time would cost more than all the rest."""
    words = "|".join(re.escape(fold(w)) for w in _hour_words(locale))
    minutes = [f"(?P<sep>:|\\.|\\s?(?:{words})\\s?)(?P<minute>[0-5]\\d){MINUTE_WORD}"]
    minutes.append(f"(?P<half>\\s?(?:{words})\\s?{HALF.get(locale.language, NEVER)})")
    minutes.append(f"(?P<full>\\s?(?:{words})(?![^\\W\\d_])|(?=(?P<bare>\\D|$)))")
    if locale.language in ("zh", "ja", "ko", "th"):
        minutes.append(f"(?P<glued>\\s?(?:{words}))")
    return re.compile(
        rf"(?<!\d)(?<!\d[:.,/-])(?P<hour>\d{{1,2}})(?:{'|'.join(minutes)})(?:(?<=:\d\d):00)?(?!\d)(?![:.,/-]\d)"
    )


def _hour_words(locale: Cldr) -> list[str]:
    words = {*HOUR_WORDS.get(locale.language, ()), *HOUR_WORDS["en"]}
    return sorted(words, key=len, reverse=True)


def _judge(match: re.Match[str], moment: time, locale: Cldr) -> bool | None:
    """Whether the form is the locale's; None if it is not this time, or not a time at all."""
    groups = match.groupdict()
    hour, marker = int(match["hour"]), _marker(match, locale)
    bare = groups.get("bare") is not None and not groups.get("full")
    if bare and marker is None and not _announced(match, locale):
        return None
    if marker is None:
        return _separated(groups, locale) if hour == moment.hour else None
    if not _right_half(hour, moment, marker, locale):
        return None
    return _separated(groups, locale) and _marker_known(marker, locale)


def _announced(match: re.Match[str], locale: Cldr) -> bool:
    word = BEFORE_HOUR.get(locale.language)
    return bool(word) and match.string[max(0, match.start() - 12) : match.start()].rstrip().endswith(
        fold(word or "")
    )


def _separated(groups: dict[str, str | None], locale: Cldr) -> bool:
    separator = (groups.get("sep") or ":").strip()
    if separator == ".":
        return locale.language in DOTTED or "." in locale.locale.time_formats["short"].pattern
    own = {fold(w) for w in HOUR_WORDS.get(locale.language, ())}
    return separator == ":" or separator in own


def _marker(match: re.Match[str], locale: Cldr) -> str | None:
    """The word for a part of the day right after or right before the time.

    Of two it is the one that no comma and no line parts from it, else the one on the locale's own side.
    """
    later, earlier = _marker_patterns(locale)
    after = later.match(match.string[match.end() : match.end() + 28])
    before = earlier.search(match.string[max(0, match.start() - 24) : match.start()])
    if after and before:
        after_parted = bool(PARTING.search(after[0][: after.start(1)]))
        before_parted = bool(PARTING.search(before[0][before.end(1) - before.start() :]))
        takes_before = after_parted if after_parted != before_parted else _before_hour(locale)
        return before[1] if takes_before else after[1]
    found = after or before
    return found[1] if found else None


def _before_hour(locale: Cldr) -> bool:
    """Whether the locale writes the part of the day before the hour."""
    short = unquoted(str(locale.locale.time_formats["short"].pattern))
    return (short if "a" in short else str(locale.locale.datetime_skeletons["hm"].pattern))[0] in "abB"


@lru_cache(maxsize=256)
def _marker_patterns(locale: Cldr) -> tuple[re.Pattern[str], re.Pattern[str]]:
    words = "|".join(re.escape(w) for w in sorted(_periods(locale), key=len, reverse=True))
    hour_word = "|".join(re.escape(fold(w)) for w in BEFORE_HOUR.values())
    left, right = (r"(?<![^\W\d_])", r"(?![^\W\d_])") if _spaced(locale) else ("", "")
    between = rf"(?:(?:at|um|à|às|a las|a la|en|в|{hour_word}|ko|को)\s?)?"
    return re.compile(rf"{NEAR}({words}){right}"), re.compile(rf"{left}({words}),?\s?{between}$")


def _spaced(locale: Cldr) -> bool:
    return locale.language not in ("zh", "ja", "ko", "th", "lo", "km", "my", "bn", "te", "ta", "kn", "ml")


@lru_cache(maxsize=256)
def _periods(locale: Cldr) -> dict[str, str]:
    """Words of the locale and of English for parts of the day → "am", "pm" or "night"."""
    found = {fold(w): half for half, words in MORE_PERIODS.items() for w in words}
    for source in (cldr("en"), locale):
        periods = source.locale.day_periods["format"]
        for width in ("abbreviated", "wide"):
            found |= {fold(word): _half(key) for key, word in dict(periods[width]).items()}
    return found


def _half(key: str) -> str:
    if key.startswith(("am", "morning", "midnight")):
        return "am"
    return "night" if key.startswith("night") else "pm"


def _right_half(hour: int, moment: time, marker: str, locale: Cldr) -> bool:
    half = _periods(locale)[marker]
    if marker in SWAHILI_CLOCK and hour == ((moment.hour + 6) % 12 or 12):
        return True
    if hour > 12 or hour == 0:
        return hour == moment.hour
    if half == "night":
        return hour % 12 == moment.hour % 12 and not 9 <= moment.hour < 18
    return hour % 12 + (12 if half == "pm" else 0) == moment.hour


def _marker_known(marker: str, locale: Cldr) -> bool:
    """English words for the parts of the day are not the locale's, nor is AM/PM on its 24-hour clock."""
    if locale.language == "en":
        return True
    if marker in ENGLISH_PERIODS:
        return locale.prefers_12h and marker.replace(".", "") in ("am", "pm")
    return True
