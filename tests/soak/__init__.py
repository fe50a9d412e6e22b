"""The whole program for a long while against many sites whose every answer is known afterwards.

wording.py   what pages say that are no article
world.py     sites, articles and what becomes of them: the truth
pages.py     how they look: stories, edits, templates and noise are those of tests/world
server.py    serves them, badly now and then, and logs each request
receiver.py  takes the alerts as a webhook, and refuses some
hurry.py     the program itself, its calendar compressed
faults.py    what strikes the daemon: kills, a lack of memory, a full disk
conduct.py   runs daemon, browser and command line side by side, and watches their health
truth.py     what the archive ought to hold, and what a kill may have lost of it
checks.py    truth and log against the archive: the criteria
aftermath.py those of the alerts and the faults

python -m tests.soak                 half an hour, 40 sites; --kills 0: nothing strikes
python -m tests.soak --short         two minutes and a half, for CI
"""
