"""Moved to ``rl.training.trainer``; this name goes on working."""

import sys

from rl.training import trainer

sys.modules[__name__] = trainer
