"""What a tree of drafts would save, on texts of a few letters."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.evaluation.branches import ALL, Branching, branched_passes
from fastapply_lsp.evaluation.drafting import count_passes

BYTES = Vocabulary.of(bytes([byte]) for byte in range(256))
TEXT = st.text("ab\n ", max_size=60).map(str.encode)


@given(st.lists(TEXT, max_size=3), TEXT, st.integers(0, 9))
def test_without_branches_it_is_our_drafter(
    sources: list[bytes], written: bytes, most: int
) -> None:
    passes = count_passes(Drafter(sources, BYTES), written, most)
    assert branched_passes(Branching(sources, BYTES), written, most, 0) == passes


@given(st.lists(TEXT, min_size=1, max_size=3), TEXT, st.integers(1, 9))
def test_branches_are_other_stretches_of_what_is_known(
    sources: list[bytes], written: bytes, most: int
) -> None:
    drafter = Branching(sources, BYTES)
    for end in range(1, len(written) + 1):
        drafter.observe(written[end - 1 : end])
        found = [bytes(each) for each in drafter.branches(most)]
        assert len(found) == len(set(found))
        assert bytes(drafter.propose(most)) not in found
        assert all(any(each in text for text in (*sources, written[:end])) for each in found)


def test_where_two_sources_disagree_the_other_one_is_a_branch() -> None:
    head, one, other = b"the head of both\n", b"first way on\n" * 3, b"other end of it\n" * 3
    sources, written = [head + one, head + other], head + other
    passes = [branched_passes(Branching(sources, BYTES), written, 10, n) for n in (0, 1, ALL)]
    assert passes[0] > passes[1] >= passes[2]
