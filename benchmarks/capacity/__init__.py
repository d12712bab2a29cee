"""How many GPUs do so many users need? A simulation of servers that take many applies at once."""
