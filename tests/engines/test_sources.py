"""From what a request asks and its prompt to token sequences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fastapply_lsp.engines.asked import Asked
from fastapply_lsp.engines.sources import Finder, ready
from tests.engines import tiny
from tests.engines.tiny_examples import EXAMPLES, RIGHT, Example

CONTEXT = 1000


class Plain:
    """A tokenizer with the methods that vLLM promises of any, and no more."""

    all_special_ids = (0,)

    def encode(self, text: str, *, add_special_tokens: bool) -> list[int]:
        assert not add_special_tokens
        return [ord(letter) for letter in text]

    def decode(self, ids: list[int]) -> str:
        return "".join(map(chr, ids))


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    texts = [text for one in EXAMPLES for text in (one.original, one.code_edit, one.written)]
    return tiny.new_tokenizer(texts)


@pytest.fixture
def finder(tokenizer: Any) -> Iterator[Finder]:
    one = Finder(tokenizer, CONTEXT)
    yield one
    one.close()


@pytest.mark.parametrize("example", EXAMPLES[:1], ids=lambda example: example.path)
def test_file_and_edit_are_found_between_the_templates_words(
    finder: Finder, tokenizer: Any, example: Example
) -> None:
    sources = finder.find(Asked("prompt"), tiny.prompt_ids(tokenizer, example))
    texts = [tokenizer.decode(source) for source in sources]
    assert texts[0] == example.written
    assert {example.original, example.code_edit} <= set(texts[1:])


def test_the_own_draft_comes_first(finder: Finder, tokenizer: Any) -> None:
    prompt = tiny.prompt_ids(tokenizer, RIGHT)
    [first, *rest] = finder.find(Asked("request", "mine = 1\n"), prompt)
    assert tokenizer.decode(first) == "mine = 1\n"
    assert RIGHT.original in [tokenizer.decode(source) for source in rest]


def test_tokens_are_taken_as_they_are(finder: Finder, tokenizer: Any) -> None:
    prompt = tiny.prompt_ids(tokenizer, RIGHT)
    assert finder.find(Asked("request", None, (9, 1 << 40, -1)), prompt)[0] == [9, 1 << 40, -1]


@pytest.mark.parametrize("asked", [Asked("off"), Asked("request")])
def test_nothing_is_looked_for_where_nothing_is_wanted(
    finder: Finder, tokenizer: Any, asked: Asked
) -> None:
    assert finder.find(asked, tiny.prompt_ids(tokenizer, RIGHT)) == []


@pytest.mark.parametrize("prompt", [[], [5], [1, 2, 1, 2]])
def test_a_prompt_without_blocks_has_no_draft(finder: Finder, prompt: list[int]) -> None:
    assert finder.find(Asked("prompt"), prompt) == []


def test_no_source_is_longer_than_any_answer(finder: Finder) -> None:
    asked = Asked("request", "x = 1\n" * 200_000, tuple(range(5_000)))
    assert [len(source) for source in finder.find(asked, [])] == [CONTEXT, CONTEXT]


def test_half_a_surrogate_pair_is_no_error(finder: Finder, tokenizer: Any) -> None:
    [source] = finder.find(Asked("request", "a\ud800b"), [])
    assert tokenizer.decode(source) == "a?b"


def test_any_tokenizer_of_vllm_will_do() -> None:
    finder = Finder(Plain(), CONTEXT)
    prompt = [0, *map(ord, "a.py:\n```\na = 1\nb = 2\nc = 3\n```\nedit:\n```\n"), 0]
    prompt += map(ord, "# ... existing code ...\nb = 4\n# ... existing code ...\n```\n")
    assert finder.find(Asked("request", "ab"), prompt)[0] == [97, 98]
    finder.close()


def test_a_search_runs_beside(finder: Finder, tokenizer: Any) -> None:
    prompt = tiny.prompt_ids(tokenizer, RIGHT)
    sources = finder.begin(Asked("prompt"), prompt).result(timeout=60)
    assert sources == finder.find(Asked("prompt"), prompt)
    assert ready(sources).result() is sources
