from datetime import date

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given, settings
from hypothesis import strategies as st

from rewards.facts import form, local, stated
from rewards.facts.measures import UNITS

LOCALES = [
    "ar-EG", "bn-BD", "de-DE", "en-US", "en-GB", "es-ES", "es-MX", "fr-FR",
    "hi-IN", "ja-JP", "ko-KR", "pt-BR", "ru-RU", "sw-KE", "te-IN", "th-TH",
    "zh-CN", "da-DK", "id-ID", "it-IT", "sv-SE", "tr-TR", "vi-VN",
]  # fmt: skip
CURRENCIES = ["USD", "EUR", "GBP", "JPY", "BRL", "INR", "CHF", "CNY"]
numbers = st.integers(-9_999_999, 9_999_999).map(lambda n: n / 100)
days = st.dates(min_value=date(2001, 1, 1), max_value=date(2039, 12, 31))
amounts, currencies = st.integers(1, 9_999_999), st.sampled_from(CURRENCIES)
units = st.sampled_from(sorted(UNITS))
moments = st.one_of(
    st.builds(lambda d: {"kind": "date", "value": d.isoformat()}, days),
    st.builds(lambda t: {"kind": "time", "value": f"{t.hour:02d}:{t.minute:02d}"}, st.times()),
)
facts = st.one_of(
    st.builds(lambda v: {"kind": "number", "value": v}, numbers),
    st.builds(lambda v: {"kind": "temperature", "value": v}, st.integers(-40, 45)),
    st.builds(lambda v, u: {"kind": "quantity", "value": v, "unit": u}, numbers.map(abs), units),
    st.builds(lambda v, c: {"kind": "money", "value": v, "currency": c}, amounts, currencies),
    moments,
)


@settings(max_examples=400, deadline=None)
@given(facts, st.sampled_from(LOCALES))
def test_our_own_form_is_stated_and_local(fact, locale):
    text = f"({form(fact, locale)})"
    assert stated(fact, text, locale)
    assert local(fact, text, locale)


@settings(max_examples=300, deadline=None)
@given(moments, moments, st.sampled_from(LOCALES), st.sampled_from([", ", " – ", "; ", "\n"]))
def test_of_two_moments_side_by_side_both_are_stated(one, other, locale, between):
    text = form(one, locale) + between + form(other, locale)
    assert stated(one, text, locale)
    assert stated(other, text, locale)


@settings(max_examples=200, deadline=None)
@given(facts, st.sampled_from(LOCALES), st.sampled_from("٠۰০०౦๐０"))
def test_digits_of_any_script_and_invisible_marks_state_the_same(fact, locale, zero):
    written = form(fact, locale)
    other = "".join(chr(ord(zero) + int(c)) if c.isdecimal() else c for c in written)
    assert stated(fact, other, locale)
    assert stated(fact, "\u200f" + "\u200e".join(written) + "\u2069", locale)
    assert stated(fact, written.replace("\u00a0", "\u202f"), locale)


@pytest.mark.parametrize(
    ("fact", "locale", "written"),
    [
        ({"kind": "number", "value": 1234567.5}, "ar-EG", "١٬٢٣٤٬٥٦٧٫٥"),
        ({"kind": "number", "value": 1234567.5}, "bn-BD", "১২,৩৪,৫৬৭.৫"),
        ({"kind": "number", "value": -3}, "bn-BD", "-৩"),
        ({"kind": "number", "value": 1234.5}, "fr-FR", "1\u202f234,5"),
        ({"kind": "money", "value": 229.5, "currency": "EUR"}, "ar-EG", "٢٢٩٫٥٠\u00a0€"),
        ({"kind": "money", "value": 229.5, "currency": "EUR"}, "pt-BR", "€\u00a0229,50"),
        ({"kind": "money", "value": 1229, "currency": "JPY"}, "de-DE", "1.229\u00a0¥"),
        ({"kind": "quantity", "value": 12.5, "unit": "kilometer"}, "zh-CN", "12.5公里"),
        ({"kind": "quantity", "value": 12.5, "unit": "foot"}, "th-TH", "12.5 ฟุต"),
        ({"kind": "quantity", "value": 12.5, "unit": "liter"}, "sw-KE", "lita 12.5"),
        ({"kind": "temperature", "value": 17}, "fr-FR", "17\u202f°C"),
        ({"kind": "time", "value": "19:30"}, "ko-KR", "오후 7:30"),
        ({"kind": "time", "value": "19:30"}, "ar-EG", "٧:٣٠ م"),
        ({"kind": "date", "value": "2026-03-14"}, "ru-RU", "14 марта 2026\u202fг."),
        ({"kind": "date", "value": "2026-03-14"}, "ja-JP", "2026年3月14日"),
    ],
)
def test_forms_are_cldrs_in_native_digits(fact, locale, written):
    assert form(fact, locale) == written


# kind, value, text, locale, stated, local
SAID = [
    ("number", 23, "1234", "en-US", False, False),
    ("number", 23, "it is 23.5", "en-US", False, False),
    ("number", 23, "it is 23.", "en-US", True, True),
    ("number", 4, "4/5", "en-US", True, True),
    ("number", 4, "room A4", "en-US", False, False),
    ("number", 30, "at 19:30", "en-US", False, False),
    ("number", 3, "on 3/4/2026", "en-US", False, False),
    ("number", 4, "4 229 euros", "fr-FR", False, False),
    ("number", 17, "-17", "fr-FR", False, False),
    ("number", -17, "moins 17", "fr-FR", True, True),
    ("number", -4, "目前是-4度", "zh-CN", True, True),
    ("number", 1234, "1,234", "de-DE", True, False),
    ("number", 1.234, "1,234", "de-DE", True, True),
    ("number", 1.234, "1.234", "de-DE", True, False),
    ("number", 1234, "1.234", "de-DE", True, True),
    ("number", 1234, "1.234", "fr-FR", False, False),
    ("number", 1234.5, "1,234.5", "de-DE", True, False),
    ("number", 123456, "1,23,456", "hi-IN", True, True),
    ("number", 123456, "123,456", "hi-IN", True, False),
    ("number", 12.5, "१२.५", "hi-IN", True, True),
    ("number", 12.5, "१२.५", "en-US", True, False),
    ("time", "19:30", "7:30 PM", "en-US", True, True),
    ("time", "19:30", "7:30 PM", "fr-FR", True, False),
    ("time", "19:30", "7:30 p. m.", "es-MX", True, True),
    ("time", "19:30", "7:30", "en-US", False, False),
    ("time", "07:30", "7:30 PM", "en-US", False, False),
    ("time", "19:30", "19h30", "fr-FR", True, True),
    ("time", "19:30", "19h30", "de-DE", True, False),
    ("time", "19:00", "à 7 heures du soir", "fr-FR", True, True),
    ("time", "19:00", "à 19 h.", "fr-FR", True, True),
    ("time", "19:00", "19 euros", "fr-FR", False, False),
    ("time", "19:30", "um 19.30 Uhr", "de-DE", True, True),
    ("time", "19:30", "午後7時半です", "ja-JP", True, True),
    ("time", "19:30", "午前7時半です", "ja-JP", False, False),
    ("time", "19:00", "晚上7点提醒", "zh-CN", True, True),
    ("time", "19:30", "오후 7시 30분", "ko-KR", True, True),
    ("time", "19:00", "शाम 7 बजे", "hi-IN", True, True),
    ("time", "19:00", "সন্ধ্যা ৭টায়", "bn-BD", True, True),
    ("time", "19:30", "الساعة ٧:٣٠ مساءً", "ar-EG", True, True),
    ("time", "19:30", "saa 1:30 usiku", "sw-KE", True, True),
    ("time", "09:30", "119:30", "en-US", False, False),
    ("time", "19:00", "à 19 h 30", "fr-FR", False, False),
    ("time", "21:00", "à 15 h 21:00", "fr-FR", True, True),
    ("time", "15:00", "à 15 h 21:00", "fr-FR", True, True),
    ("time", "07:00", "at 7:00:00", "en-US", True, True),
    ("date", "2027-04-24", "14. mars, 24. april 2027", "da-DK", True, True),
    ("date", "2026-03-14", "March 14, 2026", "fr-FR", True, False),
    ("date", "2026-03-14", "le 14/03/2026", "fr-FR", True, True),
    ("date", "2026-03-14", "14.03.2026", "fr-FR", True, False),
    ("date", "2026-03-14", "2026-03-14", "fr-FR", True, False),
    ("date", "2026-03-14", "2026-03-14", "sv-SE", True, True),
    ("date", "2026-03-04", "3/4/2026", "fr-FR", False, False),
    ("date", "2026-03-04", "3/4/2026", "en-US", True, True),
    ("date", "2026-03-01", "le 1er mars 2026", "fr-FR", True, True),
    ("date", "2026-03-14", "14 mars", "fr-FR", True, True),
    ("date", "2026-03-14", "14 mars 2025", "fr-FR", False, False),
    ("date", "2026-03-14", "14 มีนาคม 2569", "th-TH", True, True),
    ("date", "2026-03-14", "令和8年3月14日", "ja-JP", True, True),
    ("date", "2026-03-14", "2025年3月14日", "zh-CN", False, False),
    ("temperature", 17, "il fait 17 degrés", "fr-FR", True, True),
    ("temperature", 17, "17 °F", "fr-FR", False, False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "value", "text", "locale", "is_stated", "is_local"), SAID)
def test_what_is_stated_and_what_is_local(kind, value, text, locale, is_stated, is_local):
    fact = {"kind": kind, "value": value}
    assert (stated(fact, text, locale), local(fact, text, locale)) == (is_stated, is_local)


@pytest.mark.parametrize(
    ("currency", "text", "locale", "is_stated", "is_local"),
    [
        ("EUR", "1229.50 €", "fr-FR", True, False),
        ("EUR", "1 229,50 €", "fr-FR", True, True),
        ("EUR", "€1 229,50", "fr-FR", True, False),
        ("EUR", "1 229,50 EUR", "fr-FR", True, True),
        ("EUR", "1 229,50 dollars", "fr-FR", False, False),
        ("USD", "1 229,50 dollars américains", "fr-FR", True, True),
        ("USD", "1 229,50 US dollars", "fr-FR", True, False),
        ("EUR", "1 229,50", "fr-FR", True, True),
        ("CNY", "1229.50元", "zh-CN", True, True),
        ("EUR", "1229.50元", "zh-CN", False, False),
        ("USD", "$1,229.50", "bn-BD", True, True),
        ("USD", "$1,229.50, €5", "en-US", True, True),
    ],
)
def test_money_with_its_sign_where_the_locale_puts_it(currency, text, locale, is_stated, is_local):
    fact = {"kind": "money", "value": 1229.5, "currency": currency}
    assert (stated(fact, text, locale), local(fact, text, locale)) == (is_stated, is_local)


@pytest.mark.parametrize(
    ("text", "is_stated", "is_local"),
    [
        ("12,5 km", True, True),
        ("12.5 km", True, False),
        ("12,5 kilometers", True, False),
        ("12,5 miles", False, False),
    ],
)
def test_a_quantity_needs_its_unit_or_none(text, is_stated, is_local):
    fact = {"kind": "quantity", "value": 12.5, "unit": "kilometer"}
    assert (stated(fact, text, "fr-FR"), local(fact, text, "fr-FR")) == (is_stated, is_local)


@pytest.mark.parametrize(
    ("value", "text", "is_stated"),
    [
        ("Paris", "À PARIS.", True),
        ("Paris", "Parisien", False),
        ("1 1", "11 1 1", True),
        ("A12", "గేట్ A12కి వెళ్లండి.", True),
        ("Pix", "Pixద్వారా పంపాను.", True),
        ("10115", "10115में", True),
        ("10115", "101156", False),
        ("అలారం", "అలారంను", True),
        ("서울", "서울에서", True),
        ("القاهرة", "والقاهرة", True),
        ("東京", "東京都です", True),
        ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00", True),
        ("DE89370400440532013000", "DE89 3704 0044 0532 0130 001", False),
        ("+49 30 1234567", "٠٠ +٤٩ (٣٠) ١٢٣-٤٥٦٧", True),
        ("", "anything", False),
    ],
)
def test_text_is_found_as_whole_words(value, text, is_stated):
    fact = {"kind": "text", "value": value}
    assert stated(fact, text, "en-US") is is_stated
    assert local(fact, text, "en-US") is None
    assert stated({**fact, "value": "zzz", "also": [value]}, text, "en-US") is is_stated


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.sampled_from(LOCALES), facts)
def test_no_text_is_too_odd(text, locale, fact):
    assert stated(fact, text, locale) in (True, False)
    assert not local(fact, text, locale) or stated(fact, text, locale)


def test_unknown_kinds_and_locales_are_named():
    with pytest.raises(ValueError, match="unknown kind of fact 'colour'"):
        form({"kind": "colour", "value": "red"}, "en-US")
    with pytest.raises(ValueError, match="unknown locale 'xx-klingon'"):
        form({"kind": "number", "value": 1}, "xx-klingon")


@pytest.mark.parametrize("kind", ["date", "time"])
def test_our_own_form_is_read_back_in_every_locale_of_cldr(kind):
    fact = {"kind": kind, "value": {"date": "2026-05-14", "time": "19:05"}[kind]}
    tags = [name.replace("_", "-") for name in locale_identifiers()]
    lost = [
        tag for tag in tags if not (stated(fact, form(fact, tag), tag) and local(fact, form(fact, tag), tag))
    ]
    assert lost == []
