"""fastapply-lsp: a code block from a chat streams into the editor as small edits."""

__version__ = "0.1.0"
