"""What is a draft worth in a real engine: forward passes and seconds, side by side.

Random weights cannot write a file, so an oracle says which token comes at which place; the passes
are real, and what a draft saves of them is what it would save with a model that writes this file.
"""
