"""Cases through the conductor, with backends that do well, fail, or break."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.model import Backend
from fastapply_lsp.backends.scripted import ADDRESS, Fail, Script, ScriptedBackend, chunked, whole
from fastapply_lsp.errors import BackendRefused, BackendUnreachable, SettingsError
from fastapply_lsp.evaluation.cases import Case
from fastapply_lsp.evaluation.model import Score
from fastapply_lsp.evaluation.run import run_cases
from fastapply_lsp.merge.model import Merge

EDIT = "<<<<<<< SEARCH\nb = 2\n=======\nb = 3\n>>>>>>> REPLACE\n"
CASE = Case("1", "a = 1\nb = 2\n", EDIT, "a = 1\nb = 3\n", "x.py", chat="## User\nb is 3.\n")


def scores(cases: Sequence[Case], backend: Backend) -> tuple[Score, ...]:
    return asyncio.run(run_cases(cases, lambda *_: (backend,)))


@pytest.mark.parametrize("original", [CASE.original, "\ufeffa = 1\r\nb = 2\r\n", "b = 2"])
def test_the_embedded_backend_is_exact_to_the_last_character(original: str) -> None:
    expected = original.replace("b = 2", "b = 3")
    case = Case("1", original, EDIT, expected, "x.py")
    (score,) = scores([case], EmbeddedBackend())
    assert (score.exact, score.certain, score.error) == (True, True, None)
    assert score.ms > 0


def test_a_line_end_more_is_not_exact() -> None:
    wrong = Case("1", CASE.original, EDIT, "a = 1\nb = 3\n\n", "x.py")
    assert scores([wrong], EmbeddedBackend())[0].exact is False


@pytest.mark.parametrize("seed", range(5))
def test_a_models_rewrite_counts_however_it_is_cut(seed: int) -> None:
    backend = ScriptedBackend(chunked(CASE.expected, seed, longest=3))
    assert scores([CASE], backend)[0].exact is True


def test_the_dialogue_reaches_the_backend() -> None:
    backend = ScriptedBackend(whole(CASE.expected))
    scores([CASE], backend)
    assert [one.content for one in backend.requests[0].call.messages] == ["b is 3."]


def test_a_failure_is_a_score_with_its_error() -> None:
    refusal = Script((Fail(BackendRefused(ADDRESS, 500, "no")),))
    backend = ScriptedBackend(refusal, whole(CASE.expected))
    first, second = scores([CASE, CASE], backend)
    assert first.exact is False
    assert "status 500" in (first.error or "")
    assert second.exact is True


def test_nobody_there_ends_the_run_at_the_first_case_only() -> None:
    gone = Script((Fail(BackendUnreachable(ADDRESS, "gone")),))
    with pytest.raises(BackendUnreachable):
        scores([CASE], ScriptedBackend(gone))
    later = scores([CASE, CASE], ScriptedBackend(whole(CASE.expected), gone))
    assert [score.error is None for score in later] == [True, False]


def test_a_setting_that_cannot_be_used_ends_the_run() -> None:
    def refuse(merge: Merge, named: str | None) -> Sequence[Backend]:
        raise SettingsError("backend", "there is none", "the call")

    with pytest.raises(SettingsError):
        asyncio.run(run_cases([CASE], refuse))


def test_a_fault_of_ours_costs_one_case_only() -> None:
    def stumble(merge: Merge, named: str | None) -> Sequence[Backend]:
        if not told:
            raise ZeroDivisionError
        return (EmbeddedBackend(),)

    told: list[Score] = []
    ran = asyncio.run(run_cases([CASE, CASE], stumble, done=told.append))
    assert tuple(told) == ran
    assert "ZeroDivisionError" in (ran[0].error or "")
    assert ran[1].exact is True
