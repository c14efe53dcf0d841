"""Hand-counted corpora, and the properties that every corpus has."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewards.metrics import language_confusion, tool_metrics
from sandbox.types import ToolCall


def call(name: str | None, error: str | None = None, **arguments: object) -> ToolCall:
    return ToolCall("", name, arguments, "", error)


GOLD = [call("météo", ville="Paris", jours=3), call("traduire", texte="安いホテル")]


def test_what_is_expected_is_perfect_and_makes_no_errors() -> None:
    metrics = tool_metrics([(GOLD, GOLD), ([], [])])
    perfect = {key for key in metrics if "error" not in key}
    assert perfect == {"format"} | {
        f"{kind}_{rate}" for kind in ("selection", "invocation") for rate in ("precision", "recall", "f1")
    }
    assert {metrics[key] for key in perfect} == {1.0}
    assert {value for key, value in metrics.items() if key not in perfect} == {0.0}


def test_itc_counts_names_and_triples_over_the_corpus() -> None:
    metrics = tool_metrics(
        [
            (
                [call("météo", ville="Lyon", jours=3, unité="C")],
                GOLD,
            ),  # a wrong value, an extra one, a missing tool
            ([call("météo", ville="Paris", jours=3), call("inventé")], GOLD[:1]),  # a tool that nobody has
            (None, GOLD[1:]),  # an output that could not be read
            ([call("traduire"), call("météo", ville="Oslo")], GOLD[1:]),  # a missing parameter, an extra tool
        ]
    )
    assert metrics == pytest.approx(
        {
            "format": 3 / 4,
            "selection_precision": 3 / 5,
            "selection_recall": 3 / 5,
            "selection_f1": 3 / 5,
            "invocation_precision": 3 / 6,
            "invocation_recall": 3 / 7,
            "invocation_f1": 6 / 13,
            "selection_error_hallucinated": 1 / 4,
            "selection_error_missing": 2 / 4,
            "selection_error_extra": 1 / 4,
            "invocation_error_incorrect": 1 / 3,
            "invocation_error_missing": 1 / 3,
            "invocation_error_extra": 1 / 3,
        }
    )


def test_the_tools_shown_tell_the_hallucinated_from_the_extra() -> None:
    pairs = [([call("b")], [call("a")])]
    assert tool_metrics(pairs)["selection_error_hallucinated"] == 1 / 2
    assert tool_metrics(pairs, tools=[["a", "b"]])["selection_error_extra"] == 1 / 2


def test_values_are_compared_type_for_type() -> None:
    pairs = [([call("f", a=1, b="2", c=True)], [call("f", a="1", b="2", c=1)])]
    assert tool_metrics(pairs)["invocation_precision"] == pytest.approx(1 / 3)
    assert tool_metrics(pairs, rules="sealtools")["invocation_precision"] == pytest.approx(2 / 3)


def test_a_malformed_call_follows_no_format() -> None:
    assert tool_metrics([([call("f", "key 'a' stands twice")], [call("f")])])["format"] == 0.0


def test_language_matching_of_thoughts_leaves_out_what_cannot_be_told() -> None:
    pairs = [(GOLD, GOLD)] * 4
    assert tool_metrics(pairs, thoughts=[True, False, None, True])["language_matching"] == pytest.approx(
        2 / 3
    )
    assert "language_matching" not in tool_metrics(pairs)


def test_sealtools_rules() -> None:
    """The first gold of a name counts, again and again; a nameless call nowhere, its gold does."""
    gold = [call("f", a=1), call("f", a=2), call("g", b="x")]
    metrics = tool_metrics(
        [([call("f", a=2), call("f", a=1), call(None, a=1)], gold), (None, gold)], "sealtools"
    )
    assert metrics == pytest.approx(
        {
            "format": 1 / 2,
            "selection_precision": 1.0,
            "selection_recall": 2 / 6,
            "selection_f1": 1 / 2,
            "invocation_precision": 1 / 2,
            "invocation_recall": 1 / 6,
            "invocation_f1": 1 / 4,
        }
    )


names = st.sampled_from(["f", "g", "h"])
values = st.one_of(st.integers(0, 2), st.sampled_from(["1", "دبي"]), st.booleans())
calls = st.lists(st.builds(lambda n, a: call(n, **a), names, st.dictionaries(names, values)), max_size=4)


@given(
    st.lists(st.tuples(st.one_of(st.none(), calls), calls), max_size=5), st.sampled_from(["itc", "sealtools"])
)
def test_every_metric_is_a_share_and_json(pairs: list, rules: str) -> None:
    """But Seal-Tools' script uses no expected call up: calls made twice lift its recall above 1."""
    metrics = tool_metrics(pairs, rules)
    bounded = [v for key, v in metrics.items() if rules == "itc" or not key.endswith(("recall", "f1"))]
    assert all(0 <= value <= 1 for value in bounded)
    assert json.loads(json.dumps(metrics)) == metrics


@given(st.lists(st.tuples(calls, calls), max_size=4), st.randoms())
def test_the_order_of_calls_and_rows_does_not_count(pairs: list, random) -> None:
    selection = [{k: v for k, v in tool_metrics(pairs).items() if "error" not in k}]
    shuffled = [(random.sample(given, len(given)), expected) for given, expected in pairs]
    random.shuffle(shuffled)
    selection.append({k: v for k, v in tool_metrics(shuffled).items() if "error" not in k})
    assert selection[0] == pytest.approx(selection[1])


LINES = {
    "Сегодня в Москве будет ясно и тепло": "ru",
    "Сегодня в Москве будет very сильный ветер": "ru",
    "В Москве сегодня ожидается heavy rain после обеда": "ru",
    "The weather in Moscow is fine today": "en",
    "今日の東京は晴れです": "ja",
    "今日の東京はrain後に晴れです": "ja",
    "Aujourd hui il fait beau à Paris": "fr",
}


def identify(line: str) -> tuple[str | None, float]:
    known = {"".join(c for c in k if c.isalnum()): v for k, v in LINES.items()}
    language = known.get("".join(c for c in line if c.isalnum()))
    return language, 0.9 if language else 0.2


@pytest.mark.parametrize(
    ("rows", "lpr", "wpr"),
    [
        ([("Сегодня в Москве будет ясно и тепло!", "ru")], 1.0, 1.0),
        ([("В Москве сегодня ожидается heavy rain после обеда", "ru")], 1.0, 0.0),
        ([("The weather in Moscow is fine today.", "ru")], 0.0, None),
        ([("Сегодня в Москве будет ясно и тепло\nThe weather in Moscow is fine today", "ru")], 0.0, None),
        ([("Сегодня в Москве будет ясно и тепло\nOK!", "ru")], 1.0, 1.0),  # a short line is not judged
        ([("Сегодня в Москве будет ясно и тепло\nQ: The weather in Moscow is fine today", "ru")], 1.0, 1.0),
        ([("Да.", "ru")], None, None),
        ([("Aujourd'hui, il fait beau à Paris.", "fr")], 1.0, None),
        ([("今日の東京は晴れです。", "ja"), ("今日の東京はrain後に晴れです", "ja")], 1.0, 0.5),
        ([("Ничего из этого никто не знает", "ru")], 0.0, None),  # the identifier is unsure
        ([], None, None),
    ],
)
def test_language_confusion(rows: list, lpr: float | None, wpr: float | None) -> None:
    assert language_confusion(rows, identify, {"rain", "heavy", "very"}) == {"lpr": lpr, "wpr": wpr}


def test_names_and_short_words_are_no_english_words() -> None:
    rows = [("Сегодня в Москве будет ясно и тепло", "ru")]
    assert language_confusion(rows, identify)["wpr"] == 1.0
    for word, rate in (("Rain", 1.0), ("now", 1.0), ("rain", 0.0)):
        text = f"Сегодня в Москве {word} весь день"
        found = language_confusion([(text, "ru")], lambda line: ("ru", 1.0), {"rain", "now"})
        assert found == {"lpr": 1.0, "wpr": rate}


def test_words_are_cut_by_the_segmenter_that_is_given() -> None:
    rows = [("東京は晴れ", "ja")]
    assert language_confusion(rows, lambda line: ("ja", 1.0))["lpr"] == 1.0
    assert (
        language_confusion(rows, lambda line: ("ja", 1.0), segment=lambda line: ["東京", "は", "晴れ"])["lpr"]
        is None
    )


def test_a_rate_is_the_mean_over_languages() -> None:
    rows = [("Сегодня в Москве будет ясно и тепло", "ru")] * 3 + [
        ("The weather in Moscow is fine today", "fr")
    ]
    assert language_confusion(rows, identify)["lpr"] == 0.5


def test_of_a_list_of_english_words_those_in_lower_case_with_more_than_three_letters_count() -> None:
    words = iter(["rain\n", "Rain\n", "now\n", "Moscow\n"])
    for text, rate in (("Rain", 1.0), ("now", 1.0), ("Moscow", 1.0)):
        rows = [(f"Сегодня в Москве {text} весь день", "ru")]
        assert (
            language_confusion(rows, lambda line: ("ru", 1.0), ["rain", "Rain", "now", "Moscow"])["wpr"]
            == rate
        )
    rows = [("Сегодня в Москве rain весь день", "ru")] * 2
    assert language_confusion(rows, lambda line: ("ru", 1.0), words)["wpr"] == 0.0


def test_both_averages() -> None:
    """One long output that is right, and one short one that is wrong."""
    long = [call("f", a=i) for i in range(3)]
    pairs = [(long, long), ([call("g")], [call("h")]), ([], [])]
    assert tool_metrics(pairs)["selection_precision"] == 3 / 4
    macro = tool_metrics(pairs, average="macro")
    assert macro["selection_precision"] == macro["selection_f1"] == pytest.approx(2 / 3)


def test_an_output_without_its_thought_is_not_in_itc_s_format() -> None:
    pairs = [([call("f")], [call("f")])] * 2
    assert tool_metrics(pairs, thought=[True, False])["format"] == 0.5
