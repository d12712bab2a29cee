"""Values of text: lines, positions, edits, and the byte contract of a file."""
