"""What the fuzzer found, and what it starts from, keeps the laws."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
TEXTS = sorted(CORPUS.glob("*/*"))


@pytest.mark.parametrize("path", TEXTS, ids=[f"{one.parent.name}/{one.name}" for one in TEXTS])
def test_no_law_is_broken(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_texts_to_start_from() -> None:
    assert {path.parent.name for path in TEXTS} == set(TARGETS)
