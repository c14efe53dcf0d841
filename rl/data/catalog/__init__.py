"""Parallel tasks over the sandbox's catalog: one scenario, asked natively in every language."""

from rl.data.catalog.gold import gold_messages
from rl.data.catalog.missing import check
from rl.data.catalog.tasks import KINDS, arguments, build, load, make
from rl.data.catalog.words import LANGUAGES, fill, phrases, spell

__all__ = [
    "KINDS",
    "LANGUAGES",
    "arguments",
    "build",
    "check",
    "fill",
    "gold_messages",
    "load",
    "make",
    "phrases",
    "spell",
]
