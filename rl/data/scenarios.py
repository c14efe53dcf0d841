"""What the catalog's tasks ask, in no language yet: the slots, the gold calls and the facts of each.

A scenario is a function ``(slots, run) -> facts``. ``slots`` holds each slot's argument value in the
task's language, and the task's ``locale`` and its ``currency``; ``run(tool, **arguments)`` executes the gold call in the session's state and returns
its result; the facts that come back, by name, are what the reply must state. Slot values are drawn
per split from disjoint pools, so that no test value was ever trained on; only closed classes
(currencies, units, countries, ratings, party sizes) are shared.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any
from zlib import crc32

from sandbox.catalog import SPECS, local_tool

Facts = dict[str, dict[str, Any]]
Slots = dict[str, Any]
Run = Callable[..., dict[str, Any]]

TRAIN_CITIES = (
    "tokyo paris cairo new_york london seoul nairobi bangkok moscow madrid berlin rome lisbon vienna istanbul "
    "shanghai singapore jakarta dubai dhaka karachi sydney toronto chicago lima"
).split()
TEST_CITIES = "athens warsaw prague stockholm dublin manila hong_kong bogota casablanca sao_paulo".split()
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


def _pool(values: list[Any], split: str) -> list[Any]:
    """A quarter of the values, scattered over their range, is the test split's."""
    return [v for v in values if (crc32(str(v).encode()) % 4 == 0) == (split == "test")]


TIMES = [f"{m // 60:02d}:{m % 60:02d}" for m in range(6 * 60, 23 * 60, 5)]
DATES = [(datetime.date(2026, 3, 3) + datetime.timedelta(days=d)).isoformat() for d in range(600)]
# Multiples of five take one plural form in every language here (Russian counts 21 as singular).
AMOUNTS = list(range(20, 2000, 5))
MINUTES = [m for m in range(5, 60) if m <= 20 or m % 10 in (0, 5, 6, 7, 8, 9)]


def draw(kinds: dict[str, str], split: str, rng: Random) -> Slots:
    """Draw a value for each slot of ``kinds``, no two alike within one kind.

    Cities come as keys, texts as positions in the language's list, everything else as the argument.
    """
    slots: Slots = {}
    for slot, kind in kinds.items():
        taken = [slots[s] for s, k in kinds.items() if s in slots and k == kind]
        slots[slot] = rng.choice([v for v in pool(kind, split) if v not in taken])
    return slots


def pool(kind: str, split: str) -> list[Any]:
    """All values that a slot of ``kind`` can take in ``split``."""
    name, _, detail = kind.partition(":")
    match name:
        case "time":
            return _pool(TIMES, split)
        case "date":
            return _pool(DATES, split)
        case "amount" | "local_amount":
            return _pool(AMOUNTS, split)
        case "minutes":
            return _pool(MINUTES, split)
        case "city":
            return TEST_CITIES if split == "test" else TRAIN_CITIES
        case "country":
            return COUNTRIES
        case "currency":
            return CURRENCIES
        case "foreign":
            return [c for c in CURRENCIES if c != "BRL"]
        case "service":
            return SERVICES
        case "place":
            return PLACES
        case "account":
            return ACCOUNTS
        case "units":
            return UNIT_PAIRS
        case "phone":
            return PHONES["test" if split == "test" else "train"]
        case "code":
            return CODES[detail]["test" if split == "test" else "train"]
        case "text":
            return list(range(4 if split == "test" else 8))
        case "people":
            return [str(n) for n in range(2, 13)]
        case "rating":
            return [str(n) for n in range(1, 6)]
    raise ValueError(f"unknown slot kind {kind!r}")


@dataclass(frozen=True)
class Scenario:
    """``slots`` maps each slot to its kind; ``given`` is the state that the session starts with; ``ordered``
    where a call needs what the one before it gave."""

    slots: dict[str, str]
    play: Callable[[Slots, Run], Facts]
    given: Callable[[Slots], dict[str, Any]] = lambda slots: {}
    ordered: bool = False


def time(value: str) -> dict[str, Any]:
    return {"kind": "time", "value": value}


def date(value: str) -> dict[str, Any]:
    return {"kind": "date", "value": value}


def text(value: str) -> dict[str, Any]:
    return {"kind": "text", "value": value}


def verdict(value: bool) -> dict[str, Any]:
    """Whether something is so; the language's words for yes and no are put in later."""
    return {"kind": "text", "value": "", "verdict": value}


def number(value: float) -> dict[str, Any]:
    return {"kind": "number", "value": value}


def money(result: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "money", "value": result["amount"], "currency": result["currency"]}


def alarms(*times: str) -> dict[str, Any]:
    rows = [{"id": i + 1, "datetime": t, "recurring": "", "label": ""} for i, t in enumerate(times)]
    return {"alarms": rows}


def reminder(todo: str, at: str = "") -> dict[str, Any]:
    return {"reminders": [{"id": 1, "todo": todo, "datetime": at, "recurring": ""}]}


def set_alarm(s: Slots, run: Run) -> Facts:
    run("set_alarm", datetime=s["time"])
    return {"time": time(s["time"])}


def cancel_alarm(s: Slots, run: Run) -> Facts:
    run("cancel_alarm", datetime=s["time"])
    return {"time": time(s["time"])}


def change_alarm(s: Slots, run: Run) -> Facts:
    run("change_alarm", datetime=s["old"], new_datetime=s["new"])
    return {"new": time(s["new"])}


def replace_alarm(s: Slots, run: Run) -> Facts:
    run("cancel_alarm", datetime=s["old"])
    run("set_alarm", datetime=s["new"])
    return {"new": time(s["new"])}


def show_alarms(s: Slots, run: Run) -> Facts:
    found = run("show_alarms")["alarms"]
    return {"first": time(found[0]["datetime"]), "second": time(found[1]["datetime"])}


def snooze_alarm(s: Slots, run: Run) -> Facts:
    return {"time": time(run("snooze_alarm", minutes=s["minutes"])["datetime"])}


def alarm_time_left(s: Slots, run: Run) -> Facts:
    return {"minutes": number(run("alarm_time_left")["minutes"])}


def set_reminder(s: Slots, run: Run) -> Facts:
    run("set_reminder", todo=s["todo"], datetime=s["time"])
    return {"time": time(s["time"]), "todo": text(s["todo"])}


def cancel_reminder(s: Slots, run: Run) -> Facts:
    run("cancel_reminder", todo=s["todo"])
    return {"todo": text(s["todo"])}


def show_reminders(s: Slots, run: Run) -> Facts:
    found = run("show_reminders")["reminders"][0]
    return {"todo": text(found["todo"]), "time": time(found["datetime"])}


def add_event(s: Slots, run: Run) -> Facts:
    run("add_event", title=s["title"], date=s["date"], time=s["time"])
    return {"date": date(s["date"]), "time": time(s["time"])}


def get_weather(s: Slots, run: Run) -> Facts:
    return {
        "temperature": {"kind": "temperature", "value": run("get_weather", location=s["city"])["temperature"]}
    }


def get_sunrise(s: Slots, run: Run) -> Facts:
    return {"time": time(run("get_sunrise", location=s["city"])["time"])}


def get_sunset(s: Slots, run: Run) -> Facts:
    return {"time": time(run("get_sunset", location=s["city"])["time"])}


def play_music(s: Slots, run: Run) -> Facts:
    run("play_music", artist=s["artist"])
    return {"artist": text(s["artist"])}


def add_to_playlist(s: Slots, run: Run) -> Facts:
    run("add_to_playlist", playlist=s["playlist"], track=s["track"])
    return {"playlist": text(s["playlist"]), "track": text(s["track"])}


def book_restaurant(s: Slots, run: Run) -> Facts:
    run("book_restaurant", restaurant=s["restaurant"], datetime=s["time"], party_size=s["people"])
    return {"restaurant": text(s["restaurant"]), "time": time(s["time"])}


def rate_book(s: Slots, run: Run) -> Facts:
    run("rate_book", title=s["book"], rating=s["rating"])
    others = [n for n in range(1, 5) if n != int(s["rating"])]  # 5 is said of every rating out of 5
    return {"rating": number(int(s["rating"])) | {"not": others}}


def find_media(s: Slots, run: Run) -> Facts:
    run("find_media", title=s["movie"])
    return {"movie": text(s["movie"])}


def find_screenings(s: Slots, run: Run) -> Facts:
    first, second = run("find_screenings", movie=s["movie"])["times"]
    return {"movie": text(s["movie"]), "first": time(first), "second": time(second)}


def book_train(s: Slots, run: Run) -> Facts:
    departure = run("book_train", origin=s["origin"], destination=s["destination"], date=s["date"])[
        "departure"
    ]
    return {"departure": time(departure), "date": date(s["date"])}


def convert_currency(s: Slots, run: Run) -> Facts:
    return {
        "result": money(run("convert_currency", amount=s["amount"], source=s["source"], target=s["target"]))
    }


def convert_units(s: Slots, run: Run) -> Facts:
    result = run("convert_units", value=s["value"], source=s["source"], target=s["target"])
    return {"result": {"kind": "quantity", "value": result["value"], "unit": result["unit"]}}


def world_time(s: Slots, run: Run) -> Facts:
    return {"time": time(run("world_time", city=s["city"])["time"])}


def two_times(s: Slots, run: Run) -> Facts:
    first, second = run("world_time", city=s["city"]), run("world_time", city=s["city2"])
    return {"time": time(first["time"]), "time2": time(second["time"])}


def next_holiday(s: Slots, run: Run) -> Facts:
    return {"holiday": date(run("next_holiday", country=s["country"], after=s["date"])["date"])}


def check_vat(s: Slots, run: Run) -> Facts:
    return {"vat": text(s["vat"]), "valid": verdict(run("check_vat", number=s["vat"])["valid"])}


def check_iban(s: Slots, run: Run) -> Facts:
    return {"iban": text(s["iban"]), "valid": verdict(run("check_iban", iban=s["iban"])["valid"])}


def format_phone(s: Slots, run: Run) -> Facts:
    return {
        "international": text(run("format_phone", number=s["phone"], country=s["country"])["international"])
    }


def find_postal_code(s: Slots, run: Run) -> Facts:
    return {"code": text(run("find_postal_code", city=s["city"])["code"])}


def send_pix(s: Slots, run: Run) -> Facts:
    return {"sent": money(run("send_pix", key=s["key"], amount=s["amount"]))}


def send_upi(s: Slots, run: Run) -> Facts:
    return {"sent": money(run("send_upi", vpa=s["vpa"], amount=s["amount"]))}


def convert_and_pay(s: Slots, run: Run) -> Facts:
    converted = run("convert_currency", amount=s["amount"], source=s["source"], target="BRL")
    return {"sent": money(run("send_pix", key=s["key"], amount=converted["amount"]))}


def send_money(s: Slots, run: Run) -> Facts:
    tool = local_tool("send_money", s["locale"])
    recipient = SPECS[tool].parameters["required"][0]
    return {"sent": money(run(tool, **{recipient: s["recipient"]}, amount=s["amount"]))}


def book_flight(s: Slots, run: Run) -> Facts:
    found = run("find_flights", origin=s["origin"], destination=s["destination"], date=s["date"])["flights"]
    cheapest = min(found, key=lambda flight: flight["price"])
    code = run("book_flight", offer_id=cheapest["offer_id"])["code"]
    return {"departure": time(cheapest["departure"]), "code": text(code)}


def reserve_room(s: Slots, run: Run) -> Facts:
    found = run("find_rooms", city=s["city"], date=s["date"])["rooms"]
    cheapest = min(found, key=lambda room: room["price"])
    run("reserve_room", room_id=cheapest["room_id"])
    return {"price": {"kind": "money", "value": cheapest["price"], "currency": cheapest["currency"]}}


def book_appointment(s: Slots, run: Run) -> Facts:
    found = run("find_appointments", service=s["service"], date=s["date"])["slots"]
    earliest = min(found, key=lambda slot: slot["time"])
    run("book_appointment", slot_id=earliest["slot_id"])
    return {"time": time(earliest["time"])}


def message_contact(s: Slots, run: Run) -> Facts:
    [found] = run("find_contact", name=s["contact"])["contacts"]
    run("message_contact", contact_id=found["contact_id"], text=s["message"])
    return {"contact": text(s["contact"])}


def redirect_parcel(s: Slots, run: Run) -> Facts:
    found = run("track_parcel", number=s["parcel"])
    run("redirect_parcel", parcel_id=found["parcel_id"], place=s["place"])
    return {"arrival": date(found["arrives"])}


def confirm_exchange(s: Slots, run: Run) -> Facts:
    quote = run("quote_exchange", amount=s["amount"], source=s["source"], target=s["target"])
    run("confirm_exchange", quote_id=quote["quote_id"])
    return {"got": money(quote)}


def cancel_trip(s: Slots, run: Run) -> Facts:
    trip = next(trip for trip in run("show_trips")["trips"] if trip["city"] == s["city"])
    run("cancel_trip", trip_id=trip["trip_id"])
    return {"day": date(trip["date"])}


def move_money(s: Slots, run: Run) -> Facts:
    run("move_money", source=s["source"], target=s["target"], amount=s["amount"])
    return {"moved": money({"amount": s["amount"], "currency": s["currency"]})}


def freeze_card(s: Slots, run: Run) -> Facts:
    run("freeze_card", card=s["card"])
    return {"card": text(s["card"])}


def contacts(*people: tuple[str, str]) -> dict[str, Any]:
    """People by name and phone number; an id hangs on the number, which no request tells."""
    rows = [
        {"contact_id": f"contact-{crc32(phone.encode()):08x}", "name": name, "phone": phone}
        for name, phone in people
    ]
    return {"contacts": rows}


def trips(*booked: tuple[str, str]) -> dict[str, Any]:
    """Trips by day and city, in the order of their days."""
    rows = [
        {"trip_id": f"trip-{crc32(f'{position} {day}'.encode()):08x}", "city": city, "date": day}
        for position, (day, city) in enumerate(sorted(booked))
    ]
    return {"trips": rows}


def accounts(s: Slots) -> dict[str, Any]:
    balance = {name: 3.0 * s["amount"] if name == s["source"] else float(s["amount"]) for name in ACCOUNTS}
    return {"accounts": {"currency": s["currency"], "balance": balance}}


def cards(*numbers: str) -> dict[str, Any]:
    return {"cards": [{"card": number, "frozen": False} for number in numbers]}


def _rich(slots: Slots) -> dict[str, Any]:
    return {"ledger": {"balance": {"BRL": 50000.0, "INR": 50000.0}, "transfers": []}}


SCENARIOS: dict[str, Scenario] = {
    "set_alarm": Scenario({"time": "time"}, set_alarm),
    "cancel_alarm": Scenario(
        {"time": "time", "other": "time"}, cancel_alarm, lambda s: alarms(s["time"], s["other"])
    ),
    "change_alarm": Scenario({"old": "time", "new": "time"}, change_alarm, lambda s: alarms(s["old"])),
    "replace_alarm": Scenario({"old": "time", "new": "time"}, replace_alarm, lambda s: alarms(s["old"])),
    "show_alarms": Scenario(
        {"a": "time", "b": "time"}, show_alarms, lambda s: alarms(*sorted([s["a"], s["b"]]))
    ),
    "snooze_alarm": Scenario({"minutes": "minutes", "set": "time"}, snooze_alarm, lambda s: alarms(s["set"])),
    "alarm_time_left": Scenario(
        {"minutes": "minutes"}, alarm_time_left, lambda s: alarms(f"08:{s['minutes']:02d}")
    ),
    "set_reminder": Scenario({"todo": "text:todo", "time": "time"}, set_reminder),
    "cancel_reminder": Scenario({"todo": "text:todo"}, cancel_reminder, lambda s: reminder(s["todo"])),
    "show_reminders": Scenario(
        {"todo": "text:todo", "time": "time"}, show_reminders, lambda s: reminder(s["todo"], s["time"])
    ),
    "add_event": Scenario({"title": "text:title", "date": "date", "time": "time"}, add_event),
    "get_weather": Scenario({"city": "city"}, get_weather),
    "get_sunrise": Scenario({"city": "city"}, get_sunrise),
    "get_sunset": Scenario({"city": "city"}, get_sunset),
    "play_music": Scenario({"artist": "text:artist"}, play_music),
    "add_to_playlist": Scenario({"track": "text:track", "playlist": "text:playlist"}, add_to_playlist),
    "book_restaurant": Scenario(
        {"restaurant": "text:restaurant", "people": "people", "time": "time"}, book_restaurant
    ),
    "rate_book": Scenario({"book": "text:book", "rating": "rating"}, rate_book),
    "find_media": Scenario({"movie": "text:movie"}, find_media),
    "find_screenings": Scenario({"movie": "text:movie"}, find_screenings),
    "book_train": Scenario({"origin": "city", "destination": "city", "date": "date"}, book_train),
    "convert_currency": Scenario(
        {"amount": "amount", "source": "currency", "target": "currency"}, convert_currency
    ),
    "convert_units": Scenario({"value": "amount", "units": "units"}, convert_units),
    "world_time": Scenario({"city": "city"}, world_time),
    "two_times": Scenario({"city": "city", "city2": "city"}, two_times),
    "next_holiday": Scenario({"country": "country", "date": "date"}, next_holiday),
    "check_vat": Scenario({"vat": "code:vat"}, check_vat),
    "check_iban": Scenario({"iban": "code:iban"}, check_iban),
    "format_phone": Scenario({"phone": "phone"}, format_phone),
    "find_postal_code": Scenario({"city": "city"}, find_postal_code),
    "send_pix": Scenario({"key": "code:key", "amount": "amount"}, send_pix),
    "send_upi": Scenario({"vpa": "code:vpa", "amount": "amount"}, send_upi),
    "convert_and_pay": Scenario(
        {"amount": "amount", "source": "foreign", "key": "code:key"}, convert_and_pay, _rich, ordered=True
    ),
    "send_money": Scenario({"recipient": "text:recipient", "amount": "local_amount"}, send_money),
    "book_flight": Scenario(
        {"origin": "city", "destination": "city", "date": "date"}, book_flight, ordered=True
    ),
    "reserve_room": Scenario({"city": "city", "date": "date"}, reserve_room, ordered=True),
    "book_appointment": Scenario({"service": "service", "date": "date"}, book_appointment, ordered=True),
    "message_contact": Scenario(
        {
            "contact": "text:contact",
            "other": "text:contact",
            "message": "text:message",
            "a": "code:dialled",
            "b": "code:dialled",
        },
        message_contact,
        lambda s: contacts((s["other"], s["b"]), (s["contact"], s["a"])),
        ordered=True,
    ),
    "redirect_parcel": Scenario({"parcel": "code:parcel", "place": "place"}, redirect_parcel, ordered=True),
    "confirm_exchange": Scenario(
        {"amount": "amount", "source": "currency", "target": "currency"}, confirm_exchange, ordered=True
    ),
    "cancel_trip": Scenario(
        {"city": "city", "other": "city", "a": "date", "b": "date"},
        cancel_trip,
        lambda s: trips((s["a"], s["city"]), (s["b"], s["other"])),
        ordered=True,
    ),
    "move_money": Scenario(
        {"source": "account", "target": "account", "amount": "local_amount"}, move_money, accounts
    ),
    "freeze_card": Scenario(
        {"card": "code:card", "other": "code:card"}, freeze_card, lambda s: cards(s["other"], s["card"])
    ),
}
