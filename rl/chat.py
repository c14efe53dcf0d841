"""Moved to ``rl.rollout.chat``; this name goes on working."""

import sys

from rl.rollout import chat

sys.modules[__name__] = chat
