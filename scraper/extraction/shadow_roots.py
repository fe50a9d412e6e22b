"""Declarative shadow roots: the parts of a page that a browser shows in the place of a template.

``<template shadowrootmode>`` (https://html.spec.whatwg.org/multipage/scripting.html) gives its
parent a shadow tree. Browsers show that tree, with the parent's own children in its slots; a parser
keeps it out of the document. Other templates are shown by scripts only, and stay out.
"""

from __future__ import annotations

from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

__all__ = ["open_shadow_roots"]

# The old attribute is what Chrome 90 to 110 read.
_MODES: Final = ("shadowrootmode", "shadowroot")
_DEEPEST: Final = 30  # shadow roots within shadow roots
_MOST: Final = 2_000


def open_shadow_roots(tree: LexborHTMLParser) -> None:
    """Put the declarative shadow roots of a page where browsers show them.

    Args:
        tree: the parsed page; it is changed.
    """
    opened: set[int] = set()  # an element has one shadow root, that of its first such template
    for _ in range(_DEEPEST):
        before = len(opened)
        for fragment in tree.template_fragments():
            template = fragment.parent
            host = template.parent if template is not None else None
            if template is None or host is None or host.mem_id in opened or not _is_root(template):
                continue
            if len(opened) < _MOST:
                opened.add(host.mem_id)
                _open(fragment, template)
        if len(opened) == before:
            return


def _is_root(template: LexborNode) -> bool:
    attributes = template.attributes
    return any((attributes.get(mode) or "").lower() in ("open", "closed") for mode in _MODES)


def _open(fragment: LexborNode, template: LexborNode) -> None:
    """Put a shadow tree in the place of its template, and the host's children into its slots."""
    light: dict[str, list[LexborNode]] = {}
    for node in _siblings(template):
        light.setdefault(_slot_of(node), []).append(node)
    for slot in fragment.css("slot"):
        # The first slot of a name takes the children that ask for it.
        _fill(slot, light.pop(slot.attributes.get("name") or "", []))
    child = fragment.first_child
    while child is not None:
        following = child.next
        template.insert_before(child, move=True)
        child = following
    template.remove()


def _siblings(template: LexborNode) -> list[LexborNode]:
    """Return the other children of the template's parent, in order."""
    host = template.parent
    found: list[LexborNode] = []
    child = host.first_child if host is not None else None
    while child is not None:
        if child.mem_id != template.mem_id:
            found.append(child)
        child = child.next
    return found


def _slot_of(node: LexborNode) -> str:
    return (node.attributes.get("slot") or "") if node.is_element_node else ""


def _fill(slot: LexborNode, nodes: list[LexborNode]) -> None:
    """Move nodes into a slot, in the place of what it shows otherwise."""
    if not any(node.is_element_node or (node.text_content or "").strip() for node in nodes):
        return
    child = slot.first_child
    while child is not None:
        following = child.next
        child.remove()
        child = following
    for node in nodes:
        slot.insert_child(node, move=True)
