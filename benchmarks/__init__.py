"""How fast is it, how small are its edits, how light is it? Figures beside their limits."""
