"""Imported by the server that parser workers are forked from: what costs time is done there, once.

Compiling the classifier takes a third of a second, which each new worker would spend anew.
"""

from __future__ import annotations

from scraper.extraction.boilerplate_rules import default_rules, heading_finders, line_finders
from scraper.extraction.classifier import default_model

__all__: list[str] = []

default_model()
line_finders(default_rules())
heading_finders(default_rules())
