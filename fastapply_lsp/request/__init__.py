"""What is asked: the edit_file call, its dialogue, its target and its code block."""
