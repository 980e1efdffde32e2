"""What the rows say; takes rows and DataFrames, imports nothing that measures.

compare.py   which of two ways is faster, where repeats can tell
"""
