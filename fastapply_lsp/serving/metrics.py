"""What has the server done so far? Counters in the text form that Prometheus reads.

Source: Prometheus' exposition format, version 0.0.4.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.engines.model import Counts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_TOTALS = {
    "fastapply_prompt_tokens_total": "Tokens of prompts.",
    "fastapply_prompt_tokens_cached_total": "Tokens of prompts that were known from before.",
    "fastapply_completion_tokens_total": "Tokens written.",
    "fastapply_draft_tokens_accepted_total": "Draft tokens that the model wrote.",
    "fastapply_draft_tokens_rejected_total": "Draft tokens that the model did not write.",
    "fastapply_forward_passes_total": "Forward passes of the model.",
    "fastapply_cancelled_total": "Answers whose client went away.",
    "fastapply_generation_seconds_total": "Time from admission to the end of the answer.",
}


class Metrics:
    """The counters of one server. Used on its event loop only."""

    def __init__(self) -> None:
        self._requests: Counter[tuple[str, int]] = Counter()
        self._totals: dict[str, float] = dict.fromkeys(_TOTALS, 0)
        self.running = 0
        """Answers that are being written."""
        self.waiting = 0
        """Requests that wait to be admitted."""

    def answered(self, path: str, status: int) -> None:
        """Count a request; ``path`` is one that the server knows."""
        self._requests[path, status] += 1

    def wrote(self, counts: Counts, seconds: float) -> None:
        """Count a finished answer."""
        self._add("prompt_tokens", counts.prompt)
        self._add("prompt_tokens_cached", counts.reused)
        self._add("completion_tokens", counts.written)
        self._add("draft_tokens_accepted", counts.accepted)
        self._add("draft_tokens_rejected", counts.rejected)
        self._add("forward_passes", counts.passes)
        self._add("generation_seconds", seconds)

    def cancelled(self) -> None:
        """Count an answer whose client went away."""
        self._add("cancelled", 1)

    def _add(self, name: str, value: float) -> None:
        self._totals[f"fastapply_{name}_total"] += value

    def text(self, kept_tokens: int) -> str:
        """Return all of it; ``kept_tokens`` are those whose keys and values are in memory."""
        lines = [
            "# HELP fastapply_requests_total Requests.",
            "# TYPE fastapply_requests_total counter",
        ]
        lines += [
            f'fastapply_requests_total{{path="{path}",status="{status}"}} {count}'
            for (path, status), count in sorted(self._requests.items())
        ]
        for name, what in _TOTALS.items():
            lines += [f"# HELP {name} {what}", f"# TYPE {name} counter"]
            lines.append(f"{name} {self._totals[name]:.15g}")
        gauges = {
            "fastapply_requests_running": ("Answers that are being written.", self.running),
            "fastapply_requests_waiting": ("Requests that wait.", self.waiting),
            "fastapply_cached_tokens": ("Tokens whose keys and values are kept.", kept_tokens),
        }
        for name, (what, value) in gauges.items():
            lines += [f"# HELP {name} {what}", f"# TYPE {name} gauge", f"{name} {value}"]
        return "\n".join((*lines, ""))
