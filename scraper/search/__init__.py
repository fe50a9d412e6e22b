"""Search: what is asked for, how it may be spelt, and where it stands in a text."""
