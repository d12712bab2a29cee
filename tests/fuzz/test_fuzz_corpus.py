"""What the fuzzer found, and what it starts from, keeps the laws."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS

CORPUS = Path(__file__).parent / "corpus"
WORDS = Path(__file__).parent / "words.dict"
TEXTS = sorted(CORPUS.glob("*/*"))


@pytest.mark.parametrize("path", TEXTS, ids=[f"{one.parent.name}/{one.name}" for one in TEXTS])
def test_no_law_is_broken(path: Path) -> None:
    TARGETS[path.parent.name](path.read_bytes())


def test_every_target_has_texts_to_start_from() -> None:
    assert {path.parent.name for path in TEXTS} == set(TARGETS)


PIECES = st.sampled_from([line[1:-1] for line in WORDS.read_text("utf-8").splitlines()]).map(
    lambda word: word.encode().decode("unicode_escape").encode("latin-1")
)
TEXT = st.text("ab(){}=:.#/ \n\r\t\u2028\ufeff\U0001f600", max_size=12).map(str.encode)


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=60, deadline=None)
@given(data=st.lists(PIECES | TEXT, max_size=24).map(b"".join))
def test_no_text_breaks_a_law(name: str, data: bytes) -> None:
    TARGETS[name](data)
