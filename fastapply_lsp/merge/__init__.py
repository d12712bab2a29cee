"""Where does each part of a code_edit belong in the current file, and how sure is that?

``theirs`` is what the snippet has, ``ours`` is what the file has, in all modules of this room.
"""

from fastapply_lsp.merge.merge import merge

__all__ = ["merge"]
