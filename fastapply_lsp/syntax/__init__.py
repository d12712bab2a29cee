"""What the grammar says of a file: languages, definitions, markers, errors."""
