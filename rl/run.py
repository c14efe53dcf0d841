"""Moved to ``rl.runs.run``; this name goes on working."""

import sys

from rl.runs import run

sys.modules[__name__] = run
