"""Whether a reply tells its facts: a value must belong to what it is about, alone and undenied.

A right value beside a wrong one tells nothing, nor does one that is denied ("not 7:30"), nor values that have changed
places ("In Tokyo 9:00, in Paris 17:00").
"""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property, lru_cache

from rewards.facts import LONGEST, best, find, stated
from rewards.facts.cldr import Cldr, cldr
from rewards.facts.clock import clock_of, minute_of
from rewards.facts.dates import misnames, read_dates
from rewards.facts.days import contradicts, read_days, this_year
from rewards.facts.measures import amounts
from rewards.facts.numbers import Found
from rewards.facts.numerals import in_digits, literal
from rewards.facts.times import Reading, clock_digits, read_times
from rewards.facts.verdicts import alternative, denial
from rewards.text.mentions import mentions
from rewards.text.normalize import STEM, WORD, Plain, fold, pieces, plain
from rewards.text.quotations import quotations
from rewards.types import Fact

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
NUMBER = re.compile(r"\d+(?:[.,]\d+)?")
WHOLE = re.compile(r"(?<![\d.,:-])\d{1,2}(?![\d:-]|[.,]\d)")
RUN = re.compile(r"\d{4,}")
LISTED = re.compile(r"\s*([^\W\d_]*)\s*[,،、，;/|\n]\s*([^\W\d_]*)\s*")
JOINED = re.compile(r"\s*[,،、，;/|+&と]\s*")
YEAR = re.compile(r"(?:19|20|25)\d\d")  # 2569 is 2026 in Thailand
NEAR = 1  # a number that is said roundly, or in another unit, differs by less
COUNTED = ("number", "money", "quantity", "temperature")  # what has a unit
OR = 48  # characters in which an "or" and another value stand
BESIDE = 24  # characters in which a denial stands beside its value


@dataclass(frozen=True)
class Known:
    """What may be said besides the facts: values of the request and of the calls' results, read where asked for."""

    text: Plain
    locale: Cldr

    @cached_property
    def minutes(self) -> frozenset[int]:
        readings = read_times(self.text, self.locale)
        return frozenset(itertools.chain.from_iterable(said.minutes for said in readings))

    @cached_property
    def counts(self) -> frozenset[int]:
        """The numbers outside its times: how many people come."""
        digits = clock_digits(self.text, self.locale).digits
        for said in read_times(self.text, self.locale):
            digits = digits[: said.start] + " " * (said.end - said.start) + digits[said.end :]
        return frozenset(int(one) for one in WHOLE.findall(digits))

    @cached_property
    def days(self) -> frozenset[tuple[int, int]]:
        written = frozenset(map(_month_and_day, ISO_DATE.findall(self.text.digits)))
        return written.union(*(options for _, _, options in read_dates(self.text, self.locale)))

    @cached_property
    def numbers(self) -> frozenset[Decimal]:
        return frozenset(_numbers(self.text.digits))


def _numbers(digits: str) -> Iterator[Decimal]:
    """The numbers of a text, with either mark for that of decimals."""
    return (Decimal(one.replace(",", ".")) for one in NUMBER.findall(digits))


def told(
    facts: Sequence[Fact],
    text: str,
    locale: str,
    known: str = "",
    subjects: Sequence[Iterable[str]] | None = None,
) -> list[bool | None]:
    """Of each fact: True where the text states it, None where it does not, False where it states it wrongly.

    ``known`` is text whose values may be said, too: the request and the calls' results. ``subjects`` holds for each fact
    the spellings of what it is about (the city of a time), of which none or several may be given. Raises ValueError
    as ``rewards.facts.stated``.
    """
    data, text = cldr(locale), text[:LONGEST]
    values = Known(plain(known[:LONGEST]), data)
    said = [_one(fact, facts, text, locale, values) for fact in facts]
    for one, other in itertools.combinations(range(len(facts)), 2):
        alike = said[one] and said[other] and facts[one]["kind"] == facts[other]["kind"]
        pair = facts[one], facts[other]
        if subjects and alike and _swapped(pair, (subjects[one], subjects[other]), text, data):
            said[one] = said[other] = False
    return said


def _one(fact: Fact, facts: Sequence[Fact], text: str, locale: str, known: Known) -> bool | None:
    states = stated(fact, text, locale)
    if "verdict" in fact:
        denied = not states and stated(fact | {"verdict": not fact["verdict"]}, text, locale)
        return True if states else False if denied else None
    if _contradicted(fact, facts, text, cldr(locale), known):
        return False
    if not states:
        return None
    places = [(found.start, found.end) for found in find(fact, text, locale)]
    spoken = _spoken(fact, plain(text), cldr(locale)).digits
    alike = [other for other in facts if other["kind"] == fact["kind"]]
    if any(_may_be_another(alike, spoken, *place, cldr(locale), known) for place in places):
        return False
    return not places or not all(_denied(spoken, *place, fact["kind"], cldr(locale)) for place in places)


def _spoken(fact: Fact, text: Plain, locale: Cldr) -> Plain:
    """The text in the digits in which the fact is found."""
    return (
        clock_digits(text, locale)
        if fact["kind"] == "time"
        else in_digits(text, locale, fact["kind"] == "date")
    )


def _denied(text: str, start: int, end: int, kind: str, locale: Cldr) -> bool:
    before, after = denial(locale, unit=kind in COUNTED)
    return bool(before.search(text[max(0, start - BESIDE) : start]) or after.match(text[end : end + BESIDE]))


def _may_be_another(
    alike: Sequence[Fact], text: str, start: int, end: int, locale: Cldr, known: Known
) -> bool:
    """Whether an "or" with another number stands beside the value: 32 or 20, but not 17:00 or 5 PM."""
    before, after = alternative(locale)
    sides = before.search(text[max(0, start - OR) : start]), after.match(text[end : end + OR])
    others = [side["number"] for side in sides if side]
    return any(not any(_is_the_same(fact, other, locale, known) for fact in alike) for other in others)


def _is_the_same(fact: Fact, written: str, locale: Cldr, known: Known) -> bool:
    """Whether a number may be the value in another form: on another clock, in Fahrenheit, rounded, of the date."""
    value, said = fact["value"], int(re.split(r"\D", written)[0])  # its first part
    match fact["kind"]:
        case "time":
            hour, minute = divmod(minute_of(value), 60)
            # Half past seven and half eight are one.
            hours = {hour, hour + (minute >= 30), hour - clock_of(locale).shift}
            return said % 12 in {one % 12 for one in hours} or bool(minute and said in (minute, 60 - minute))
        case "date":
            return said in map(int, value.split("-"))
    forms = [Decimal(str(value))]
    if fact["kind"] == "temperature":
        forms.append(forms[0] * 9 / 5 + 32)
    whole = re.split(r"[:.,]\D*$|:", written)[0]
    first, read = next(_numbers(whole)), {literal(whole, locale)}
    if NUMBER.fullmatch(whole):  # with one mark, which may be of either kind: 1.250
        read.add(first)
    return first in known.numbers or any(abs(one - abs(other)) < NEAR for one in read for other in forms)


def _contradicted(fact: Fact, facts: Sequence[Fact], text: str, locale: Cldr, known: Known) -> bool:
    """Whether another value of the fact's kind is said that nobody gave."""
    alike = [other for other in facts if other["kind"] == fact["kind"]]
    match fact["kind"]:
        case "time":
            due = (other for other in facts if other["kind"] == "date")
            dates = [one for other in due for one in find(other, text, locale.tag)]
            return _another_time(alike, plain(text), locale, known, dates)
        case "date":
            return _another_date(alike, plain(text), locale, known)
        case "money" | "quantity" | "temperature":
            return _another_amount(fact, alike, plain(text), locale, known)
        case "number" if "unit" in fact:
            return _another_length([one for one in alike if "unit" in one], plain(text), locale, known)
        case "number":
            return _another_number(fact, text, locale, known)
        case "text":
            return _another_code(str(fact["value"]), facts, text, known) or _another_title(alike, text, known)
    return False


def _another_date(alike: list[Fact], text: Plain, locale: Cldr, known: Known) -> bool:
    """Also a wrong weekday, alone or beside the right date."""
    right = {date.fromisoformat(other["value"]) for other in alike}
    due, said = {(day.month, day.day) for day in right}, read_dates(text, locale)
    days = due | known.days
    if any(not (days & options) for _, _, options in said):
        return True
    listed = sorted((start, end, bool(options & due)) for start, end, options in said)
    if _is_one_of_many(listed, in_digits(text, locale, ordinals=True).digits, ()):
        return True
    dates = right.union(*(this_year(*day) for day in known.days))
    given = read_days(known.text, locale)
    return any(misnames(day, text, locale) for day in right) or any(
        contradicts(one, dates, given) for one in read_days(text, locale)
    )


def _another_time(alike: list[Fact], text: Plain, locale: Cldr, known: Known, dates: Sequence[Found]) -> bool:
    """A time that leaves out its half of the day is either. What is only led in as one ("at seven") counts where
    no right time stands beside it. The ``dates`` that are right, such as 08.10, are no times."""
    due = {minute_of(other["value"]) for other in alike}
    right, readings = due | known.minutes, read_times(text, locale)
    good = [said for said in readings if said.halves & right]
    others = [said for said in readings if not said.halves & right and not _overlaps(said, [*good, *dates])]
    led = (said for said in others if said.led and not (said.numbers and said.numbers <= known.counts))
    if any(said.sure for said in others) or (not good and any(led)):
        return True
    listed = sorted((said.start, said.end, bool(said.halves & due)) for said in good)
    return _is_one_of_many(listed, clock_digits(text, locale).digits, clock_of(locale).parts)


def _is_one_of_many(found: list[tuple[int, int, bool]], text: str, words: Collection[str]) -> bool:
    """Whether a right value stands in one list with another that was known: "16:35, 9:20, 13:45" of a booking chooses
    none. ``found`` holds where values stand and whether they are right; ``words`` may stand beside them."""
    for (_, end, one), (start, _, other) in itertools.pairwise(found):
        between = LISTED.fullmatch(text[end : max(end, start)])
        if one != other and between and all(not said or said in words for said in between.groups()):
            return True
    return False


def _overlaps(said: Reading, others: Iterable[Reading | Found]) -> bool:
    return any(said.start < other.end and other.start < said.end for other in others)


def _another_amount(fact: Fact, alike: list[Fact], text: Plain, locale: Cldr, known: Known) -> bool:
    unit = fact.get("currency") or fact.get("unit", "celsius")
    right = {Decimal(str(other["value"])) for other in alike}
    right |= {value.to_integral_value() for value in right} | {Decimal(int(value)) for value in right}
    if unit == "celsius":
        right |= {value * 9 / 5 + 32 for value in right}
    spoken = in_digits(text, locale)
    strange = [
        (start, end)
        for value, start, end in amounts(unit, spoken, locale)
        if not any(abs(value - one) < NEAR for one in right) and value not in known.numbers
    ]
    rough = [one for other in alike for one in find(other, text.text, locale.tag)] if strange else []
    return any(not any(start < one.end and one.start < end for one in rough) for start, end in strange)


def _another_length(alike: list[Fact], text: Plain, locale: Cldr, known: Known) -> bool:
    """Whether another length of time is said, which is no part of the right one (an hour and 20 minutes)."""
    spoken = in_digits(text, locale)
    right = [(one.start, one.end) for fact in alike for one in find(fact, text.text, locale.tag)]
    said = (one for unit in {fact["unit"] for fact in alike} for one in amounts(unit, spoken, locale))
    return any(
        value and value not in known.numbers and not any(start < b and a < end for a, b in right)
        for value, start, end in said
    )


def _another_number(fact: Fact, text: str, locale: Cldr, known: Known) -> bool:
    """Whether a value is said that contradicts the fact (4 stars of 5), and that nobody gave."""
    tag = locale.tag
    own: Fact = {"kind": "number", "value": fact["value"]}
    out_of = best(fact) if stated(own, text, tag) else None
    others: list[Fact] = [
        {"kind": "number", "value": value} for value in fact.get("not", ()) if value != out_of
    ]
    said = (one for one in others if one["value"] == best(fact) or not stated(one, known.text.text, tag))
    return any(_counts(one, found.end, text, locale, known) for one in said for found in find(one, text, tag))


def _counts(fact: Fact, end: int, text: str, locale: Cldr, known: Known) -> bool:
    """Whether a number that ends here counts something: a word for one may be a pronoun ("a great one")."""
    after = re.match(rf"\s?({WORD})", in_digits(plain(text), locale).text[end:])
    return fact["value"] != 1 or bool(after and after[1][:STEM] in known.text.text)


def _another_code(value: str, facts: Sequence[Fact], text: str, known: Known) -> bool:
    """Whether another run of digits is said: a code beside the right one. A year is none."""
    digits = re.sub(r"\D", "", value)
    if len(digits) < 4:
        return False
    given = "".join([known.text.digits, *(str(other.get("value")) for other in facts)])
    right = re.sub(r"\D", "", given)
    return any(run not in right and not YEAR.fullmatch(run) for run in RUN.findall(plain(text).digits))


def codes_joined(value: str, text: str, locale: str) -> bool:
    """Whether another code of as many digits is named along with the right one: "8617 and 1234"."""
    digits = re.sub(r"\D", "", value)
    if digits != value or len(digits) < 4:
        return False
    said, both = plain(text).digits, clock_of(cldr(locale)).both
    found = [match for match in RUN.finditer(said) if len(match[0]) == len(digits)]
    pairs = ((one, other) for one, other in itertools.pairwise(found) if digits in (one[0], other[0]))
    return any(
        one[0] != other[0] and (JOINED.fullmatch(gap) or both.fullmatch(gap))
        for one, other in pairs
        for gap in [said[one.end() : other.start()]]
    )


def _another_title(alike: list[Fact], text: str, known: Known) -> bool:
    """Whether something is quoted of which nobody has said a word: another song's title."""
    quoted = [one for one in quotations(text) if sum(map(str.isalpha, one)) > 1]
    if not quoted or all("verdict" in fact for fact in alike):
        return False
    given = [str(value) for fact in alike for value in (fact["value"], *fact.get("also", ()))]
    said = {piece for one in (known.text.text, *map(fold, given)) for piece in pieces(one)}
    return any(not any(piece in said for piece in pieces(fold(one))) for one in quoted)


def _swapped(
    facts: tuple[Fact, Fact], subjects: tuple[Iterable[str], Iterable[str]], text: str, locale: Cldr
) -> bool:
    """Whether the first value stands with the second subject: they come in the other order, at first or when both are
    said again. Where one subject is named, outside of the two values, the nearer of them is its own."""
    spoken = _spoken(facts[0], plain(text), locale)
    ours, theirs = (
        sorted({start for start, _ in mentions(_spelled(tuple(names), locale), spoken.text)})
        for names in subjects
    )
    if facts[0]["value"] == facts[1]["value"]:
        return facts[0]["kind"] == "time" and _differ(str(facts[0]["value"]), ours, theirs, text, locale)
    values = [sorted(one.start for one in find(fact, text, locale.tag)) for fact in facts]
    if not all(values) or not (ours or theirs):
        return False
    if not ours or not theirs:
        return _is_named_with_the_other(ours or theirs, *(values if ours else values[::-1]))
    order = values[0][0] < values[1][0]
    again = all(len(places) > 1 for places in (ours, theirs, *values))
    return all((a < b) != order for a in ours for b in theirs) or (
        again and (ours[-1] < theirs[-1]) != (values[0][-1] < values[1][-1])
    )


def _differ(value: str, ours: Sequence[int], theirs: Sequence[int], text: str, locale: Cldr) -> bool:
    """Whether two subjects that have one time have one each, in the same form: "11h in Istanbul, 12h in Nairobi"."""
    readings, digits = read_times(plain(text), locale), clock_digits(plain(text), locale).digits
    forms = {re.sub(r"\d+", "", digits[said.start : said.end]) for said in readings}
    if len(readings) != 2 or len(forms) > 1 or all(minute_of(value) in said.halves for said in readings):
        return False
    said = sorted(
        [(at, 0) for at in ours] + [(at, 1) for at in theirs] + [(one.start, 2) for one in readings]
    )
    order = [who for who, _ in itertools.groupby(who for _, who in said)]
    return order in ([0, 2, 1, 2], [1, 2, 0, 2], [2, 0, 2, 1], [2, 1, 2, 0])


def _is_named_with_the_other(named: Sequence[int], own: Sequence[int], other: Sequence[int]) -> bool:
    """Whether a subject that alone is named stands before both values and the other one's comes first, or after both
    and it comes last: "Tokyo is at nine, the other at five"."""
    if len(named) + len(own) + len(other) > 3:
        return False
    (place,), (mine,), (theirs,) = named, own, other
    return place < theirs < mine or mine < theirs < place


@lru_cache(maxsize=256)
def _spelled(names: tuple[str, ...], locale: Cldr) -> frozenset[str]:
    """As they stand in a text in digits, which may be in their letters."""
    return frozenset(in_digits(Plain(fold(name), fold(name)), locale).text for name in names)


def _month_and_day(written: str) -> tuple[int, int]:
    _, month, day = map(int, written.split("-"))
    return month, day
