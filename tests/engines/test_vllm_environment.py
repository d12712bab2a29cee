"""What the operator of a vLLM server says by its environment."""

from collections.abc import Callable

import pytest

from fastapply_lsp.engines.asked import WrongFieldError
from fastapply_lsp.engines.vllm.environment import (
    DEFAULT_VARIABLE,
    SHARING_VARIABLE,
    default_of,
    sharing_of,
)


@pytest.mark.parametrize("word", ["prompt", "off"])
def test_where_drafts_come_from(word: str) -> None:
    assert default_of({DEFAULT_VARIABLE: word}) == word


@pytest.mark.parametrize("word", ["rows", "sure"])
def test_how_a_batch_shares_a_pass(word: str) -> None:
    assert sharing_of({SHARING_VARIABLE: word}) == word


@pytest.mark.parametrize(
    ("variable", "read"), [(DEFAULT_VARIABLE, default_of), (SHARING_VARIABLE, sharing_of)]
)
def test_another_word_is_refused_with_a_sentence(
    variable: str, read: Callable[[dict[str, str]], str]
) -> None:
    with pytest.raises(WrongFieldError, match=rf"`{variable}` must be .* not \"yes\"\."):
        read({variable: "yes"})
