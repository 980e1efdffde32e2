"""What the rows say: comparisons and summaries, for the terminal and the report."""
