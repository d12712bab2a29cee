"""``python -m fastapply_lsp`` is the command ``fastapply``."""

from fastapply_lsp.cli import main

if __name__ == "__main__":
    main()
