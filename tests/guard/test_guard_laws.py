"""What the guard promises, whatever the file, the edit and the rewrite are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.licence import licence_of
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.text.lines import split_lines, without_line_end
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements
from fastapply_lsp.text.series import written_spans
from tests.guard.merges import placed

COMMON = ("\n", "}\n", "    return None\n", "    pass\n")


@dataclass(frozen=True)
class Asked:
    """A file, what was asked of it, and the file that results."""

    original: list[str]
    series: tuple[Replacement, ...]

    @property
    def text(self) -> str:
        return "".join(self.original)

    @property
    def lines(self) -> list[str]:
        return apply_replacements(self.original, self.series)

    def merge(self, *, unsure: bool = False) -> Merge:
        return placed(self.text, self.series, unsure=unsure)

    def beside(self) -> set[int]:
        """Return the lines of the result that were asked for, or stand next to such a line.

        Lines that the file has more than once may as well be meant at the next place.
        """
        lines, near = self.lines, set[int]()
        for span in written_spans(self.series):
            start, end = span.start, span.end
            while start > 0 and lines[start - 1] in COMMON:
                start -= 1
            while end < len(lines) and lines[end] in COMMON:
                end += 1
            near.update(range(start - 3, end + 3))
        return near


@st.composite
def edits(draw: st.DrawFn) -> Asked:
    count = draw(st.integers(4, 30))
    original = [
        draw(st.sampled_from(COMMON))
        if draw(st.booleans())
        else f"    old{number} = make({number})\n"
        for number in range(count)
    ]
    bounds = sorted(draw(st.lists(st.integers(0, count), min_size=2, max_size=6)))
    series: list[Replacement] = []
    for start, end in zip(bounds[::2], bounds[1::2], strict=False):
        put = tuple(f"    new{start}_{at} = ask({at})\n" for at in range(draw(st.integers(0, 3))))
        if (start < end or put) and (not series or series[-1].end < start):
            series.append(Replacement(start, end, put))
    return Asked(original, tuple(series))


@st.composite
def edits_and_losses(draw: st.DrawFn, *, far: bool = False) -> tuple[Asked, list[str]]:
    """Draw an edit, and its result with lines missing; with ``far`` only away from the edit.

    A line that is not blank stays, if there is one: what has none is no rewrite.
    """
    asked = draw(edits())
    near = asked.beside() if far else set()
    lost = draw(st.sets(st.integers(0, len(asked.lines)), max_size=8)) - near
    rewrite = [line for at, line in enumerate(asked.lines) if at not in lost]
    assume("".join(rewrite).strip() or not "".join(asked.lines).strip())
    return asked, rewrite


def judged(asked: Asked, rewrite: list[str], *, unsure: bool = False) -> str:
    merge = asked.merge(unsure=unsure)
    return verdict(asked.text, "".join(rewrite), merge=merge, language=None).text


@given(edits_and_losses())
def test_what_a_certain_merge_has_and_the_rewrite_merely_lacks_comes_back(
    case: tuple[Asked, list[str]],
) -> None:
    asked, rewrite = case
    assert judged(asked, rewrite) == "".join(asked.lines)


@given(edits_and_losses(far=True))
def test_what_is_lost_away_from_an_unsure_edit_comes_back(case: tuple[Asked, list[str]]) -> None:
    asked, rewrite = case
    assume(asked.series)
    assert judged(asked, rewrite, unsure=True) == "".join(asked.lines)


@given(data=st.data(), asked=edits())
def test_white_space_comes_back(data: st.DataObject, asked: Asked) -> None:
    drift = data.draw(st.sampled_from(["  ", "\t", "      "]))
    rewrite = [
        drift + line.lstrip() if line.strip() and data.draw(st.booleans()) else line
        for line in asked.lines
    ]
    assert judged(asked, rewrite) == "".join(asked.lines)


@given(data=st.data(), case=edits_and_losses())
def test_a_renamed_line_beside_lost_ones_stays_and_is_told(
    data: st.DataObject, case: tuple[Asked, list[str]]
) -> None:
    asked, rewrite = case
    own = [at for at, line in enumerate(rewrite) if line.startswith("    old")]
    renamed = data.draw(st.sets(st.sampled_from(own), max_size=2)) if own else set()
    names = {rewrite[at]: rewrite[at].replace("make(", "build(") for at in renamed}
    written = [names.get(line, line) for line in rewrite]
    found = verdict(asked.text, "".join(written), merge=asked.merge(), language=None)
    assert found.text == "".join(names.get(line, line) for line in asked.lines)
    licence = licence_of(asked.original, [one.span for one in asked.series])
    told = {
        line
        for one in found.changes
        # Of lines that may be anything nobody says that this is not what they were to be.
        if one.unrequested or licence.covering(one.replacement) is not None
        for line in one.replacement.lines
    }
    assert told >= set(names.values())


@given(data=st.data(), asked=edits())
def test_new_lines_stay_and_are_told(data: st.DataObject, asked: Asked) -> None:
    place = data.draw(st.integers(0, len(asked.lines)))
    rewrite = [*asked.lines[:place], "import needed\n", *asked.lines[place:]]
    found = verdict(asked.text, "".join(rewrite), merge=asked.merge(), language=None)
    assert found.text == "".join(rewrite)
    inside = any(span.touches(Span(place, place)) for span in written_spans(asked.series))
    told = [one for one in found.changes if one.unrequested]
    assert bool(told) is not inside
    if told:
        assert any("import needed\n" in one.replacement.lines for one in told)


@given(data=st.data(), asked=edits())
def test_a_candidate_is_never_touched_nor_told(data: st.DataObject, asked: Asked) -> None:
    other = Asked(asked.original, data.draw(edits()).series)
    fits = all(one.end <= len(asked.original) for one in other.series)
    series = (asked.series, other.series) if fits else (asked.series,)
    for unsure in (True, False):
        merge = placed(asked.text, *series, unsure=unsure)
        for one in merge.candidates if unsure else merge.candidates[:1]:
            found = verdict(asked.text, one.predicted, merge=merge, language=None)
            assert found.text == one.predicted
            assert found.repairs == ()
            assert [each.unrequested for each in found.changes if each.unrequested] == []


@st.composite
def wild(draw: st.DrawFn) -> tuple[Merge, str, list[str]]:
    """Draw an edit and any rewrite: lines of the result and others, in nearly any order."""
    asked = draw(edits())
    lines = asked.lines
    for _ in range(draw(st.integers(0, 6))):
        at, end = sorted(draw(st.tuples(*[st.integers(0, len(lines))] * 2)))
        nothing: list[str] = []
        put = draw(
            st.sampled_from(
                [
                    nothing,
                    ["import needed\n"],
                    ["\n"],
                    ["}\n"],
                    lines[at:end],
                    lines[at:end] * 2,
                    [f"  {line}" for line in lines[at:end]],
                    [line.replace("a", "o") for line in lines[at:end]],
                    asked.original[at:end],
                ]
            )
        )
        lines = [*lines[:at], *put, *lines[end:]]
    torn = draw(st.booleans())
    if lines and torn:
        lines = [*lines[:-1], lines[-1][: draw(st.integers(1, len(lines[-1])))]]
    merge = asked.merge(unsure=draw(st.booleans()))
    return merge, asked.text, split_lines("".join(lines))


@settings(max_examples=200)
@given(case=wild(), data=st.data())
def test_the_changes_make_the_text_and_all_that_is_outside_is_told(
    case: tuple[Merge, str, list[str]], data: st.DataObject
) -> None:
    merge, original, rewrite = case
    lines = split_lines(original)
    streamed = None
    if data.draw(st.booleans()):
        streamed = [Replacement(0, len(lines), tuple(rewrite))] if rewrite or lines else []
    found = verdict(original, "".join(rewrite), merge=merge, language=None, replacements=streamed)
    series = [one.replacement for one in found.changes]
    assert all(one.end < two.start for one, two in pairwise(series))
    assert "".join(apply_replacements(lines, series)) == found.text
    assert bool(found.repairs) is (found.text != "".join(rewrite))
    accepted = [one.replacement for one in found.changes if not one.unrequested]
    context = Context(original, "".join(apply_replacements(lines, accepted)), merge, None, "")
    assert all(part.licensed for part in context.parts) or all(
        context.licence.covering(each) is not None for each in accepted
    )


CONTENTS = ("a", "b", "c", " b", "  b", "zz", "", "}")


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Draw a text of few kinds of lines, whose last one may have no end."""
    lines = draw(st.lists(st.sampled_from(CONTENTS), min_size=1, max_size=6))
    return "\n".join(lines) + draw(st.sampled_from(["", "\n"]))


@settings(max_examples=200)
@example(original="a\na\n b", edit="a\na\n b\nzz\n", rewrite="c\nc\n  b\n")
@example(original="a\nzz", edit="a\nb\nzz\nb\n", rewrite="a\nb\nzz\nb\n}")
@given(original=texts(), edit=texts(), rewrite=texts())
def test_each_line_of_the_text_is_one_of_the_rewrite_the_file_or_the_edit(
    original: str, edit: str, rewrite: str
) -> None:
    assume(edit.strip())
    asked = merge(original, EditFile("file.txt", "", edit))
    found = verdict(original, rewrite, merge=asked, language=None, edit=edit)
    predicted = [one.predicted for one in asked.candidates]
    known = {
        without_line_end(line)
        for text in (original, rewrite, asked.predicted, *predicted)
        for line in split_lines(text)
    }
    assert {without_line_end(line) for line in split_lines(found.text)} <= known
    assert bool(found.repairs) is (found.text != rewrite)


@settings(max_examples=200)
@given(case=wild())
def test_what_is_repaired_needs_no_second_repair(case: tuple[Merge, str, list[str]]) -> None:
    merge, original, rewrite = case
    once = verdict(original, "".join(rewrite), merge=merge, language=None)
    again = verdict(original, once.text, merge=merge, language=None)
    assert again == replace(once, repairs=())


@given(data=st.data(), case=wild())
def test_chunks_change_nothing(data: st.DataObject, case: tuple[Merge, str, list[str]]) -> None:
    merge, original, rewrite = case
    text = "".join(rewrite)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=6)))
    verdicts = []
    for bounds in ([0, len(text)], [0, *cuts, len(text)]):
        rewriter = Rewriter(original)
        series = [each for one, two in pairwise(bounds) for each in rewriter.push(text[one:two])]
        series += rewriter.finish()
        verdicts.append(
            verdict(original, rewriter.text, merge=merge, language=None, replacements=series)
        )
    assert verdicts[0] == verdicts[1]
