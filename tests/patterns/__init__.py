"""Every regular expression of the project, attacked by strings from its own tree.

    python -m tests.patterns

collecting.py   which patterns there are, and which of their methods are called
__main__.py     the command
"""
