"""Imported by the server that parser workers are forked from: what costs time is done there, once.

Compiling the classifier takes a third of a second, which each new worker would spend anew.
"""

from __future__ import annotations

from scraper.extract.classify import default_model
from scraper.extract.rules import default_rules

__all__: list[str] = []

default_model()
default_rules()
