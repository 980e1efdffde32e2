"""One module a strategy; the file's name is the strategy's name; ``_name.py`` is shared by several."""
