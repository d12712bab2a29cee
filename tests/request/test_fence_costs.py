"""Many code blocks cost as much as their lines, not as all lines each."""

from __future__ import annotations

import pytest

from fastapply_lsp.request.fences import find_fences
from fastapply_lsp.text.lines import split_lines


class Counted(list[str]):
    """Lines that count how often one is looked at."""

    looked = 0

    def __getitem__(self, at):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN204 - list's own
        self.looked += 1
        return super().__getitem__(at)


@pytest.mark.parametrize("block", ["```\na\nb\n```\n", "```\n", "> ```py\n> a\n> ```\n", "~~~\n\n"])
@pytest.mark.parametrize("words", ["", "Then this:\n"])
def test_no_line_is_looked_at_more_than_a_few_times(block: str, words: str) -> None:
    lines = Counted(split_lines((block + words) * 500))
    found = find_fences(lines)
    assert len(found) >= 250
    assert lines.looked <= 6 * len(lines)
