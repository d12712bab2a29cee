"""Where each part of a code_edit belongs in the current file, and how sure that is."""
