"""The cities that the tools know, by name in some sixty languages (Unicode CLDR, through Babel; ``cities.yaml``)."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.core import get_global

from sandbox.catalog.text import fold
from sandbox.tools import ToolError

LANGUAGES = (
    "en es fr de pt pt_PT it nl pl ru uk cs sk sl hr sr bg ro hu el tr da sv nb fi is et lv lt ca eu gl sq "
    "zh zh_Hant ja ko ar he fa ur hi bn te ta mr gu kn ml pa ne si th km lo my mn vi id ms jv fil sw am af "
    "zu az kk uz ka hy cy ga"
)


@dataclass(frozen=True)
class City:
    """A city: IANA time zone, degrees north and east, and a postal code of its centre.

    Hong Kong and Dubai have no postal codes; theirs are the ones that mail forms customarily take.
    """

    zone: str
    latitude: float
    longitude: float
    postal_code: str


CITIES: dict[str, City] = {
    "tokyo": City("Asia/Tokyo", 35.6812, 139.7671, "100-0001"),
    "paris": City("Europe/Paris", 48.8566, 2.3522, "75001"),
    "cairo": City("Africa/Cairo", 30.0444, 31.2357, "11511"),
    "new_york": City("America/New_York", 40.7128, -74.0060, "10001"),
    "london": City("Europe/London", 51.5074, -0.1278, "SW1A 1AA"),
    "seoul": City("Asia/Seoul", 37.5665, 126.9780, "04524"),
    "nairobi": City("Africa/Nairobi", -1.2864, 36.8172, "00100"),
    "bangkok": City("Asia/Bangkok", 13.7563, 100.5018, "10200"),
    "moscow": City("Europe/Moscow", 55.7558, 37.6173, "101000"),
    "madrid": City("Europe/Madrid", 40.4168, -3.7038, "28013"),
    "berlin": City("Europe/Berlin", 52.5200, 13.4050, "10117"),
    "rome": City("Europe/Rome", 41.9028, 12.4964, "00186"),
    "lisbon": City("Europe/Lisbon", 38.7223, -9.1393, "1100-148"),
    "vienna": City("Europe/Vienna", 48.2082, 16.3738, "1010"),
    "istanbul": City("Europe/Istanbul", 41.0082, 28.9784, "34110"),
    "shanghai": City("Asia/Shanghai", 31.2304, 121.4737, "200001"),
    "singapore": City("Asia/Singapore", 1.2897, 103.8501, "048616"),
    "jakarta": City("Asia/Jakarta", -6.2088, 106.8456, "10110"),
    "dubai": City("Asia/Dubai", 25.2048, 55.2708, "00000"),
    "dhaka": City("Asia/Dhaka", 23.8103, 90.4125, "1000"),
    "karachi": City("Asia/Karachi", 24.8607, 67.0011, "74200"),
    "sydney": City("Australia/Sydney", -33.8688, 151.2093, "2000"),
    "toronto": City("America/Toronto", 43.6532, -79.3832, "M5H 2N2"),
    "chicago": City("America/Chicago", 41.8781, -87.6298, "60602"),
    "lima": City("America/Lima", -12.0464, -77.0428, "15001"),
    "athens": City("Europe/Athens", 37.9838, 23.7275, "105 57"),
    "warsaw": City("Europe/Warsaw", 52.2297, 21.0122, "00-001"),
    "prague": City("Europe/Prague", 50.0755, 14.4378, "110 00"),
    "stockholm": City("Europe/Stockholm", 59.3293, 18.0686, "111 20"),
    "dublin": City("Europe/Dublin", 53.3498, -6.2603, "D01 F5P2"),
    "manila": City("Asia/Manila", 14.5995, 120.9842, "1002"),
    "hong_kong": City("Asia/Hong_Kong", 22.3193, 114.1694, "999077"),
    "bogota": City("America/Bogota", 4.7110, -74.0721, "110111"),
    "casablanca": City("Africa/Casablanca", 33.5731, -7.5898, "20250"),
    "sao_paulo": City("America/Sao_Paulo", -23.5505, -46.6333, "01001-000"),
}
PARTS = re.compile(r"[,،、，()（）]")
ARABIC = str.maketrans("ةأإآى", "هاااي")  # letters that many leave out their marks of


def local_name(key: str, language: str) -> str:
    """The city's CLDR name in a language (a Babel locale identifier such as ``pt_PT``)."""
    zone = CITIES[key].zone
    names = Locale.parse(language).time_zones.get(zone, {})
    return names.get("city") or zone.rpartition("/")[2].replace("_", " ")


@cache
def spellings(key: str) -> frozenset[str]:
    """All that a city is called, in every language of ``LANGUAGES``."""
    return frozenset(
        [*(local_name(key, language) for language in LANGUAGES.split()), *_data()["names"].get(key, ())]
    )


@cache
def city_names() -> dict[str, str]:
    """Name → city key, in every language of ``LANGUAGES``, as ``_plainly`` writes it."""
    names = {_plainly(local_name(key, language)): key for language in LANGUAGES.split() for key in CITIES}
    more = {_plainly(name): key for key, others in _data()["names"].items() for name in others}
    return names | {_plainly(key): key for key in CITIES} | more


def city_key(text: str) -> str | None:
    """The key in ``CITIES`` of a city named in any language of ``LANGUAGES``, or None. What follows a comma or stands
    in brackets must be where that city lies: London, Ontario is another one."""
    if key := _named(text):
        return key
    first, *rest = map(str.strip, PARTS.split(text))
    key = _named(first) if rest else None
    return key if key and all(_plainly(part) in _areas(key) for part in rest if part) else None


def _named(text: str) -> str | None:
    names, name = city_names(), _plainly(text)
    endings = (ending for ending in _endings() if name.endswith(ending))
    return names.get(name) or next(
        (key for ending in endings if (key := names.get(name.removesuffix(ending)))), None
    )


def _plainly(text: str) -> str:
    """The folded name without spaces and marks between its words, and without accents where it is Latin."""
    name = "".join(c for c in fold(text) if c not in " _.-'’\u200c").translate(ARABIC)
    letters = "".join(c for c in unicodedata.normalize("NFD", name) if not unicodedata.combining(c))
    return letters if letters.isascii() else name


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("cities.yaml").read_text("utf-8"))
    return found


@cache
def _endings() -> list[str]:
    return [_plainly(ending) for ending in _data()["endings"]]


@cache
def _areas(key: str) -> frozenset[str]:
    """The names of the country and of the region that a city lies in."""
    country = country_of(key)
    return frozenset(map(_plainly, [country, *country_names(country), *_data()["regions"].get(key, ())]))


def known_as(city: str) -> frozenset[str]:
    """All names of the city that is called so and of its country; of what is no city none."""
    key = city_key(city)
    return spellings(key) | country_names(country_of(key)) if key else frozenset()


def country_of(key: str) -> str:
    """The ISO 3166 code of a city's country."""
    return str(get_global("zone_territories")[CITIES[key].zone])


@cache
def country_names(code: str) -> frozenset[str]:
    """All that a country is called, in every language of ``LANGUAGES``."""
    named = (Locale.parse(language).territories.get(code, "") for language in LANGUAGES.split())
    return frozenset([*filter(None, named), *_data()["countries"].get(code, ())])


def need_city(text: str) -> str:
    """The city's key, or a ``ToolError`` that names the text."""
    key = city_key(text)
    if key is None:
        raise ToolError(f"unknown city {text[:60]!r}: give the plain name of a large city")
    return key
