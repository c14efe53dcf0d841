"""Moved to ``rl.config.cli``; this name goes on working."""

import sys

from rl.config import cli

sys.modules[__name__] = cli
