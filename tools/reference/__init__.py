"""Keeps the results of a full run with the project, and README in line with them.

__main__.py   the command
files.py      which files of a results directory are kept
readme.py     README's table
picture.py    README's picture
"""
