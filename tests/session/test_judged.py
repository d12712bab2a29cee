"""What the verdict makes of streamed hunks: laws of the comparison."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.guard.model import Change, Fault, FaultKind, Verdict
from fastapply_lsp.session.hunks import Mark
from fastapply_lsp.session.judged import Label, compared, label
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.replacement import Replacement, apply_replacements
from tests.text.test_text_series import series_of

LINES = st.lists(st.sampled_from("abcdef"), max_size=14)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[str], list[Replacement], list[Replacement]]:
    """Draw a base, what was streamed, and what the verdict has; often they have much in common."""
    base = draw(LINES)
    streamed = draw(series_of(base))
    other = draw(series_of(base))
    judged = [each for each in streamed if draw(st.booleans())]
    free = [o for o in other if not any(o.span.touches(each.span) for each in judged)]
    return base, streamed, sorted([*judged, *free], key=lambda each: each.span)


@given(pairs())
def test_what_stays_and_what_comes_make_the_verdicts_text(
    pair: tuple[list[str], list[Replacement], list[Replacement]],
) -> None:
    base, streamed, judged = pair
    hunks = dict(enumerate(streamed, 1))
    found = compared(hunks, [Change(each) for each in judged], base)
    stay = [hunks[number] for number in found.kept]
    come = [change.replacement for change in found.coming]
    series = sorted([*stay, *come], key=lambda each: each.span)
    assert apply_replacements(base, series) == apply_replacements(base, judged)
    assert found.kept.keys() | found.withdrawn.keys() == hunks.keys()
    assert not found.kept.keys() & found.withdrawn.keys()
    assert all(number in found.kept for number, each in hunks.items() if each in judged)
    for number, indices in found.withdrawn.items():
        touching = [i for i, each in enumerate(come) if each.span.touches(hunks[number].span)]
        assert list(indices) == touching


@given(LINES, LINES)
def test_hunks_that_say_the_same_stay_whatever_the_diff(base: list[str], text: list[str]) -> None:
    whole = {1: Replacement(0, len(base), tuple(text))}
    changes = [Change(each, f"why {n}") for n, each in enumerate(diff_lines(base, text))]
    found = compared(whole, changes, base)
    if changes:
        assert list(found.kept) == [1]
        assert all(change.unrequested in found.kept[1] for change in changes)
    assert not found.coming


def test_the_mark_says_the_gravest() -> None:
    fatal = Fault(FaultKind.PROSE, "prose", None, fatal=True)
    doubt = Fault(FaultKind.SYNTAX, "2 errors", None, fatal=False)
    good, bad = Verdict("", (), (), (doubt,)), Verdict("", (), (), (fatal,))
    clean = Verdict("", (), (), ())
    assert label("", clean, "") == Label(Mark.NONE, "")
    assert label("", good, "") == Label(Mark.UNSURE, "2 errors")
    assert label("", good, "two places") == Label(Mark.UNSURE, "two places")
    assert label("not asked", good, "two places") == Label(Mark.UNREQUESTED, "not asked")
    assert label("", bad, "") == Label(Mark.REFUSED, "prose")
    assert label("not asked", bad, "") == Label(Mark.REFUSED, "not asked; prose")
