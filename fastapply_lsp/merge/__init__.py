"""Where each part of a code_edit belongs in the current file, and how sure that is."""

from fastapply_lsp.merge.merge import merge

__all__ = ["merge"]
