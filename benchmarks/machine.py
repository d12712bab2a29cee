"""On what was it measured, and when?"""

from __future__ import annotations

import os
import platform
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """Where and when; ``commit`` is empty outside a git checkout."""

    cpu: str
    cores: int
    python: str
    date: str
    commit: str

    @property
    def words(self) -> str:
        """All of it in one line."""
        of = f", commit {self.commit}" if self.commit else ""
        return f"{self.cpu}, {self.cores} cores, Python {self.python}, {self.date}{of}"


def this_machine() -> Machine:
    """Look around."""
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parent,
    )
    return Machine(
        cpu=_cpu(),
        cores=os.cpu_count() or 1,
        python=platform.python_version(),
        date=datetime.now(tz=UTC).date().isoformat(),
        commit=asked.stdout.strip() if asked.returncode == 0 else "",
    )


def _cpu() -> str:
    try:
        rows = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n")
    except OSError:
        rows = []
    named = (row.partition(":")[2].strip() for row in rows if row.startswith("model name"))
    return next(named, platform.processor() or platform.machine())
