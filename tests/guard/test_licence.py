"""What may change, in the original's lines and in those of a file made of it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.guard.licence import licence_of
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements
from fastapply_lsp.text.series import written_spans

LINES = [f"{number}\n" for number in range(12)]
SPANS = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 12)).map(lambda pair: Span(*sorted(pair))),
    max_size=4,
)


@st.composite
def series(draw: st.DrawFn) -> list[Replacement]:
    made: list[Replacement] = []
    for span in sorted(draw(SPANS)):
        put = tuple(f"new{span.start}_{at}\n" for at in range(draw(st.integers(0, 3))))
        if (len(span) or put) and (not made or made[-1].end < span.start):
            made.append(Replacement(span.start, span.end, put))
    return made


@given(spans=SPANS, replacements=series())
def test_the_image_holds_what_is_new_and_what_was_licensed(
    spans: list[Span], replacements: list[Replacement]
) -> None:
    result = apply_replacements(LINES, replacements)
    licence = licence_of(LINES, spans)
    image = licence.image(replacements, result)
    assert all(image.holds(written) for written in written_spans(replacements))
    for number, line in enumerate(result):
        span = Span(number, number + 1)
        if line in LINES:
            at = LINES.index(line)
            assert image.holds(span) is licence.holds(Span(at, at + 1)), line
        else:
            assert image.holds(span)


@given(spans=SPANS, one=st.integers(0, 12), two=st.integers(0, 12))
def test_touching_is_sharing_a_line_or_a_boundary(spans: list[Span], one: int, two: int) -> None:
    span = Span(min(one, two), max(one, two))
    licence = licence_of(LINES, spans)
    assert licence.touches(span) is any(other.touches(span) for other in spans)
    assert licence.touches(span) or not licence.holds(span)
    assert licence.reaches(Replacement(span.start, span.end, ())) is licence.touches(span)


def test_a_loss_reaches_as_far_as_equal_lines_let_it_slide() -> None:
    licence = licence_of([*"ab}c}d}e"], [Span(7, 7)])
    assert not licence.reaches(Replacement(2, 4, ()))
    assert licence.reaches(Replacement(4, 6, ()))
