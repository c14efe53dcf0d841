"""Cities by all that they are called, and by nothing that another one is."""

import pytest

from sandbox.catalog.cities import CITIES, LANGUAGES, _plainly, city_key, local_name

CALLED = {
    "bangkok": ["กรุงเทพมหานคร", "Krung Thep"],
    "tokyo": ["東京都", "Tokyo, JP", "東京、日本"],
    "shanghai": ["上海市"],
    "seoul": ["서울시", "서울특별시", "서울, 대한민국"],
    "new_york": [
        "ニューヨーク市",
        "न्यू यॉर्क",
        "NY",
        "NYC",
        "New York, NY",
        "New York, NY, USA",
        "New York, New York",
    ],
    "cairo": ["القاهره", "القاهرة، مصر"],
    "hong_kong": ["Hong Kong SAR", "Hong Kong, China", "Hongkong"],
    "sao_paulo": ["Sao Paulo", "São Paulo, Brasil"],
    "lisbon": ["Lisbon, Portugal", "Lisbon (Portugal)", "Lissabon, PT"],
    "london": ["London, UK", "London, England"],
    "istanbul": ["Istanbul, Turkey", "İSTANBUL"],
    "moscow": ["Москва, Россия"],
}
UNKNOWN = [
    "London, Ontario", "Paris, Texas", "Lisbon, Spain", "Lisbon, Madrid", "Porto, Portugal", "Athens, Georgia",
    "Lisbon, not", "Lisbon or Paris", "Portugal", "北京市", "市", "", ",", "()",
]  # fmt: skip


@pytest.mark.parametrize("key", CALLED)
def test_a_city_is_known_by_its_other_names(key: str) -> None:
    assert {name: city_key(name) for name in CALLED[key]} == dict.fromkeys(CALLED[key], key)


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_may_be_another_place_is_not_known(name: str) -> None:
    assert city_key(name) is None


def test_no_two_cities_are_written_alike() -> None:
    names = {(_plainly(local_name(key, lang)), key) for key in CITIES for lang in LANGUAGES.split()}
    assert len({name for name, _ in names}) == len(names)


@pytest.mark.parametrize(
    "text", [" " * 60_000, "a" + "\t" * 60_000 + "b", "Paris" + " " * 60_000 + ", France"]
)
def test_blanks_take_no_time(text):
    """A quadratic pattern would take the test's time limit."""
    assert city_key(text) in (None, "paris")
