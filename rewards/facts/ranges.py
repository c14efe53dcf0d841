"""Times from one to another: "zwischen 14 und 16 Uhr", "9 till 6", 9–19. What announces one of them announces both."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from rewards.facts.clock import CLOSED, HALF_DAY, Clock, SaidTime

NEAR = 24  # characters before a time in which its opening word stands


def in_ranges(found: Sequence[SaidTime], marked: Sequence[bool], text: str, clock: Clock) -> list[SaidTime]:
    """The times in their order, ends of ranges announced; ``marked``: those with a part of the day beside them.

    A range is opened by a word (between) or has an end that is known for a time (9–19 Uhr); a counted thing
    (between 2 and 4 km) has none. Where the day has two halves and no word tells which, it runs on: 9 till 6. An "and"
    after a time announces an hour that ends its clause, too ("6.30, 7.15 och 9").
    """
    ends = [said.announced or part for said, part in zip(found, marked, strict=True)]
    times = list(found)
    for at, (first, second) in enumerate(pairwise(found)):
        gap = text[first.end : second.start]
        opened = begins_range(first, text, clock) or clock.closing.match(text, second.end)
        joined = (opened and clock.both.fullmatch(gap)) or (
            (opened or ends[at] or ends[at + 1]) and clock.until.fullmatch(gap)
        )
        counted = clock.counted.match(text, second.end) or clock.counter.match(text, second.end)
        if not joined or (counted and not ends[at + 1]):
            if ends[at] and clock.both.fullmatch(gap) and CLOSED.match(text, second.end):
                times[at + 1] = replace(second, announced=True)
            continue
        times[at], times[at + 1] = replace(times[at], announced=True), replace(second, announced=True)
        if clock.halves and not (marked[at] or marked[at + 1]) and second.hour <= first.hour < 12:
            times[at + 1] = replace(times[at + 1], offset=second.offset + HALF_DAY)
    return times


def begins_range(said: SaidTime, text: str, clock: Clock) -> bool:
    """Whether a range begins right before this time: "entre 9h et 13h" is no 9:13."""
    return bool(clock.opening.search(text[max(0, said.start - NEAR) : said.start]))
