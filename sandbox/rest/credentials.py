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
        self._hidden: dict[str, str] = {}  # each form that a secret may come back in → its name

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
        clean = text
        for form, name in self._hidden.items():
            clean = clean.replace(form, f"[{name}]")
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
        coded = base64.b64encode(secret.encode()).decode().rstrip("=")
        in_json = json.dumps(secret)[1:-1]
        in_urls = (quote(secret, safe=""), quote(secret), quote_plus(secret))
        for form in (secret, *in_urls, in_json, in_json.replace("/", "\\/"), html.escape(secret), coded):
            self._hidden[form] = name
        return secret
