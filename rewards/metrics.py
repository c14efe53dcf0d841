"""Metrics over a corpus, as the field's benchmarks count them.

``tool_metrics``: International Tool Calling (arXiv 2603.05515) and Seal-Tools (arXiv 2405.08355).
``language_confusion``: the line- and word-level pass rates of Marchisio et al. (arXiv 2406.20052).
"""

import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from rewards.language.tokens import everyday
from sandbox.types import ToolCall

Pair = tuple[Sequence[ToolCall] | None, Sequence[ToolCall]]
Identify = Callable[[str], tuple[str | None, float]]
Split = Callable[[str], Sequence[str]]
SELECTION, INVOCATION = ("hallucinated", "missing", "extra"), ("incorrect", "missing", "extra")
WORDS_CHECKED = ("ar", "hi", "ja", "ko", "ru", "zh")  # where an English word cannot be the language's own
UNSURE, FEW = 0.3, 5  # an identifier's score that is no verdict; tokens of a line that is judged
SHORT = 3  # letters of a word that may be an abbreviation or of several languages
PUNCTUATION = str.maketrans({c: "" for c in string.punctuation} | {"—": " ", "،": ""})
CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def tool_metrics(
    pairs: Iterable[Pair],
    rules: Literal["itc", "sealtools"] = "itc",
    thoughts: Iterable[bool | None] | None = None,
    tools: Sequence[Iterable[str]] | None = None,
    thought: Sequence[bool] | None = None,
    average: Literal["micro", "macro"] = "micro",
) -> dict[str, float]:
    """Corpus metrics of (predicted calls, or None where the output could not be read; expected calls).

    Returns ``format``, and ``selection_`` and ``invocation_`` each with ``precision``, ``recall`` and
    ``f1``, all in 0..1 (0.0 where nothing was counted; Seal-Tools uses no expected call up, so calls made
    twice lift its recall and F1 above 1). With ``"itc"`` also the error taxonomy,
    ``selection_error_hallucinated``, ``_missing``, ``_extra`` and ``invocation_error_incorrect``,
    ``_missing``, ``_extra``, as shares of their kind's errors, and, given ``thoughts`` (of each output:
    whether its reasoning is in the query's language, None: too little to tell), ``language_matching``.
    ``tools`` are the names that each task shows: a name that is none of them is hallucinated (default:
    names that no task of the corpus expects). ``thought`` says of each output whether it has a thought, as
    ITC's form demands (``bool(rewards.parse.thoughts(output))``): one without is not in its format.

    Of ITC's scores there are two averages: ``"micro"`` counts over the corpus, ``"macro"`` is the mean of the
    outputs' own scores.
    """
    pairs = list(pairs)
    if rules == "sealtools":
        return _sealtools(pairs)
    metrics = _itc(pairs) | (_macro(pairs) if average == "macro" else {}) | _taxonomy(pairs, tools)
    if thought is not None:
        metrics["format"] = _ratio(sum(map(_in_format, pairs, thought)), len(pairs))
    if thoughts is not None:
        judged = [matches for matches in thoughts if matches is not None]
        metrics["language_matching"] = _ratio(sum(judged), len(judged))
    return metrics


def _itc(pairs: Sequence[Pair]) -> dict[str, float]:
    """Selection counts tool names, invocation triples (tool, parameter, value), both as multisets."""
    names, triples = _Counts(), _Counts()
    for predicted, expected in pairs:
        given = predicted or ()
        names.add(Counter(_names(given)), Counter(_names(expected)))
        triples.add(Counter(_triples(given)), Counter(_triples(expected)))
    return {
        "format": _format(pairs),
        **names.scores("selection"),
        **triples.scores("invocation"),
    }


def _macro(pairs: Sequence[Pair]) -> dict[str, float]:
    """The mean of each output's own scores; nothing given where nothing was wanted is right."""
    names = [_of_output(_names(given or ()), _names(wanted)) for given, wanted in pairs]
    triples = [_of_output(_triples(given or ()), _triples(wanted)) for given, wanted in pairs]
    return {
        f"{kind}_{score}": _ratio(sum(one[i] for one in scores), len(scores))
        for kind, scores in (("selection", names), ("invocation", triples))
        for i, score in enumerate(("precision", "recall", "f1"))
    }


def _of_output(given: Sequence[Any], wanted: Sequence[Any]) -> tuple[float, float, float]:
    if not given and not wanted:
        return 1.0, 1.0, 1.0
    right = (Counter(given) & Counter(wanted)).total()
    return _ratio(right, len(given)), _ratio(right, len(wanted)), 2 * right / (len(given) + len(wanted))


class _Counts:
    """Micro counts: what was right, what was given, what was wanted."""

    def __init__(self) -> None:
        self.right = self.given = self.wanted = 0

    def add(self, given: Counter[Any], wanted: Counter[Any]) -> None:
        self.right += (given & wanted).total()
        self.given += given.total()
        self.wanted += wanted.total()

    def scores(self, kind: str) -> dict[str, float]:
        precision, recall = _ratio(self.right, self.given), _ratio(self.right, self.wanted)
        f1 = _ratio(2 * precision * recall, precision + recall)
        return {f"{kind}_precision": precision, f"{kind}_recall": recall, f"{kind}_f1": f1}


def _ratio(part: float, whole: float) -> float:
    return part / whole if whole else 0.0


def _format(pairs: Sequence[Pair]) -> float:
    """The share of outputs that could be read, every call of theirs well formed."""
    return _ratio(sum(map(_in_format, pairs)), len(pairs))


def _in_format(pair: Pair, with_thought: bool = True) -> bool:
    predicted = pair[0]
    return with_thought and predicted is not None and all(call.error is None for call in predicted)


def _names(calls: Iterable[ToolCall]) -> list[str]:
    return [call.name for call in calls if call.name]


def _triples(calls: Iterable[ToolCall]) -> list[tuple[str, str, str]]:
    named = [(call.name, call.arguments or {}) for call in calls if call.name]
    return [(name, key, _frozen(value)) for name, arguments in named for key, value in arguments.items()]


def _frozen(value: Any) -> str:
    """A JSON value as a key: 1 and "1" and true are three."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _taxonomy(pairs: Sequence[Pair], tools: Sequence[Iterable[str]] | None) -> dict[str, float]:
    """Each kind of error as a share of its errors; calls of one name are paired in their order."""
    selection, invocation = Counter[str](), Counter[str]()
    anywhere = {name for _, expected in pairs for name in _names(expected)}
    for index, (predicted, expected) in enumerate(pairs):
        known = anywhere if tools is None else set(tools[index])
        given, wanted = Counter(_names(predicted or ())), Counter(_names(expected))
        selection["missing"] += (wanted - given).total()
        for name, count in (given - wanted).items():
            selection["extra" if name in known else "hallucinated"] += count
        for name in given.keys() & wanted.keys():
            for one, other in zip(_of(name, predicted or ()), _of(name, expected), strict=False):
                invocation += _argument_errors(one.arguments or {}, other.arguments or {})
    return _shares("selection", selection, SELECTION) | _shares("invocation", invocation, INVOCATION)


def _of(name: str, calls: Iterable[ToolCall]) -> list[ToolCall]:
    return [call for call in calls if call.name == name]


def _argument_errors(given: dict[str, Any], wanted: dict[str, Any]) -> Counter[str]:
    both = given.keys() & wanted.keys()
    return Counter(
        incorrect=sum(_frozen(given[key]) != _frozen(wanted[key]) for key in both),
        missing=len(wanted.keys() - both),
        extra=len(given.keys() - both),
    )


def _shares(kind: str, errors: Counter[str], names: Iterable[str]) -> dict[str, float]:
    return {f"{kind}_error_{name}": _ratio(errors[name], errors.total()) for name in names}


def _sealtools(pairs: Sequence[Pair]) -> dict[str, float]:
    """Seal-Tools' script: a predicted call is held against the first expected one of its name, again
    and again; values are equal as ``str``; what could not be read adds to the wanted counts only."""
    names, parameters = _Counts(), _Counts()
    for predicted, expected in pairs:
        golds = {call.name: call.arguments or {} for call in reversed(expected) if call.name}
        names.wanted += len(_names(expected))
        parameters.wanted += sum(len(call.arguments or {}) for call in expected if call.name)
        for call in predicted or ():
            if not call.name:
                continue
            given, gold = call.arguments or {}, golds.get(call.name, {})
            names.given += 1
            names.right += call.name in golds
            parameters.given += len(given)
            parameters.right += sum(key in gold and str(v) == str(gold[key]) for key, v in given.items())
    readable = sum(predicted is not None for predicted, _ in pairs)
    return {
        "format": _ratio(readable, len(pairs)),
        **names.scores("selection"),
        **parameters.scores("invocation"),
    }


def language_confusion(
    rows: Iterable[tuple[str, str]],
    identify: Identify,
    english: Iterable[str] | None = None,
    segment: Split | None = None,
) -> dict[str, float | None]:
    """``{"lpr": line-level pass rate, "wpr": word-level pass rate}`` of (completion, language) rows, each the
    mean over the languages that have one.

    ``identify(line)`` gives (language, score). ``english`` is a list of English words, of which those in lower
    case with more than three letters count (default: the everyday ones; a full list, such as
    /usr/share/dict/words, finds more); ``segment`` cuts Chinese and Japanese lines into words (default:
    each ideograph and each kana is one). Lines under five tokens are not judged, and a completion without
    a line that is judged is left out. The word-level rate is that of Arabic, Hindi, Japanese, Korean,
    Russian and Chinese. A rate is None where nothing was left to judge.
    """
    words = {word.strip() for word in (everyday()["en"] if english is None else english)}
    words = {word for word in words if word.islower() and len(word) > SHORT}
    kept, wrong_lines, wrong_words = Counter[str](), Counter[str](), Counter[str]()
    for completion, language in rows:
        lines = _lines(completion, language, segment or _characters)
        if not lines:
            continue
        kept[language] += 1
        if any(_language(line, identify) != language for line, _ in lines):
            wrong_lines[language] += 1
        elif any(token.strip() in words for _, tokens in lines for token in tokens):
            wrong_words[language] += 1
    judged = {language: kept[language] - wrong_lines[language] for language in kept}
    return {
        "lpr": _mean([judged[language] / kept[language] for language in kept]),
        "wpr": _mean([1 - wrong_words[k] / n for k, n in judged.items() if n and k in WORDS_CHECKED]),
    }


def _mean(rates: Sequence[float]) -> float | None:
    return sum(rates) / len(rates) if rates else None


def _lines(completion: str, language: str, segment: Split) -> list[tuple[str, Sequence[str]]]:
    """(line, tokens) of each line that is long enough to be judged."""
    text = completion.split("\nQ:")[0].strip().translate(PUNCTUATION)
    split = segment if language in ("zh", "ja") else str.split
    lines = [(line, split(line)) for line in text.split("\n")]
    return [(line, tokens) for line, tokens in lines if len(tokens) >= FEW]


def _language(line: str, identify: Identify) -> str | None:
    language, score = identify(line)
    return language if score > UNSURE else None


def _characters(line: str) -> list[str]:
    """Words between spaces, ideographs and kana each by itself."""
    return CJK.sub(lambda match: f" {match[0]} ", line).split()
