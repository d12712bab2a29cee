"""`fastapply eval run`: which cases does a backend get right, and how fast?"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import aclosing
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from fastapply_lsp.backends.registry import Backends
from fastapply_lsp.commands.evaluation_table import print_comparison, print_report
from fastapply_lsp.commands.logbook import open_log
from fastapply_lsp.errors import Unreadable
from fastapply_lsp.evaluation.cases import read_cases
from fastapply_lsp.evaluation.model import report
from fastapply_lsp.evaluation.run import run_cases
from fastapply_lsp.files.settings_sources import load

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from fastapply_lsp.evaluation.cases import Case
    from fastapply_lsp.evaluation.model import Report, Score, Tally


def run(
    cases: str, backend: str, out: str | None, *, dialects: Sequence[str] = (), as_json: bool
) -> int:
    """Run the cases of a file, print the figures; return the exit code.

    The cases run once for each of the ``dialects``; without any, as the settings say.

    Raises:
        Unreadable: the cases cannot be read, or the results not be written.
        SettingsError: the settings do not allow the backend.
        BackendUnreachable: nobody answers at its address.
    """
    read = read_cases(Path(cases))
    if not read:
        raise Unreadable(cases, "it holds no case")
    try:
        with open(out or os.devnull, "w", encoding="utf-8", newline="\n") as results:  # noqa: PTH123
            told = [_report(read, backend, dialect, results) for dialect in dialects or (None,)]
    except OSError as error:
        raise Unreadable(out or os.devnull, error.strerror or str(error)) from error
    if as_json:
        one, several = _report_json(told[0]), {"backend": backend, "by_dialect": {}}
        several["by_dialect"] = {str(each.dialect): _report_json(each) for each in told}
        click.echo(json.dumps(one if len(told) == 1 else several, indent=2))
    else:
        for each in told:
            print_report(each)
        if len(told) > 1:
            print_comparison(told)
    return 0


def _report(cases: Sequence[Case], backend: str, dialect: str | None, results: IO[str]) -> Report:
    told_of = _Progress(len(cases), results, dialect)
    scores = asyncio.run(_scores(cases, backend, dialect, told_of.take))
    return report(backend, scores, dialect=dialect)


class _Progress:
    """Writes each score as it comes, and says in a terminal how many there are."""

    def __init__(self, total: int, results: IO[str], dialect: str | None) -> None:
        self._total = total
        self._results = results
        self._dialect = dialect
        self._taken = 0
        self._shows = sys.stderr.isatty()

    def take(self, score: Score) -> None:
        """Take one score."""
        _write(self._results, score, self._dialect)
        self._taken += 1
        if self._shows:
            end = "\n" if self._taken == self._total else ""
            asked = "" if self._dialect is None else f" with {self._dialect}"
            said = f"\r{self._taken} of {self._total} cases{asked}{end}"
            click.echo(said, nl=False, err=True)


async def _scores(
    cases: Iterable[Case], backend: str, dialect: str | None, done: Callable[[Score], None]
) -> tuple[Score, ...]:
    asked: dict[str, Any] = {"backend": backend}
    if dialect is not None:
        asked["openai"] = {"dialect": dialect}
    settings = load(os.environ, call=asked).settings
    open_log(settings)
    async with aclosing(Backends(settings)) as backends:
        return await run_cases(cases, backends, backend=backend, done=done)


def _write(results: IO[str], score: Score, dialect: str | None) -> None:
    line: dict[str, Any] = {
        "id": score.id,
        "exact": score.exact,
        "certain": score.certain,
        "reasons": list(score.reasons),
        "ms": round(score.ms, 3),
        "style": score.style,
        "language": score.language,
    }
    if dialect is not None:
        line["dialect"] = dialect
    if score.passes is not None:
        line["passes"] = score.passes
    if score.fell_back:
        line["fell_back"] = True
    if score.error is not None:
        line["error"] = score.error
    if score.left_out:
        line["left_out"] = True
    results.write(json.dumps(line, ensure_ascii=False) + "\n")


def _report_json(told: Report) -> dict[str, Any]:
    named = {} if told.dialect is None else {"dialect": told.dialect}
    return {
        "backend": told.backend,
        **named,
        **_tally_json(told.total),
        "left_out": told.left_out,
        "by_style": {name: _tally_json(each) for name, each in told.by_style.items()},
        "by_language": {name: _tally_json(each) for name, each in told.by_language.items()},
    }


def _tally_json(tally: Tally) -> dict[str, Any]:
    return {
        "n": tally.n,
        "exact": tally.exact,
        "certain": tally.certain,
        "certain_and_exact": tally.certain_and_exact,
        "errors": tally.errors,
        "ms": {"median": round(tally.ms_median, 3), "p95": round(tally.ms_p95, 3)},
        "passes": tally.passes,
        "fell_back": tally.fell_back,
    }
