"""How is the user's typing spared Python's garbage collector? By full passes that are rare and short.

A full pass looks at every container that there is, grammars and libraries included, while nothing
else runs: 30 ms of a CPU while the server loads, and 45 to 50 ms after each 40 edits or so of a
file of 2,500 lines. What is loaded stays for good, so it is taken out of the passes (`settle`), and
full passes become as rare as their price wants it (`spare`). Then the longest pass in a session of
80 such edits takes 3 ms, and a full one, when its time has come, 15.
"""

from __future__ import annotations

import gc

FULL_AFTER = 100
"""Passes over the middle generation before a full one; Python's own number is 10."""


def spare() -> None:
    """Make full passes rare; call it before anything is loaded."""
    young, middle, _ = gc.get_threshold()
    gc.set_threshold(young, middle, FULL_AFTER)


def settle() -> None:
    """Have no pass look again at what there is now: call it when something was loaded for good.

    What is garbage in this moment and refers to itself is never freed, so call it seldom.
    """
    gc.freeze()
