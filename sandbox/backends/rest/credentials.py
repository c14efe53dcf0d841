"""Secrets of REST tools: named in the configuration, taken from the environment, kept out of all that comes back."""

import base64
import html
import json
import os
import re
from typing import Any
from urllib.parse import quote, quote_plus

NAMED = re.compile(r"\$\{env:(\w+)\}")
SHORTEST = 8  # a shorter one stands in answers by chance


class Credentials:
    """What ``${env:NAME}`` stands for."""

    def __init__(self) -> None:
        # By a secret's name: the forms that it may come back in, as a pattern and by themselves.
        self._hidden: dict[str, tuple[re.Pattern[str], list[str]]] = {}
        self._shortest = 0  # of all forms

    def fill(self, text: str, where: str, in_url: bool = False) -> str:
        """The text with its secrets. Raises ``ValueError`` for one that is not set, naming ``where``."""

        def value(named: re.Match[str]) -> str:
            secret = self._secret(named[1], where)
            return quote(secret, safe="") if in_url else secret

        return NAMED.sub(value, text)

    def redact(self, value: Any) -> Any:
        """The JSON value without the secrets that were filled in anywhere."""
        if not self._hidden:
            return value
        if isinstance(value, dict):
            return {self.redact(key): self.redact(part) for key, part in value.items()}
        if isinstance(value, list):
            return [self.redact(part) for part in value]
        text = value if isinstance(value, str) else str(value)
        if len(text) < self._shortest:
            return value
        clean, folded = text, text.casefold()
        for name, (pattern, forms) in self._hidden.items():
            if any(form in folded for form in forms):  # the pattern takes far longer, and is seldom wanted
                clean = pattern.sub(f"[{name}]", clean)
        return value if clean == text else clean

    def _secret(self, name: str, where: str) -> str:
        secret = os.environ.get(name, "").strip()
        if not secret:
            raise ValueError(f"{where}: the environment variable {name} is not set; export it")
        if len(secret) < SHORTEST or not secret.isprintable():
            raise ValueError(
                f"{where}: the environment variable {name} must have {SHORTEST} printable characters or more, "
                "so that it can be told from other text and kept out of answers"
            )
        forms = _forms(secret)
        pattern = re.compile("|".join(map(re.escape, forms)), re.IGNORECASE)
        self._hidden[name] = pattern, list({form.casefold() for form in forms})
        self._shortest = min(len(form) for _, known in self._hidden.values() for form in known)
        return secret


def _forms(secret: str) -> list[str]:
    """As text, in URLs, JSON and HTML, as base64, base32 and hexadecimal digits have it; the longest first."""
    in_json = json.dumps(secret)[1:-1]
    written = {secret, quote(secret, safe=""), quote(secret), quote_plus(secret), html.escape(secret)}
    written |= {in_json, in_json.replace("/", "\\/"), quote(quote(secret, safe=""), safe="")}
    written |= _letter_by_letter(secret) | _in_digits(secret.encode())
    for coded in _in_base64(secret.encode()):
        written |= {coded, coded.replace("+", "-").replace("/", "_"), quote(coded, safe="")}
    return sorted(written, key=len, reverse=True)


def _letter_by_letter(secret: str) -> set[str]:
    """With each letter written by its number, as URLs, HTML and programs may have it."""
    written = {"".join(f"%{byte:02x}" for byte in secret.encode())}
    for sign in ("&#{};", "&#x{:x};", "\\u{:04x}", "\\x{:02x}"):
        written.add("".join(sign.format(ord(letter)) for letter in secret))
    return written


def _in_digits(secret: bytes) -> set[str]:
    """As hexadecimal digits, in one piece or a byte at a time, and as base32, with all that hangs on what follows left out."""
    written = {secret.hex(between) for between in (" ", ":", "-")} | {secret.hex()}
    return written | {base64.b32encode(secret).decode().rstrip("=")[: 8 * len(secret) // 5]}


def _in_base64(secret: bytes) -> list[str]:
    """What base64 has for the bytes whatever stands before and behind them: one for each place in a group of three."""
    coded = [base64.b64encode(bytes(before) + secret).decode() for before in range(3)]
    return [text[-(-8 * i // 6) : 8 * (i + len(secret)) // 6] for i, text in enumerate(coded)]
