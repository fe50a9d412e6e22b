"""Cases: small inputs, each in a folder of its own with the right value; README.md has the format.

    python -m tests.cases [--without KIND] [FOLDER...]

__main__.py   the command
case.py       a case as it is read from its folder
compare.py    how what is expected is held against what came out
pages.py      kinds that need no archive: extract decode time feed sitemap address robots
archives.py   kinds that need one: versions search visits warc
running.py    each case in a process of its own, under a limit
"""
