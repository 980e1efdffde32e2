"""What the rows say; takes rows, imports nothing that measures.

compare.py   which of two ways is faster, where repeats can tell
repeats.py   pairing repeats, and knowing when there are enough
summary.py   like put with like, repeats folded
choice.py    which to take under limits
before_after.py   two results directories, by the test of independent.py
pairing.py, unlike.py   which of their series belong together, and what those do not share
"""
