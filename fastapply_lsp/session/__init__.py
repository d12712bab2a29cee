"""The story of one apply: a state machine without input or output."""
