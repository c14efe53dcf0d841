"""The values that a task's slots can take. Those of the test split are never trained on.

Only closed classes (currencies, units, countries, ratings, party sizes) are shared by the splits.
"""

import datetime
from collections.abc import Iterator
from random import Random
from typing import Any
from zlib import crc32

Slots = dict[str, Any]

TRAIN_CITIES = (
    "tokyo paris cairo new_york london seoul nairobi bangkok moscow madrid berlin rome lisbon vienna istanbul "
    "shanghai singapore jakarta dubai dhaka karachi sydney toronto chicago lima"
).split()
TEST_CITIES = "athens warsaw prague stockholm dublin manila hong_kong bogota casablanca sao_paulo".split()
NO_POSTAL_CODES = ("dubai", "hong_kong")
RAILWAYS = {  # cities among which trains go, a change on the way or not
    "train": ["paris london berlin rome vienna madrid".split(), "new_york chicago toronto".split()],
    "test": ["warsaw prague stockholm".split()],
}
COUNTRIES = "JP FR BR DE US IN ES MX KE EG TH GB".split()
CURRENCIES = "USD EUR GBP JPY BRL INR CHF CNY".split()
UNIT_PAIRS = [
    ("kilometer", "mile"),
    ("mile", "kilometer"),
    ("meter", "foot"),
    ("foot", "meter"),
    ("kilogram", "pound"),
    ("pound", "kilogram"),
    ("liter", "gallon"),
    ("gallon", "liter"),
    ("celsius", "fahrenheit"),
    ("fahrenheit", "celsius"),
]
SERVICES = "doctor dentist hairdresser mechanic".split()
PLACES = "locker shop neighbor post_office".split()
ACCOUNTS = "checking savings household travel".split()
# What an everyday amount is multiplied by where the currency's unit is small.
LOCAL_UNITS = {"JPY": 100, "KRW": 1000, "RUB": 10, "EGP": 10, "BDT": 10, "KES": 10, "INR": 10, "THB": 10}
CODES = {  # real formats; every fourth is wrong on purpose
    "vat": {
        "train": "FR40303265045 DE136695976 ESB58378431 IT00743110157 NL004495445B01 FR40303265046 BE0428759497 "
        "PT501964843 DE136695978 ATU13585627 SE123456789701 PL8567346215 DK13585628 FI20774740 IT00743110158".split(),
        "test": "FR83404833048 DE129273398 BE0776091951 ESA28023430 DE129273399 LU15027442 IE6433435F BE0776091952".split(),
    },
    "iban": {
        "train": "FR1420041010050500013M02606 DE89370400440532013000 GB29NWBK60161331926819 ES9121000418450200051332 "
        "NL91ABNA0417164300 DE89370400440532013001 BE68539007547034 CH9300762011623852957 GB29NWBK60161331926818 "
        "PT50000201231234567890154 AT611904300234573201 IT60X0542811101000000123456".split(),
        "test": "SE4550000000058398257466 PL61109010140000071219812874 NO9386011117947 FI2112345600000785 "
        "DK5000400440116243 SE4550000000058398257467 IE29AIBK93115212345678 FI2112345600000786".split(),
    },
    "key": {
        "train": "ana@exemplo.com.br joao.silva@correio.com.br +5511987654321 loja@feira.com.br +5521998765432 "
        "529.982.247-25 padaria@bairro.com.br +5531988887777".split(),
        "test": "maria@mercado.com.br +5541977776666 111.444.777-35 oficina@carro.com.br".split(),
    },
    "vpa": {
        "train": "ravi@okbank priya.sharma@upi chaiwala@paytm meena@ybl grocery.store@icici arjun@axl kiran@sbi "
        "books@hdfcbank".split(),
        "test": "sunita@okicici dhaba@oksbi auto.raju@apl vikram@kotak".split(),
    },
    "parcel": {
        "train": "RR936044507DE CP442852495FR LX581218211JP EE975142126BR RB811407450GB CX138930153CN LZ724948147US RA434272817IN".split(),
        "test": "RF971038905ES CE169596259KR LV310522282TH EB251942471KE".split(),
    },
    "dialled": {  # numbers that are kept free for fiction
        "train": "+12025550101 +12025550117 +12025550124 +12025550139 +12025550143 +12025550158 +12025550166 "
        "+12025550172".split(),
        "test": "+441632960011 +441632960284 +441632960563 +441632960970".split(),
    },
    "card": {
        "train": "4821 7305 1196 6042 9378 2750 5583 8617".split(),
        "test": "3064 7429 1958 6210".split(),
    },
}
PHONES = {
    "train": [
        ("01 42 68 53 00", "FR"),
        ("030 2270", "DE"),
        ("(11) 3091-3116", "BR"),
        ("03-3581-5111", "JP"),
        ("(202) 456-1414", "US"),
        ("020 7219 3000", "GB"),
        ("011 2301 2345", "IN"),
        ("55 5093 5000", "MX"),
    ],
    "test": [
        ("04 91 55 11 11", "FR"),
        ("089 2330", "DE"),
        ("(61) 3411-1221", "BR"),
        ("06-6208-8181", "JP"),
        ("91 379 00 00", "ES"),
    ],
}
HOURS = {"meal": [("11:30", "14:00"), ("18:00", "21:30")], "event": [("09:00", "20:00")]}


def _held_out(values: list[Any], split: str) -> list[Any]:
    """A quarter of the values, scattered over their range, is the test split's."""
    return [v for v in values if (crc32(str(v).encode()) % 4 == 0) == (split == "test")]


TIMES = [f"{m // 60:02d}:{m % 60:02d}" for m in range(6 * 60, 23 * 60, 5)]
DATES = [(datetime.date(2026, 3, 3) + datetime.timedelta(days=d)).isoformat() for d in range(600)]
AMOUNTS = list(range(20, 2000, 5))
# Those that Russian counts with one plural (not 21, not 22).
MINUTES = [m for m in range(5, 60) if m <= 20 or m % 10 in (0, 5, 6, 7, 8, 9)]


def draw(kinds: dict[str, str], split: str, rng: Random) -> Slots:
    """Draw a value for each slot of ``kinds``, no two alike within one kind.

    Cities come as keys, texts as positions in the language's list, everything else as the argument.
    """
    slots: Slots = {}
    for slot in sorted(kinds, key=lambda slot: kinds[slot] == "amount"):  # an amount follows its currency
        kind = kinds[slot]
        taken = [slots[s] for s, k in kinds.items() if s in slots and k == kind]
        values = _amounts(slots.get("source"), split) if kind == "amount" else pool(kind, split)
        if kind == "rail" and taken:
            values = next(line for line in RAILWAYS[split] if taken[0] in line)
        slots[slot] = rng.choice([v for v in values if v not in taken])
    return slots


def _amounts(currency: str | None, split: str) -> list[int]:
    """Sums that people name in a currency: nobody asks what 35 yen come to."""
    unit = LOCAL_UNITS.get(currency or "", 1)
    return _held_out([amount * unit for amount in AMOUNTS], split)


def pool(kind: str, split: str) -> list[Any]:
    """All values that a slot of ``kind`` can take in ``split``. Raises ValueError for an unknown kind."""
    name, _, detail = kind.partition(":")
    match name:
        case "time":
            return _held_out(TIMES, split)
        case "meal" | "event":
            return [t for t in _held_out(TIMES, split) if any(a <= t <= b for a, b in HOURS[name])]
        case "date":
            return _held_out(DATES, split)
        case "amount" | "local_amount":
            return _held_out(AMOUNTS, split)
        case "minutes":
            return _held_out(MINUTES, split)
        case "city":
            return TEST_CITIES if split == "test" else TRAIN_CITIES
        case "mailed":
            return [city for city in pool("city", split) if city not in NO_POSTAL_CODES]
        case "rail":
            return [city for line in RAILWAYS[split] for city in line]
        case "foreign":
            return [c for c in CURRENCIES if c != "BRL"]
        case "phone":
            return PHONES[split]
        case "code":
            return CODES[detail][split]
        case "text":
            return list(range(4 if split == "test" else 8))
    if name not in CLOSED:
        raise ValueError(f"unknown kind of slot {kind!r}")
    return CLOSED[name]


CLOSED: dict[str, list[Any]] = {
    "country": COUNTRIES,
    "currency": CURRENCIES,
    "service": SERVICES,
    "place": PLACES,
    "account": ACCOUNTS,
    "units": UNIT_PAIRS,
    "people": [str(n) for n in range(2, 13)],
    "rating": [str(n) for n in range(1, 6)],
}
# What a phrasing may ask of a slot's value, ``{time@early}``: "sleeping in" is nothing for the afternoon.
WINDOWS = {
    "early": ("04:00", "08:00"),
    "morning": ("04:00", "11:00"),
    "lunch": ("11:00", "15:00"),
    "evening": ("17:30", "23:59"),
}
SMALL = 100  # the most that is small, before it is multiplied for small units: a share of a dinner
WINDOW_NAMES = (*WINDOWS, "small")


def windows(kind: str, value: Any) -> Iterator[str]:
    """The names of the windows that the value of a slot of ``kind`` lies in."""
    if kind in ("time", "meal", "event"):
        yield from (name for name, (first, last) in WINDOWS.items() if first <= value <= last)
    elif kind == "local_amount" and value <= SMALL:
        yield "small"
