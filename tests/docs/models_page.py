"""The table of hosts in docs/how-to/models.md, written from `fastapply_lsp.backends.hosts`.

Run ``python -m tests.docs.models_page`` after a row has changed; a test holds the page to it.
"""

from __future__ import annotations

import re
from pathlib import Path

from fastapply_lsp.backends.hosts import HOSTS, Host

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "models.md"

_TABLE = re.compile(r"(?<=<!-- generated: begin -->\n).*?(?=<!-- generated: end -->)", re.DOTALL)


def with_table(page: str) -> str:
    """Return the page with its table written anew."""
    assert _TABLE.search(page), "the page has lost its marks"
    return _TABLE.sub(lambda _: _table(), page)


def _table() -> str:
    lines = [
        "| host | models | rejected tokens | never beside a draft | its page |",
        "|---|---|---|---|---|",
        *(_row(host) for host in HOSTS),
    ]
    return "".join(f"{line}\n" for line in lines)


def _row(host: Host) -> str:
    models = ", ".join(f"`{name}…`" for name in host.models) or "the page names no list"
    bills = {True: "billed like output", False: "free", None: "the page does not say"}
    never = ", ".join(f"`{name}`" for name in sorted(host.forbidden)) or "nothing known"
    if host.within_limit:
        never += "; a draft longer than `max_tokens` is cut"
    page = f"[{host.name}]({host.source})"
    cells = (host.name, models, bills[host.bills_rejected], never, page)
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
