"""The whole program for a long while against many sites whose every answer is known afterwards.

wording.py   what pages say that are no article
world.py     sites, articles and what becomes of them: the truth
pages.py     how they look: stories, edits, templates and noise are those of tests/world
server.py    serves them, badly now and then, and logs each request
hurry.py     the program itself, its calendar compressed
conduct.py   runs daemon, browser and command line side by side, and watches their health
checks.py    truth and log against the archive: the criteria

python -m tests.soak --minutes 10 --articles 50
"""
