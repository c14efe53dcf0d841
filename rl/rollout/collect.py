"""Moved to ``rl.pipeline.collector``; this name goes on working."""

import sys

from rl.pipeline import collector

sys.modules[__name__] = collector
