"""The current file, the dialogue and the code block, in the words that a backend expects."""
