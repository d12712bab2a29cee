"""How good is it? Cases with known answers, run through the very same apply, and the figures."""
