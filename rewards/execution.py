"""Moved to ``rewards.outcome``; the names go on working."""

from rewards.outcome import api_success, call_match, failed_by_us, json_valid

__all__ = ["api_success", "call_match", "failed_by_us", "json_valid"]
