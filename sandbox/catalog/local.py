"""Instant payments of many countries: the same tool over and over, but for whom and in what money it pays.

How a recipient is named is each scheme's own rule, as its operator publishes it. Phone numbers are checked by
libphonenumber's metadata, account and tax numbers by python-stdnum.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType
from stdnum import iban
from stdnum.au import abn
from stdnum.sg import uen
from stdnum.th import tin as thai_id
from stdnum.tr import tckimlik

from sandbox.catalog.money import EMAIL, transfer
from sandbox.tools import ToolError

Check = Callable[[str], Any]
DIALLED = re.compile(r"\+?[\d\s().-]{6,24}")
ABROAD = re.compile(r"^00(?=[1-9])")  # how most countries dial the +
MOBILES = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
INSTAPAY_ADDRESS = re.compile(r"[A-Za-z0-9._-]{2,64}@instapay", re.IGNORECASE)
SWISH_COMPANY = re.compile(r"123[\s-]?\d{3}[\s-]?\d{2}[\s-]?\d{2}")
SEPA = frozenset(  # European Payments Council, EPC409-09; countries by the letters of their IBANs
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT "
    "RO RS SE SI SK SM VA".split()
)


@dataclass(frozen=True)
class Mobile:
    """Whether a text is a mobile number of one of the regions, as dialled at home or with its + code."""

    regions: tuple[str, ...]

    def __call__(self, text: str) -> bool:
        return self.number(text) is not None

    def number(self, text: str) -> str | None:
        """The number as it is dialled from abroad (E.164), if it is one."""
        if not DIALLED.fullmatch(text):
            return None
        for region in self.regions:
            number = phonenumbers.parse(ABROAD.sub("+", text), region)
            if (
                phonenumbers.is_valid_number_for_region(number, region)
                and phonenumbers.number_type(number) in MOBILES
            ):
                return phonenumbers.format_number(number, PhoneNumberFormat.E164)
        return None


def mobile(*regions: str) -> Mobile:
    return Mobile(regions)


def sepa_account(text: str) -> bool:
    return bool(iban.is_valid(text)) and text[:2].upper() in SEPA


@dataclass(frozen=True)
class Scheme:
    """``named_by`` says how a recipient is named; one of the ``checks`` must hold for it."""

    title: str
    locale: str
    currency: str
    money: str
    named_by: str
    checks: tuple[Check, ...]


SCHEMES = {
    "send_zelle": Scheme(
        "Zelle", "en-US", "USD", "US dollars", "a US mobile number or an e-mail address", (mobile("US"), EMAIL.fullmatch)
    ),
    "send_interac": Scheme(
        "Interac e-Transfer", "en-CA", "CAD", "Canadian dollars", "a Canadian mobile number or an e-mail address", (mobile("CA"), EMAIL.fullmatch)
    ),
    "send_payid": Scheme(
        "PayID", "en-AU", "AUD", "Australian dollars", "an Australian mobile number, an e-mail address or an ABN", (mobile("AU"), EMAIL.fullmatch, abn.is_valid)
    ),
    "send_paynow": Scheme(
        "PayNow", "en-SG", "SGD", "Singapore dollars", "a Singapore mobile number or a company's UEN", (mobile("SG"), uen.is_valid)
    ),
    "send_sepa_instant": Scheme(
        "SEPA instant transfer", "de-DE", "EUR", "euros", "an IBAN", (sepa_account,)
    ),
    "send_bizum": Scheme("Bizum", "es-ES", "EUR", "euros in Spain", "a Spanish mobile number", (mobile("ES"),)),
    "send_wero": Scheme(
        "Wero", "fr-FR", "EUR", "euros in France", "a mobile number (France, Germany, Belgium) or an e-mail address", (mobile("FR", "DE", "BE"), EMAIL.fullmatch)
    ),
    "send_mbway": Scheme("MB WAY", "pt-PT", "EUR", "euros in Portugal", "a Portuguese mobile number", (mobile("PT"),)),
    "send_twint": Scheme("TWINT", "de-CH", "CHF", "Swiss francs", "a Swiss mobile number", (mobile("CH"),)),
    "send_swish": Scheme(
        "Swish", "sv-SE", "SEK", "Swedish kronor", "a Swedish mobile number or a company's Swish number (123 ...)", (mobile("SE"), SWISH_COMPANY.fullmatch)
    ),
    "send_blik": Scheme("BLIK", "pl-PL", "PLN", "Polish zlotys", "a Polish mobile number", (mobile("PL"),)),
    "send_sbp": Scheme("SBP", "ru-RU", "RUB", "Russian rubles", "a Russian mobile number", (mobile("RU"),)),
    "send_fast": Scheme(
        "FAST", "tr-TR", "TRY", "Turkish lira", "a Turkish mobile number, an e-mail address or an identity number", (mobile("TR"), EMAIL.fullmatch, tckimlik.is_valid)
    ),
    "send_instapay": Scheme(
        "InstaPay", "ar-EG", "EGP", "Egyptian pounds", "an Egyptian mobile number or a payment address such as name@instapay", (mobile("EG"), INSTAPAY_ADDRESS.fullmatch)
    ),
    "send_mpesa": Scheme("M-Pesa", "sw-KE", "KES", "Kenyan shillings", "a Kenyan mobile number", (mobile("KE"),)),
    "send_bkash": Scheme("bKash", "bn-BD", "BDT", "Bangladeshi taka", "a Bangladeshi mobile number", (mobile("BD"),)),
    "send_promptpay": Scheme(
        "PromptPay", "th-TH", "THB", "Thai baht", "a Thai mobile number or a national ID or tax ID of 13 digits", (mobile("TH"), thai_id.is_valid)
    ),
    "send_bifast": Scheme(
        "BI-FAST", "id-ID", "IDR", "Indonesian rupiah", "an Indonesian mobile number or an e-mail address", (mobile("ID"), EMAIL.fullmatch)
    ),
    "send_alipay": Scheme(
        "Alipay", "zh-CN", "CNY", "Chinese yuan", "a mainland Chinese mobile number or an e-mail address", (mobile("CN"), EMAIL.fullmatch)
    ),
    "send_paypay": Scheme("PayPay", "ja-JP", "JPY", "Japanese yen", "a Japanese mobile number", (mobile("JP"),)),
    "send_toss": Scheme("Toss", "ko-KR", "KRW", "South Korean won", "a South Korean mobile number", (mobile("KR"),)),
    "send_dimo": Scheme("DiMo", "es-MX", "MXN", "Mexican pesos", "a Mexican mobile number", (mobile("MX"),)),
}  # fmt: skip


def payment_tool(name: str, scheme: Scheme) -> Callable[..., dict[str, Any]]:
    """The tool that pays by the scheme."""

    def pay(state: dict[str, Any], recipient: str, amount: float) -> dict[str, Any]:
        to = recipient.strip()
        if not any(check(to) for check in scheme.checks):
            raise ToolError(f"{scheme.title} does not know this recipient: give {scheme.named_by}")
        return transfer(state, name.removeprefix("send_"), to, amount, scheme.currency)

    pay.__name__ = pay.__qualname__ = name
    pay.__doc__ = f"""Send {scheme.money} ({scheme.currency}) at once by {scheme.title}.

    Args:
        recipient: The recipient: {scheme.named_by}.
        amount: How much, in {scheme.money.partition(" in ")[0]}.
    """
    return pay


def phone_number(kind: str, recipient: str) -> str | None:
    """The recipient's number in E.164, where the scheme (``bizum``) takes the text for a phone number."""
    scheme = SCHEMES.get(f"send_{kind}")
    phones = (check for check in scheme.checks if isinstance(check, Mobile)) if scheme else ()
    return next((number for check in phones if (number := check.number(recipient))), None)


TOOLS = {name: payment_tool(name, scheme) for name, scheme in SCHEMES.items()}
LOCALES = {"send_pix": "pt-BR", "send_upi": "hi-IN"} | {
    name: scheme.locale for name, scheme in SCHEMES.items()
}
