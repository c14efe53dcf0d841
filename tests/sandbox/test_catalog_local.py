"""Instant payments: each country's tool knows its own recipients and no others, and a locale finds its tool."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from sandbox.catalog import SPECS, run
from sandbox.catalog.local import LOCALES, SCHEMES
from sandbox.catalog.money import OPENING
from sandbox.catalog.routing import FAMILIES, currency_of, local_tool, region
from sandbox.tools import ToolError

# Numbers that are published as examples: by the SWIFT registry, ABR, ACRA, and the rules of their check digits.
RECIPIENTS = {
    "send_pix": ["ana@exemplo.com.br", "+55 11 91234-5678", "529.982.247-25"],
    "send_upi": ["asha@oksbi"],
    "send_sepa_instant": ["DE89 3704 0044 0532 0130 00", "FR1420041010050500013M02606", "NL91ABNA0417164300"],
    "send_payid": ["51 824 753 556", "ana@example.com.au"],
    "send_paynow": ["197401143C"],
    "send_promptpay": ["1-2345-45678-78-1"],
    "send_fast": ["10000000146"],
    "send_swish": ["123 339 93 99"],
    "send_instapay": ["mona.ali@instapay"],
    "send_zelle": ["emma@example.com"],
    "send_interac": ["emma@example.ca"],
    "send_wero": ["lea@example.fr"],
    "send_alipay": ["li@example.cn"],
    "send_bifast": ["budi@example.co.id"],
}
BY_PHONE = [name for name in SCHEMES if name != "send_sepa_instant"]
PAYMENTS = FAMILIES["send_money"]


def example(country: str, style: int) -> str:
    number = phonenumbers.example_number_for_type(country, PhoneNumberType.MOBILE)
    return phonenumbers.format_number(number, style)


def pay(name: str, recipient: str, amount: float = 5):
    argument = SPECS[name].parameters["required"][0]
    return run(name, {argument: recipient, "amount": amount}, {})


def accepts(name: str, recipient: str) -> bool:
    try:
        pay(name, recipient)
    except ToolError as refusal:
        assert "\n" not in str(refusal)
        return False
    return True


def test_at_least_fifteen_countries_have_a_tool_of_their_own():
    assert len({region(locale) for locale in LOCALES.values()}) >= 15
    assert {name: spec.locale for name, spec in SPECS.items() if spec.locale} == LOCALES


@pytest.mark.parametrize("name", PAYMENTS)
def test_a_payment_goes_from_the_balance_to_the_recipient(name: str):
    currency = currency_of(LOCALES[name])
    home = region(LOCALES[name])
    known = [
        *RECIPIENTS.get(name, []),
        *([example(home, PhoneNumberFormat.E164)] if name in BY_PHONE else []),
    ]
    for recipient in known:
        result, state = pay(name, f" {recipient} ", 12)
        assert (result["amount"], result["currency"]) == (12, currency)
        assert result["balance"] == OPENING[currency] - 12 == state["ledger"]["balance"][currency]
        [noted] = state["ledger"]["transfers"]
        assert (noted["to"], noted["amount"], noted["currency"]) == (recipient, 12, currency)
    with pytest.raises(ToolError, match="more than the balance"):
        pay(name, known[0], OPENING[currency] + 1)


@pytest.mark.parametrize("name", BY_PHONE)
def test_a_phone_number_of_another_country_is_refused(name: str):
    home = region(LOCALES[name])
    for style in (PhoneNumberFormat.NATIONAL, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.E164):
        assert accepts(name, example(home, style))
    shared = {"US": {"CA"}, "CA": {"US"}, "FR": {"DE", "BE"}}.get(home, set())  # one example number; Wero
    for other in {region(locale) for locale in LOCALES.values()} - {home} - shared:
        assert not accepts(name, example(other, PhoneNumberFormat.E164)), other


@pytest.mark.parametrize("name", PAYMENTS)
@pytest.mark.parametrize(
    "recipient", ["", "my brother", "12345", "+1", "DE89370400440532013001", "a@b", "+" * 9]
)
def test_what_names_nobody_is_refused_with_what_to_give(name: str, recipient: str):
    if name == "send_upi" and "@" in recipient:
        recipient = "a@"
    with pytest.raises(ToolError, match=r"give|looks like"):
        pay(name, recipient)


def test_check_digits_are_checked():
    for name, wrong in [
        ("send_payid", "51 824 753 557"),
        ("send_paynow", "197401143D"),
        ("send_promptpay", "1-2345-45678-78-2"),
        ("send_fast", "10000000147"),
        ("send_sepa_instant", "BR1800360305000010009795493C1"),  # right, but of no SEPA country
        ("send_zelle", "+12025550199x5"),
    ]:
        assert not accepts(name, wrong), wrong


@pytest.mark.parametrize("name", PAYMENTS)
def test_a_locale_finds_its_countrys_tool(name: str):
    locale = LOCALES[name]
    assert local_tool("send_money", locale) == name
    assert local_tool("send_money", f"eo-{region(locale)}") == name  # by the region, whatever the language


@pytest.mark.parametrize(
    ("locale", "tool"),
    [
        ("te-IN", "send_upi"),
        ("hi", "send_upi"),
        ("sv", "send_swish"),
        ("zh-Hans", "send_alipay"),
        ("zh-Hant-CN", "send_alipay"),
        ("gsw-CH", "send_twint"),
        ("es-MX", "send_dimo"),
        ("es", "send_bizum"),
        ("it-IT", "send_sepa_instant"),
        ("fi", "send_sepa_instant"),
        ("ca-ES-valencia", "send_bizum"),
    ],
)
def test_a_locale_without_one_takes_its_regions(locale: str, tool: str):
    assert local_tool("send_money", locale) == tool


@pytest.mark.parametrize("locale", ["en-GB", "zh-Hant", "sw-TZ", "xx", "ar-001"])
def test_a_country_without_a_tool_is_told_so(locale: str):
    with pytest.raises(LookupError, match=f"no send_money tool works in {locale}: .*BR, .*euro area"):
        local_tool("send_money", locale)
