"""`make fuzz`: lets libFuzzer, guided by coverage, look for texts that break a law.

    python -m tests.fuzz TARGET [libFuzzer's options and corpus folders]

It needs atheris, which `make fuzz` fetches into `.cache/fuzz`, where it also keeps the texts that
reach new code. A find lies there as `TARGET-crash-…`, `-timeout-…` or `-slow-unit-…`. To keep it,
make it small, give it a name that says what it shows, and put it into `tests/fuzz/corpus/TARGET/`:
the ordinary tests run all that is there. Three minutes for each target find what is shallow; a
change of a parser or of the merge deserves an hour (`make fuzz FUZZ_SECONDS=3600
FUZZ_TARGETS=merge`).
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

CORPUS = Path(__file__).parent / "corpus"


def main() -> None:
    """Read the target's name; the rest is libFuzzer's."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["fastapply_lsp"]):
        targets = importlib.import_module("tests.fuzz.targets").TARGETS
    name, *options = sys.argv[1:] or [""]
    if name not in targets:
        sys.exit(f"targets: {', '.join(targets)}")
    if not any(not option.startswith("-") for option in options):
        options.append(str(CORPUS / name))
    words = f"-dict={CORPUS.parent / 'words.dict'}"
    atheris.Setup([sys.argv[0], words, *options], targets[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
