"""Queries as the full-text index takes them (https://sqlite.org/fts5.html#full_text_query_syntax)."""

from __future__ import annotations

from scraper.record import record
from scraper.search.query import Any, Filter, Node, Not, Term
from scraper.search.spellings import Spelling, spellings
from scraper.search.terms import BY_AUTHOR, IN_TITLE

__all__ = ["NOTHING", "Match", "match_of"]

# What no article matches: an empty query is an error.
NOTHING = '""'


@record
class Match:
    """A query for the index.

    Attributes:
        expression: what all articles match that are looked for; "" where all may be.
        exact: whether all that match it are looked for, conditions aside.
    """

    expression: str
    exact: bool


_ALL = Match(expression="", exact=False)


def match_of(node: Node, mark: str = "") -> Match:
    """Return the query of the index for a tree.

    Args:
        node: the tree.
        mark: "" for all articles; `terms.IN_TITLE` or `terms.OFTEN` for those that are most about
            its words.
    """
    if isinstance(node, Term):
        return _of_term(node, mark)
    if isinstance(node, Filter):
        return _of_author(node) if node.field == "author" else _ALL
    if isinstance(node, Not):
        return _ALL
    made = [(part, match_of(part, mark)) for part in node.parts if not isinstance(part, Not)]
    if isinstance(node, Any):
        if len(made) < len(node.parts) or any(not match.expression for _, match in made):
            return _ALL
        expression = " OR ".join(f"({match.expression})" for _, match in made)
        return Match(expression=expression, exact=all(match.exact for _, match in made))
    exact = all(match.exact or isinstance(part, Filter) for part, match in made)
    expression = " AND ".join(f"({match.expression})" for _, match in made if match.expression)
    for part in node.parts:
        if not isinstance(part, Not):
            continue
        without = match_of(part.part)
        if without.exact and expression:
            expression = f"({expression}) NOT ({without.expression})"
        else:
            exact = False
    return Match(expression=expression, exact=exact)


def _of_term(term: Term, mark: str) -> Match:
    found = spellings(term)
    if not found:
        return Match(expression=NOTHING, exact=True)
    mark = IN_TITLE if term.in_title else mark
    return Match(
        expression=" OR ".join(f"({_of_spelling(spelling, mark)})" for spelling in found),
        exact=all(spelling.exact for spelling in found),
    )


def _of_author(node: Filter) -> Match:
    found = spellings(Term(text=node.value))
    expression = " OR ".join(f"({_of_spelling(spelling, BY_AUTHOR)})" for spelling in found)
    return Match(expression=expression or NOTHING, exact=all(one.exact for one in found))


def _of_spelling(spelling: Spelling, mark: str) -> str:
    return " AND ".join(
        '"' + term.replace('"', '""') + '"' + ("*" if goes_on else "")
        for term, goes_on in spelling.terms(mark)
    )
