"""Moved to ``rl.report.run_folder``; this name goes on working."""

import sys

from rl.report import run_folder

sys.modules[__name__] = run_folder
