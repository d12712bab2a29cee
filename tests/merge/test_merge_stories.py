"""Each story in this folder: the file that is predicted, and whether the merge is sure of it."""

from __future__ import annotations

import pytest

from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import apply_replacements
from tests.merge.merge_story import Story, stories

STORIES = stories()


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_the_file_is_as_told(story: Story) -> None:
    merged = merge(story.file, EditFile(story.path, story.instructions, story.edit))
    assert merged.predicted == story.result
    verdict = "nowhere" if not merged.placed else "certain" if merged.certain else "unsure"
    assert verdict == story.verdict, merged.reasons


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
@pytest.mark.parametrize("end", ["\r\n", "\r"])
def test_other_line_ends_change_nothing_else(story: Story, end: str) -> None:
    file = "\ufeff" + story.file.replace("\n", end)
    merged = merge(file, EditFile(story.path, story.instructions, story.edit))
    assert merged.predicted == "\ufeff" + story.result.replace("\n", end)


BARE = [story for story in STORIES if not story.edit.lstrip().startswith("```")]


@pytest.mark.parametrize("story", BARE, ids=[story.name for story in BARE])
def test_a_fence_around_it_changes_nothing(story: Story) -> None:
    edit = f"````\n{story.edit}````\n"
    merged = merge(story.file, EditFile(story.path, story.instructions, edit))
    assert merged.predicted == story.result


@pytest.mark.parametrize("story", STORIES, ids=[story.name for story in STORIES])
def test_the_result_keeps_the_laws_of_a_merge(story: Story) -> None:
    merged = merge(story.file, EditFile(story.path, story.instructions, story.edit))
    lines = split_lines(story.file)
    assert "".join(apply_replacements(lines, merged.replacements)) == merged.predicted
    for candidate in merged.candidates:
        for part in candidate.replacements:
            assert any(region.span.covers(part.span) for region in merged.regions)
    if merged.certain:
        assert merged.predicted == story.result
