"""Does the harness tell equal from different? Tried on simulated and on real runs whose truth is known."""
