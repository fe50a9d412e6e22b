"""Publishers whose every edit is known, and the real pipeline that watches them, in simulated time.

wording.py     stories in English, Simplified and Traditional: sentences with slots, and true edits
layouts.py     how a site's pages look: one of very many compositions, drawn once for a site
model.py       a site, its stories and their lives; what it answers to a request at a moment
habits/        what publishers do that is no edit: times, counters, adverts, outages, moves …
addresses.py   one story under many addresses
pairs.py       two stories under nearly one
loop.py        an event loop whose waits take no time
harness.py     the program: one pass after another over a real archive (all imports from `scraper`)
worlds.py      a world drawn from a seed, and one made smaller
invariants.py  what must hold of the archive when all is over
shrinking.py   the smallest world that still fails
playing.py     one world: played whole, in parts where the program is killed, or over sockets
running.py     worlds side by side in processes

python -m tests.world --seeds 20
python -m tests.world --seed 7
"""
