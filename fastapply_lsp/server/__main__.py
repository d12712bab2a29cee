"""``python -m fastapply_lsp.server``: the server without the command line around it."""

from __future__ import annotations

import sys

from fastapply_lsp.server.transport import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
