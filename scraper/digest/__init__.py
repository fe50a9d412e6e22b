"""What happened in a period, for a reader at seven in the morning.

contents.py  gathered from the archive
formats.py   as text, Markdown, HTML, JSON: pure
"""
