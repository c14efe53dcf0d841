"""Tools that need two calls, and tools whose success only the state shows."""

import pytest

from sandbox.catalog import initial_state, run
from sandbox.catalog.money import OPENING
from sandbox.tools import ToolError

CONTACTS = [
    {"contact_id": "contact-1f", "name": "Анна Петрова", "phone": "+12025550101"},
    {"contact_id": "contact-2e", "name": "Anna", "phone": "+12025550117"},
]
TRIPS = [
    {"trip_id": "trip-7c", "city": "Lima", "date": "2026-04-01"},
    {"trip_id": "trip-8d", "city": "Rome", "date": "2026-05-01"},
]
STATE = {"contacts": CONTACTS, "trips": TRIPS}
# first tool, its arguments, where its ids are, second tool, the id's argument, its other arguments, state
PAIRS = {
    "book_flight": ("find_flights", {"origin": "Lima", "destination": "Rome", "date": "2026-05-01"}, "flights", "offer_id", {}, "flights"),
    "reserve_room": ("find_rooms", {"city": "Rome", "date": "2026-05-01"}, "rooms", "room_id", {}, "rooms"),
    "book_appointment": ("find_appointments", {"service": "dentist", "date": "2026-05-01"}, "slots", "slot_id", {}, "appointments"),
    "message_contact": ("find_contact", {"name": "анна"}, "contacts", "contact_id", {"text": "Привет!"}, "messages"),
    "redirect_parcel": ("track_parcel", {"number": "RR473124829DE"}, None, "parcel_id", {"place": "shop"}, "parcels"),
    "confirm_exchange": ("quote_exchange", {"amount": 100, "source": "EUR", "target": "JPY"}, None, "quote_id", {}, None),
    "cancel_trip": ("show_trips", {}, "trips", "trip_id", {}, None),
}  # fmt: skip
ONLY_IN_STATE = [name for name in PAIRS if name != "book_flight"]
each_pair = pytest.mark.parametrize("name", PAIRS)


def find(name: str, state: dict, **changed):
    """The ids that the first tool tells, and the state after it."""
    first, arguments, among, argument, _, _ = PAIRS[name]
    result, after = run(first, arguments | changed, state)
    return [one[argument] for one in (result[among] if among else [result])], after


def act(name: str, number: str, state: dict):
    _, _, _, argument, others, _ = PAIRS[name]
    return run(name, {argument: number, **others}, state)


@each_pair
def test_the_second_call_takes_an_id_that_only_the_first_tells(name: str):
    ids, after = find(name, STATE)
    assert len(set(ids)) == len(ids) >= 1
    result, last = act(name, ids[-1], after)
    assert last != after
    if name in ONLY_IN_STATE:
        assert result == {"accepted": True}
    with pytest.raises(ToolError, match=r"give an? ") as refusal:
        act(name, ids[0][:-1] + "zz", after)
    assert PAIRS[name][0] in str(refusal.value) and "\n" not in str(refusal.value)


@pytest.mark.parametrize("name", [n for n in PAIRS if n not in ("message_contact", "cancel_trip")])
def test_without_the_first_call_nothing_is_booked(name: str):
    ids, _ = find(name, STATE)
    with pytest.raises(ToolError, match=r"no .* was offered"):
        act(name, ids[0], STATE)


@pytest.mark.parametrize("name", [n for n, pair in PAIRS.items() if pair[5]])
def test_what_is_booked_twice_is_there_twice(name: str):
    ids, state = find(name, STATE)
    for count in (1, 2):
        _, state = act(name, ids[0], state)
        assert len(state[PAIRS[name][5]]) == count
    assert state[PAIRS[name][5]][0]["id"] != state[PAIRS[name][5]][1]["id"]


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("book_flight", {"date": "2026-05-02"}),
        ("book_flight", {"origin": "Rome", "destination": "Lima"}),
        ("reserve_room", {"city": "Lima"}),
        ("book_appointment", {"service": "doctor"}),
        ("redirect_parcel", {"number": "CP442852495FR"}),
        ("confirm_exchange", {"amount": 101}),
    ],
)
def test_ids_hang_on_what_was_asked(name: str, changed: dict):
    first, _ = find(name, STATE)
    other, _ = find(name, STATE, **changed)
    again, _ = find(name, STATE)
    assert first == again and not set(first) & set(other)


def test_an_id_of_one_kind_is_none_of_another():
    rooms, state = find("reserve_room", STATE)
    with pytest.raises(ToolError, match="no flight was offered"):
        act("book_flight", rooms[0], state)


def test_a_city_finds_the_same_flights_in_every_spelling():
    ids, state = find("book_flight", STATE)
    again, same = find("book_flight", STATE, origin="リマ", destination="Рим")
    assert ids == again and state == same


@pytest.mark.parametrize("date", [f"2026-0{month}-{day:02d}" for month in (4, 9) for day in range(1, 29)])
def test_offers_can_be_told_apart(date: str):
    flights = run("find_flights", {"origin": "Lima", "destination": "Rome", "date": date}, {})[0]["flights"]
    rooms = run("find_rooms", {"city": "Lima", "date": date}, {})[0]["rooms"]
    slots = run("find_appointments", {"service": "doctor", "date": date}, {})[0]["slots"]
    assert len({one["price"] for one in flights}) == len({one["price"] for one in rooms}) == 3
    assert len({one["time"] for one in slots}) == 3


def test_an_exchange_balances():
    ids, state = find("confirm_exchange", STATE)
    _, after = act("confirm_exchange", ids[0], state)
    assert after["ledger"]["balance"] == {"BRL": 5000.0, "INR": 50000.0, "EUR": OPENING["EUR"] - 100,
                                          "JPY": OPENING["JPY"] + 18353}  # fmt: skip
    ids, state = find("confirm_exchange", STATE, amount=OPENING["EUR"] + 1)
    with pytest.raises(ToolError, match=r"more than the balance of 5000 EUR"):
        act("confirm_exchange", ids[0], state)


@pytest.mark.parametrize("currency", ["USD", "KRW", "KWD"])
def test_money_between_accounts_is_neither_made_nor_lost(currency: str):
    before = {"checking": 100.25, "savings": 0, "household": 7, "travel": 1}
    state = {"accounts": {"currency": currency, "balance": before}}
    asked = {"source": "checking", "target": "savings", "amount": 99.125}
    result, after = run("move_money", asked, state)
    balance = after["accounts"]["balance"]
    assert result == {"accepted": True}
    digits = {"USD": 2, "KRW": 0, "KWD": 3}[currency]
    assert balance["savings"] == pytest.approx(99.125, abs=0.51 * 10**-digits) and balance["household"] == 7
    if currency != "KRW":  # whose checking account had no whole amount
        assert sum(balance.values()) == pytest.approx(sum(before.values()), abs=1e-9)
    for wrong, said in [
        ({"target": "checking"}, "two different"),
        ({"amount": 101}, "more than the balance"),
    ]:
        with pytest.raises(ToolError, match=said):
            run("move_money", asked | wrong, state)


def test_the_card_that_is_meant_is_frozen():
    cards = [{"card": "4821", "frozen": False}, {"card": "7305", "frozen": False}]
    result, after = run("freeze_card", {"card": "7305"}, {"cards": cards})
    assert result == {"accepted": True}
    assert after["cards"] == [cards[0], {"card": "7305", "frozen": True}]
    with pytest.raises(ToolError, match="no card that ends in '0000'"):
        run("freeze_card", {"card": "0000"}, {"cards": cards})


def test_the_trip_that_is_meant_is_cancelled():
    _, after = act("cancel_trip", "trip-7c", STATE)
    assert after["trips"] == TRIPS[1:]


def test_contacts_are_found_as_they_are_called():
    names = {asked: [one["contact_id"] for one in run("find_contact", {"name": asked}, STATE)[0]["contacts"]]
             for asked in ("ANNA", "Анна", "петрова", "Bob", " ")}  # fmt: skip
    assert names == {
        "ANNA": ["contact-2e"],
        "Анна": ["contact-1f"],
        "петрова": ["contact-1f"],
        "Bob": [],
        " ": [],
    }


@pytest.mark.parametrize(
    "number", ["RR473124828DE", "RR47312482DE", "473124829", "RR473124829D3", "RR٤٧٣١٢٤٨٢٩DE"]
)
def test_a_wrong_tracking_number_is_refused(number: str):
    with pytest.raises(ToolError, match="not a tracking number"):
        run("track_parcel", {"number": number}, initial_state())


def test_an_empty_message_is_not_sent():
    with pytest.raises(ToolError, match="empty"):
        run("message_contact", {"contact_id": "contact-1f", "text": " "}, STATE)
