"""A small newsroom on loopback, written by us, that publishes, edits and removes stories.

content/       outlets, stories and what becomes of them, corners that hold no article
templates/     how each outlet lays out its pages
markup.py      the stories' markup to HTML and to the lines that must come out
stories.py     a story at an instant
outlets.py     who publishes
feeds.py       RSS, Atom, JSON Feed, sitemaps
layout.py      templates, bylines, relative times, boxes between the paragraphs
pages.py       host, path and instant to a response
bulletin.py    an outlet that is redesigned, open only for one day of alerts
pictures.py    drawings in place of photographs
server.py      sockets, conditional requests, the log of hits
newsroom.py    `Newsroom`: all of it
"""

from __future__ import annotations

from scraper.demo.layout import Corner
from scraper.demo.newsroom import OPENS, PASSES, Newsroom, Truth, running_clock
from scraper.demo.server import Hit

__all__ = ["OPENS", "PASSES", "Corner", "Hit", "Newsroom", "Truth", "running_clock"]
