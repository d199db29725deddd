"""Reads captions back into facts with its own words and rules: a second witness beside the writer of captions."""
