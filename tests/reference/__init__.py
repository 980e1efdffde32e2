"""Keeps the results of a full run with the project, and README at what they say."""
