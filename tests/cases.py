"""The evaluation cases beside the project, for tests that measure on them.

``FASTAPPLY_CASES`` names their folder; without it they are looked for beside the repository. Tests
that use them are skipped where the folder is missing, and only there.
"""

from __future__ import annotations

import gzip
import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
_FOLDER = Path(os.environ.get("FASTAPPLY_CASES") or _BESIDE)

needs_cases = pytest.mark.skipif(
    not _FOLDER.is_dir(), reason="the folder with the evaluation cases is not here"
)


@cache
def cases(name: str) -> tuple[dict[str, Any], ...]:
    """Return the cases of one file, by its name without suffixes, such as ``apply-dev``."""
    with gzip.open(_FOLDER / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return tuple(json.loads(line) for line in lines)
