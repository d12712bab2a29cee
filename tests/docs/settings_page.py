"""The table of docs/reference/settings.md, written from `fastapply_lsp.settings`.

Run ``python -m tests.docs.settings_page`` after a setting has changed; a test holds the page to it.
"""

from __future__ import annotations

import re
from pathlib import Path

from fastapply_lsp.settings import Setting, describe

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"

_TABLES = re.compile(r"(?<=<!-- generated: begin -->\n).*?(?=<!-- generated: end -->)", re.DOTALL)


def with_tables(page: str) -> str:
    """Return the page with its tables written anew."""
    assert _TABLES.search(page), "the page has lost its marks"
    return _TABLES.sub(lambda _: _tables(), page)


def _tables() -> str:
    sections: dict[str, list[Setting]] = {}
    for row in describe():
        sections.setdefault(row.name.rpartition(".")[0], []).append(row)
    return "".join(_section(name, rows) for name, rows in sections.items()) + "\n"


def _section(name: str, rows: list[Setting]) -> str:
    title = f"`[{name}]`" if name else "At the top of the file"
    lines = [
        f"\n### {title}\n",
        "| setting | what it does | may be | default |",
        "|---|---|---|---|",
    ]
    for row in rows:
        cells = [f"`{row.name}`", row.what, row.form, _default(row.default)]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _default(value: object) -> str:
    match value:
        case None | ():
            return "unset"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
        case _:
            return f"`{value}`"


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
