"""Judges what a text says and what became of it: pure functions, no network, clock or disk."""
