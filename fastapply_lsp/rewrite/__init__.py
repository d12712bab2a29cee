"""Streamed text to replacements of the original lines, as early as they are anchored."""
