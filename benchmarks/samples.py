"""What is measured on: generated files of any length, and the cases, where they are."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapply_lsp.evaluation.cases import Case, read_cases

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
_METHODS = 4

METHOD = '''\
    def method_{n}(self, amount: int, label: str = "x{n}") -> int:
        """Return the amount after step {n}."""
        total = amount + {n}
        for index in range({n} % 7):
            total += index * self.factor_{c}
        if label.startswith("{n}"):
            return total * 2
        return total

'''


@dataclass(frozen=True, slots=True)
class Sample:
    """A file before and after an edit, and the edit in each form, by the form's name."""

    lines: int
    original: str
    expected: str
    edits: dict[str, str]


@cache
def source(lines: int) -> str:
    """Return a Python file of ``lines`` lines: classes with methods, as code is."""
    pieces = ['"""Generated."""\n', "\n", "import math\n", "\n"]
    count = len(pieces)
    method = 0
    while count < lines:
        if method % _METHODS == 0:
            c = method // _METHODS
            piece = f"class Part{c}:\n    factor_{c} = {c + 2}\n\n"
        else:
            piece = ""
        piece += METHOD.format(n=method, c=method // _METHODS)
        pieces.append(piece)
        count += piece.count("\n")
        method += 1
    return "".join(f"{line}\n" for line in "".join(pieces).split("\n")[:lines])


@cache
def sample(lines: int) -> Sample:
    """Return a file with an edit in its middle, and the edit in every form."""
    original = source(lines)
    n = lines // 18  # a method that stands about in the middle
    c = n // _METHODS
    old = METHOD.format(n=n, c=c)
    new = old.replace("return total * 2", "return total * 3 + math.isqrt(total)").replace(
        f"total = amount + {n}\n", f"total = max(amount, 0)\n        total += {n}\n"
    )
    expected = original.replace(old, new)
    assert expected != original
    start = expected.index(f"class Part{c}:")
    whole_class = expected[start : expected.index(f"class Part{c + 1}:")].rstrip() + "\n"
    edits = {
        "lazy snippet": f"# ... existing code ...\n\nclass Part{c}:\n    # ... existing code ...\n\n"
        f"{new}    # ... existing code ...\n",
        "whole definition": whole_class,
        "unified diff": _diff(original, expected),
        "diff without numbers": _diff(original, expected, numbers=False),
        "search/replace": f"<<<<<<< SEARCH\n{old}=======\n{new}>>>>>>> REPLACE\n",
        "whole file": expected,
    }
    return Sample(lines, original, expected, edits)


def spread(lines: int, every: int) -> tuple[str, str]:
    """Return a file and the same with one line changed in every ``every`` lines."""
    before = source(lines).splitlines(keepends=True)
    after = [
        f"{line[:-1]}  # changed {at}\n" if at % every == every // 2 else line
        for at, line in enumerate(before)
    ]
    return "".join(before), "".join(after)


def cases() -> tuple[Case, ...]:
    """Return the cases of ``apply-dev`` and ``apply-dev-long``; none where they are not here."""
    return (*cases_of("apply-dev"), *cases_of("apply-dev-long"))


@cache
def cases_of(name: str) -> tuple[Case, ...]:
    """Return the cases of one file that count in figures; none where it is not here."""
    path = case_file(name)
    return tuple(case for case in read_cases(path) if not case.left_out) if path.exists() else ()


def case_file(name: str) -> Path:
    """Return where a file of cases should be, by its name without suffixes."""
    return Path(os.environ.get("FASTAPPLY_CASES") or _BESIDE) / f"{name}.jsonl.gz"


def _diff(old: str, new: str, *, numbers: bool = True) -> str:
    from fastapply_lsp.commands.unified_diff import unified_diff  # noqa: PLC0415 - only here

    lines = unified_diff(old, new, "parts.py")
    return "".join("@@ ... @@\n" if line[:2] == "@@" and not numbers else line for line in lines)
