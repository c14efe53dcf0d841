"""Truths from outside that the tools must agree with: real numbers, known days, the sky."""

import pytest

from sandbox.catalog import run


def ask(name: str, **arguments):
    return run(name, arguments, {})[0]


@pytest.mark.parametrize(
    ("iban", "country"),
    [  # the examples of the SWIFT IBAN registry
        ("GB29 NWBK 6016 1331 9268 19", "GB"),
        ("DE89370400440532013000", "DE"),
        ("FR14 2004 1010 0505 0001 3M02 606", "FR"),
        ("NL91ABNA0417164300", "NL"),
        ("SA03 8000 0000 6080 1016 7519", "SA"),
        ("BR18 0036 0305 0000 1000 9795 493C 1", "BR"),
    ],
)
def test_ibans(iban, country):
    assert ask("check_iban", iban=iban) == {"iban": iban, "valid": True, "country": country}
    other = iban.replace("0", "9", 1)
    assert ask("check_iban", iban=other) == {"iban": other, "valid": False, "country": country}


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        ("DE136695976", "DE136695978"),
        ("IE6388047V", "IE6388047W"),
        ("FR40303265045", "FR84323140391"),
        ("NL004495445B01", "NL123456789B90"),
        ("EL094259216", "EL123456781"),
    ],
)
def test_vat_numbers(number, wrong):
    assert ask("check_vat", number=number) == {"number": number, "valid": True, "country": number[:2]}
    assert ask("check_vat", number=wrong)["valid"] is False
    assert ask("check_vat", number="US123456789") == {"number": "US123456789", "valid": False, "country": ""}


@pytest.mark.parametrize(
    ("country", "after", "date"),
    [
        ("FR", "2026-07-01", "2026-07-14"),
        ("FR", "2026-07-14", "2026-08-15"),
        ("DE", "2026-09-20", "2026-10-03"),
        ("US", "2026-11-12", "2026-11-26"),
        ("JP", "2026-02-01", "2026-02-11"),
        ("BR", "2026-09-01", "2026-09-07"),
        ("IN", "2026-08-01", "2026-08-15"),
        ("MX", "2026-09-02", "2026-09-16"),
        ("KE", "2026-12-01", "2026-12-12"),
        ("TH", "2026-12-05", "2026-12-07"),  # the 5th is a Saturday
        ("TH", "2026-12-07", "2026-12-10"),
        ("GB", "2026-12-01", "2026-12-25"),
        ("de", "2026-12-26", "2027-01-01"),
    ],
)
def test_public_holidays(country, after, date):
    assert ask("next_holiday", country=country, after=after)["date"] == date


@pytest.mark.parametrize(
    ("number", "country", "international", "national"),
    [
        ("01 42 68 53 00", "FR", "+33 1 42 68 53 00", "01 42 68 53 00"),
        ("(11) 91234-5678", "BR", "+55 11 91234-5678", "(11) 91234-5678"),
        ("020 7946 0018", "GB", "+44 20 7946 0018", "020 7946 0018"),
        ("03-3213-1111", "JP", "+81 3-3213-1111", "03-3213-1111"),
        ("٠٢٢٧٩٥٠٦٠٠", "EG", "+20 2 27950600", "02 27950600"),
    ],
)
def test_phone_numbers(number, country, international, national):
    assert ask("format_phone", number=number, country=country) == {
        "international": international,
        "national": national,
        "valid": ask("format_phone", number=international, country="US")["valid"],
    }


def test_phone_numbers_that_are_none():
    assert ask("format_phone", number="call me", country="FR") == {
        "international": "",
        "national": "",
        "valid": False,
    }
    assert ask("format_phone", number="01 42 68 53", country="FR")["valid"] is False
    assert ask("format_phone", number="01 42 68 53 00", country="FR")["valid"] is True


def test_the_sun():
    def rises(city, day):
        return ask("get_sunrise", location=city, datetime=day)["time"]

    def sets(city, day):
        return ask("get_sunset", location=city, datetime=day)["time"]

    assert rises("Stockholm", "2026-06-21") in ("03:30", "03:31", "03:32")  # timeanddate.com: 03:31
    assert sets("Stockholm", "2026-06-21") in ("22:07", "22:08", "22:09")  # 22:08
    assert rises("London", "2026-12-21") in ("08:03", "08:04", "08:05")  # 08:04
    assert rises("Sydney", "2026-06-21") > "06:55" and rises("Sydney", "2026-12-21") < "05:45"
    assert rises("Nairobi", "2026-03-20")[:2] == "06"


@pytest.mark.parametrize(
    ("city", "time"),
    [("Tokyo", "17:00"), ("New York", "03:00"), ("Nairobi", "11:00"), ("Karachi", "13:00"),
     ("London", "08:00"), ("Sydney", "19:00"), ("São Paulo", "05:00"),
     ("Москва", "11:00"), ("ढाका", "14:00")],
)  # fmt: skip
def test_clocks_when_it_is_eight_in_greenwich(city, time):
    assert ask("world_time", city=city) == {"city": city, "time": time}


@pytest.mark.parametrize(
    ("value", "source", "target", "result"),
    [
        (26.2, "mile", "kilometer", 42.16),
        (6, "foot", "meter", 1.83),
        (100, "celsius", "fahrenheit", 212.0),
        (-40, "fahrenheit", "celsius", -40.0),
        (70, "kilogram", "pound", 154.32),
        (1, "gallon", "liter", 3.79),
        (32, "fahrenheit", "celsius", 0.0),
    ],
)
def test_units(value, source, target, result):
    assert ask("convert_units", value=value, source=source, target=target) == {
        "value": result,
        "unit": target,
    }


def test_money_is_rounded_to_the_currency_s_own_digits():
    yen = ask("convert_currency", amount=9.99, source="EUR", target="JPY")["amount"]
    assert isinstance(yen, int)
    dinars = ask("convert_currency", amount=100, source="USD", target="KWD")
    assert dinars == {"amount": 30.7, "currency": "KWD"}
    assert ask("convert_currency", amount=0.125, source="USD", target="usd")["amount"] == 0.13


@pytest.mark.parametrize(
    "key",
    [
        "+55 11 91234-5678",
        "+5511912345678",
        "529.982.247-25",
        "52998224725",
        "11.222.333/0001-81",
        "joao.silva@exemplo.com.br",
        "123e4567-e89b-12d3-a456-426614174000",
    ],
)
def test_pix_keys(key):
    assert ask("send_pix", key=key, amount=10)["balance"] == 4990.0
    state = run("send_pix", {"key": key, "amount": 10}, {})[1]
    assert state["ledger"]["transfers"] == [
        {"id": 1, "kind": "pix", "to": key, "amount": 10.0, "currency": "BRL"}
    ]
