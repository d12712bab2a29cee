"""What the model will probably write next, as token ids. Pure, and of no engine."""
